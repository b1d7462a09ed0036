#include <stddef.h>
#include "Kernels.h"
#include "clones.h"

CLONES void kernels_residual_sum(const float *restrict input, const float *restrict scale,
                                 const float *restrict shift, const float *restrict shortcut,
                                 const float *restrict shortcut_scale,
                                 const float *restrict shortcut_shift, float *restrict output,
                                 long rows, long channels) {
  for (long r = 0; r < rows; ++r) {
    const float *x = input + r * channels;
    const float *s = shortcut + r * channels;
    float *y = output + r * channels;
    if (shortcut_scale != NULL) {
      for (long c = 0; c < channels; ++c) {
        const float v = x[c] * scale[c] + shift[c] + (s[c] * shortcut_scale[c] + shortcut_shift[c]);
        y[c] = v > 0 ? v : 0;
      }
    } else {
      for (long c = 0; c < channels; ++c) {
        const float v = x[c] * scale[c] + shift[c] + s[c];
        y[c] = v > 0 ? v : 0;
      }
    }
  }
}

CLONES void kernels_rectified_gradient(const float *restrict output_gradient,
                                       const float *restrict output,
                                       float *restrict input_gradient, long count) {
  for (long i = 0; i < count; ++i) input_gradient[i] = output[i] > 0 ? output_gradient[i] : 0;
}
