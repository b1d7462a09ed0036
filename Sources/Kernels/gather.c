#include <string.h>
#include "Kernels.h"
#include "clones.h"

CLONES void kernels_transpose(const float *restrict input, float *restrict output, long rows,
                              long columns) {
  for (long c0 = 0; c0 < columns; c0 += 16)
    for (long r = 0; r < rows; ++r)
      for (long c = c0; c < c0 + 16 && c < columns; ++c)
        output[c * rows + r] = input[r * columns + c];
}

CLONES void kernels_gather_taps(const float *restrict image, long image_width, long width,
                                long channels, long kernel_size, long dilation,
                                float *restrict columns) {
  for (long x = 0; x < width; ++x) {
    for (long ky = 0; ky < kernel_size; ++ky) {
      const float *from = image + (ky * dilation * image_width + x) * channels;
      if (dilation == 1) {
        const long run = kernel_size * channels;
        for (long i = 0; i < run; ++i) columns[i] = from[i];
        columns += run;
      } else {
        for (long kx = 0; kx < kernel_size; ++kx) {
          for (long c = 0; c < channels; ++c) columns[c] = from[kx * dilation * channels + c];
          columns += channels;
        }
      }
    }
  }
}
