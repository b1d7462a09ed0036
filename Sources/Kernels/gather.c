#include <string.h>
#include "Kernels.h"
#include "clones.h"

// Blocks of 16 × 16 go through a copy, from which whole runs are written.
CLONES void kernels_transpose(const float *restrict input, long row_stride,
                              float *restrict output, long rows, long columns) {
  enum { side = 16 };
  for (long r0 = 0; r0 < rows; r0 += side)
    for (long c0 = 0; c0 < columns; c0 += side) {
      const long height = rows - r0 < side ? rows - r0 : side;
      const long width = columns - c0 < side ? columns - c0 : side;
      if (height == side && width == side) {
        float block[side][side];
        for (long r = 0; r < side; ++r)
          for (long c = 0; c < side; ++c) block[c][r] = input[(r0 + r) * row_stride + c0 + c];
        for (long c = 0; c < side; ++c)
          memcpy(output + (c0 + c) * rows + r0, block[c], sizeof block[c]);
      } else {
        for (long c = c0; c < c0 + width; ++c)
          for (long r = r0; r < r0 + height; ++r)
            output[c * rows + r] = input[r * row_stride + c];
      }
    }
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
