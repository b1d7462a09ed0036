#include "Kernels.h"
#include "clones.h"

static inline long at_least(long value, long bound) { return value < bound ? bound : value; }
static inline long at_most(long value, long bound) { return value > bound ? bound : value; }

CLONES void kernels_max_pool_row(const float *restrict image, long image_width, long top,
                                 long bottom, long size, long stride, long padding,
                                 float *restrict output, long width, long channels) {
  for (long x = 0; x < width; ++x) {
    const long left = at_least(x * stride - padding, 0);
    const long right = at_most(x * stride - padding + size, image_width);
    float *out = output + x * channels;
    const float *first = image + (top * image_width + left) * channels;
    for (long c = 0; c < channels; ++c) out[c] = first[c];
    for (long row = top; row < bottom; ++row)
      for (long column = left; column < right; ++column) {
        const float *in = image + (row * image_width + column) * channels;
        for (long c = 0; c < channels; ++c) out[c] = in[c] > out[c] ? in[c] : out[c];
      }
  }
}

CLONES void kernels_max_pool_row_gradient(const float *restrict output_gradient,
                                          const float *restrict image, long image_width, long top,
                                          long bottom, long size, long stride, long padding,
                                          float *restrict input_gradient, long width,
                                          long channels) {
  enum { block = 64 };
  float largest[block], pending[block];
  for (long x = 0; x < width; ++x) {
    const long left = at_least(x * stride - padding, 0);
    const long right = at_most(x * stride - padding + size, image_width);
    for (long from = 0; from < channels; from += block) {
      const long n = at_most(channels - from, block);
      const float *dy = output_gradient + x * channels + from;
      const float *first = image + (top * image_width + left) * channels + from;
      for (long c = 0; c < n; ++c) {
        largest[c] = first[c];
        pending[c] = dy[c];
      }
      for (long row = top; row < bottom; ++row)
        for (long column = left; column < right; ++column) {
          const float *in = image + (row * image_width + column) * channels + from;
          for (long c = 0; c < n; ++c) largest[c] = in[c] > largest[c] ? in[c] : largest[c];
        }
      for (long row = top; row < bottom; ++row)
        for (long column = left; column < right; ++column) {
          const long at = (row * image_width + column) * channels + from;
          for (long c = 0; c < n; ++c) {
            const int here = image[at + c] == largest[c];
            input_gradient[at + c] += here ? pending[c] : 0;
            pending[c] = here ? 0 : pending[c];
          }
        }
    }
  }
}

CLONES void kernels_average_pool_row(const float *restrict image, long image_width, long top,
                                     long size, long stride, float *restrict output, long width,
                                     long channels) {
  const float share = 1.0f / (float)(size * size);
  for (long x = 0; x < width; ++x) {
    float *out = output + x * channels;
    for (long c = 0; c < channels; ++c) out[c] = 0;
    for (long row = top; row < top + size; ++row)
      for (long column = x * stride; column < x * stride + size; ++column) {
        const float *in = image + (row * image_width + column) * channels;
        for (long c = 0; c < channels; ++c) out[c] += in[c];
      }
    for (long c = 0; c < channels; ++c) out[c] *= share;
  }
}

CLONES void kernels_average_pool_row_gradient(const float *restrict output_gradient,
                                              long image_width, long top, long size, long stride,
                                              float *restrict input_gradient, long width,
                                              long channels) {
  const float share = 1.0f / (float)(size * size);
  for (long x = 0; x < width; ++x) {
    const float *dy = output_gradient + x * channels;
    for (long row = top; row < top + size; ++row)
      for (long column = x * stride; column < x * stride + size; ++column) {
        float *in = input_gradient + (row * image_width + column) * channels;
        for (long c = 0; c < channels; ++c) in[c] += share * dy[c];
      }
  }
}
