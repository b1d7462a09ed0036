#include "Kernels.h"
#include "clones.h"

CLONES void kernels_resize_row(const float *restrict above, const float *restrict below,
                               float lower_fraction, const long *restrict left,
                               const long *restrict right, const float *restrict fraction,
                               float *restrict output, long width, long channels) {
  const float up = 1 - lower_fraction;
  for (long x = 0; x < width; ++x) {
    const float *al = above + left[x] * channels, *ar = above + right[x] * channels;
    const float *bl = below + left[x] * channels, *br = below + right[x] * channels;
    const float f = fraction[x], e = 1 - f;
    for (long c = 0; c < channels; ++c)
      output[x * channels + c] =
          up * (e * al[c] + f * ar[c]) + lower_fraction * (e * bl[c] + f * br[c]);
  }
}

CLONES void kernels_resize_row_gradient(const float *restrict output_gradient, float weight,
                                        const long *restrict left, const long *restrict right,
                                        const float *restrict fraction,
                                        float *restrict input_gradient, long width,
                                        long channels) {
  for (long x = 0; x < width; ++x) {
    float *l = input_gradient + left[x] * channels;
    const float *dy = output_gradient + x * channels;
    const float f = weight * fraction[x], e = weight - f;
    for (long c = 0; c < channels; ++c) l[c] += e * dy[c];
    float *r = input_gradient + right[x] * channels;
    for (long c = 0; c < channels; ++c) r[c] += f * dy[c];
  }
}
