#include <string.h>
#include "Kernels.h"
#include "clones.h"

// Channels that go through a window's pixels together, in registers and the first-level cache.
enum { block = 64 };

static inline long at_least(long value, long bound) { return value < bound ? bound : value; }
static inline long at_most(long value, long bound) { return value > bound ? bound : value; }

CLONES void kernels_normalised_pool_row(const float *restrict image, long image_width, long top,
                                        long bottom, long size, long padding,
                                        const float *restrict scale, const float *restrict shift,
                                        float *restrict output, long width, long channels) {
  for (long x = 0; x < width; ++x) {
    const long left = at_least(x * size - padding, 0);
    const long right = at_most(x * size - padding + size, image_width);
    float *out = output + x * channels;
    memset(out, 0, (size_t)channels * sizeof *out);
    for (long row = top; row < bottom; ++row)
      for (long column = left; column < right; ++column) {
        const float *in = image + (row * image_width + column) * channels;
        for (long c = 0; c < channels; ++c) {
          const float v = in[c] * scale[c] + shift[c];
          out[c] = v > out[c] ? v : out[c];
        }
      }
  }
}

// The first largest of the window's n normalised channels, and the gradient that reaches it: none
// where it was cut at zero.
static inline __attribute__((always_inline)) void window_largest(
    const float *restrict image, long image_width, long channels, long top, long bottom, long left,
    long right, const float *restrict scale, const float *restrict shift,
    const float *restrict output_gradient, long n, float *restrict pixel,
    float *restrict gradient) {
  float largest[block];
  const float *first = image + (top * image_width + left) * channels;
  for (long c = 0; c < n; ++c) {
    pixel[c] = first[c];
    largest[c] = first[c] * scale[c] + shift[c];
  }
  for (long row = top; row < bottom; ++row)
    for (long column = left; column < right; ++column) {
      const float *in = image + (row * image_width + column) * channels;
      for (long c = 0; c < n; ++c) {
        const float v = in[c] * scale[c] + shift[c];
        const int larger = v > largest[c];
        largest[c] = larger ? v : largest[c];
        pixel[c] = larger ? in[c] : pixel[c];
      }
    }
  for (long c = 0; c < n; ++c) gradient[c] = largest[c] > 0 ? output_gradient[c] : 0;
}

CLONES void kernels_normalised_pool_sums(const float *restrict output_gradient,
                                         const float *restrict image, long image_width, long top,
                                         long bottom, long size, long padding,
                                         const float *restrict scale, const float *restrict shift,
                                         const float *restrict mean,
                                         const float *restrict inverse, long width, long channels,
                                         double *restrict sum, double *restrict product) {
  float pixel[block], gradient[block], s[block], q[block];
  for (long from = 0; from < channels; from += block) {
    const long n = at_most(channels - from, block);
    memset(s, 0, sizeof s);
    memset(q, 0, sizeof q);
    for (long x = 0; x < width; ++x) {
      window_largest(image + from, image_width, channels, top, bottom,
                     at_least(x * size - padding, 0),
                     at_most(x * size - padding + size, image_width), scale + from, shift + from,
                     output_gradient + x * channels + from, n, pixel, gradient);
      for (long c = 0; c < n; ++c) {
        s[c] += gradient[c];
        q[c] += gradient[c] * (pixel[c] - mean[from + c]);
      }
    }
    for (long c = 0; c < n; ++c) {
      sum[from + c] += s[c];
      product[from + c] += (double)q[c] * inverse[from + c];
    }
  }
}

CLONES void kernels_normalised_pool_gradient(
    const float *restrict output_gradient, const float *restrict image, long image_width, long top,
    long bottom, long size, long padding, const float *restrict scale,
    const float *restrict shift, const float *restrict mean, const float *restrict offset,
    const float *restrict slope, float *restrict input_gradient, long width, long channels) {
  float pixel[block], pending[block];
  for (long x = 0; x < width; ++x) {
    const long left = at_least(x * size - padding, 0);
    const long right = at_most(x * size - padding + size, image_width);
    for (long from = 0; from < channels; from += block) {
      const long n = at_most(channels - from, block);
      const float *a = scale + from, *b = offset + from, *m = slope + from, *mu = mean + from;
      window_largest(image + from, image_width, channels, top, bottom, left, right, a,
                     shift + from, output_gradient + x * channels + from, n, pixel, pending);
      for (long row = top; row < bottom; ++row)
        for (long column = left; column < right; ++column) {
          const long at = (row * image_width + column) * channels + from;
          for (long c = 0; c < n; ++c) {
            const float in = image[at + c];
            const int here = in == pixel[c];
            const float g = here ? pending[c] : 0;
            pending[c] = here ? 0 : pending[c];
            input_gradient[at + c] = a[c] * g - (b[c] + m[c] * (in - mu[c]));
          }
        }
    }
  }
}

CLONES void kernels_unpooled_gradient(const float *restrict image, const float *restrict mean,
                                      const float *restrict offset, const float *restrict slope,
                                      float *restrict input_gradient, long pixels, long channels) {
  for (long p = 0; p < pixels; ++p)
    for (long c = 0; c < channels; ++c) {
      const long at = p * channels + c;
      input_gradient[at] = -(offset[c] + slope[c] * (image[at] - mean[c]));
    }
}
