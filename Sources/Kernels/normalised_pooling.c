#include <string.h>
#include "Kernels.h"
#include "clones.h"

// Channels that go through a window's pixels together, in registers and the first-level cache.
enum { block = 64 };

static inline long at_least(long value, long bound) { return value < bound ? bound : value; }
static inline long at_most(long value, long bound) { return value > bound ? bound : value; }

// Of a row of windows, first..<last are 2 × 2 pixels wholly inside the image, as nearly all windows
// are: they have loops of their own over the channels of all four pixels at once.
static inline void whole_windows(long size, long top, long bottom, long padding, long image_width,
                                 long width, long *first, long *last) {
  const long begin = (padding + 1) / 2, end = at_most((image_width + padding) / 2, width);
  const int any = size == 2 && bottom - top == 2 && begin < end;
  *first = any ? begin : width;
  *last = any ? end : width;
}

static inline float larger(float a, float b) { return a > b ? a : b; }

static inline __attribute__((always_inline)) void pool_windows(
    const float *restrict image, long image_width, long top, long bottom, long size, long padding,
    const float *restrict scale, const float *restrict shift, float *restrict output, long from,
    long until, long channels) {
  for (long x = from; x < until; ++x) {
    const long left = at_least(x * size - padding, 0);
    const long right = at_most(x * size - padding + size, image_width);
    float *out = output + x * channels;
    memset(out, 0, (size_t)channels * sizeof *out);
    for (long row = top; row < bottom; ++row)
      for (long column = left; column < right; ++column) {
        const float *in = image + (row * image_width + column) * channels;
        for (long c = 0; c < channels; ++c) out[c] = larger(in[c] * scale[c] + shift[c], out[c]);
      }
  }
}

CLONES void kernels_normalised_pool_row(const float *restrict image, long image_width, long top,
                                        long bottom, long size, long padding,
                                        const float *restrict scale, const float *restrict shift,
                                        float *restrict output, long width, long channels) {
  long first, last;
  whole_windows(size, top, bottom, padding, image_width, width, &first, &last);
  pool_windows(image, image_width, top, bottom, size, padding, scale, shift, output, 0, first,
               channels);
  for (long x = first; x < last; ++x) {
    const float *p0 = image + (top * image_width + 2 * x - padding) * channels;
    const float *p1 = p0 + channels;
    const float *p2 = p0 + image_width * channels;
    const float *p3 = p2 + channels;
    float *out = output + x * channels;
    for (long c = 0; c < channels; ++c) {
      const float a = scale[c], b = shift[c];
      const float upper = larger(p0[c] * a + b, p1[c] * a + b);
      const float lower = larger(p2[c] * a + b, p3[c] * a + b);
      out[c] = larger(larger(upper, lower), 0);
    }
  }
  pool_windows(image, image_width, top, bottom, size, padding, scale, shift, output, last, width,
               channels);
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
  long first, last;
  whole_windows(size, top, bottom, padding, image_width, width, &first, &last);
  for (long from = 0; from < channels; from += block) {
    const long n = at_most(channels - from, block);
    const float *a = scale + from, *b = shift + from, *mu = mean + from;
    memset(s, 0, sizeof s);
    memset(q, 0, sizeof q);
    for (long x = 0; x < width; ++x) {
      const float *dy = output_gradient + x * channels + from;
      if (x >= first && x < last) {
        const float *p0 = image + (top * image_width + 2 * x - padding) * channels + from;
        const float *p1 = p0 + channels;
        const float *p2 = p0 + image_width * channels;
        const float *p3 = p2 + channels;
        for (long c = 0; c < n; ++c) {
          const float v0 = p0[c] * a[c] + b[c], v1 = p1[c] * a[c] + b[c];
          const float v2 = p2[c] * a[c] + b[c], v3 = p3[c] * a[c] + b[c];
          const float upper = v1 > v0 ? v1 : v0, upper_pixel = v1 > v0 ? p1[c] : p0[c];
          const float lower = v3 > v2 ? v3 : v2, lower_pixel = v3 > v2 ? p3[c] : p2[c];
          const float largest = lower > upper ? lower : upper;
          const float at = lower > upper ? lower_pixel : upper_pixel;
          const float g = largest > 0 ? dy[c] : 0;
          s[c] += g;
          q[c] += g * (at - mu[c]);
        }
        continue;
      }
      window_largest(image + from, image_width, channels, top, bottom,
                     at_least(x * size - padding, 0),
                     at_most(x * size - padding + size, image_width), a, b, dy, n, pixel,
                     gradient);
      for (long c = 0; c < n; ++c) {
        s[c] += gradient[c];
        q[c] += gradient[c] * (pixel[c] - mu[c]);
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
  long first, last;
  whole_windows(size, top, bottom, padding, image_width, width, &first, &last);
  for (long x = 0; x < width; ++x) {
    if (x >= first && x < last) {
      const long at = (top * image_width + 2 * x - padding) * channels;
      const long below = at + image_width * channels;
      const float *p0 = image + at, *p1 = p0 + channels, *p2 = image + below, *p3 = p2 + channels;
      float *d0 = input_gradient + at, *d1 = d0 + channels;
      float *d2 = input_gradient + below, *d3 = d2 + channels;
      const float *dy = output_gradient + x * channels;
#pragma clang loop vectorize(assume_safety)
      for (long c = 0; c < channels; ++c) {
        const float a = scale[c], b = shift[c], m = slope[c], mu = mean[c], o = offset[c];
        const float x0 = p0[c], x1 = p1[c], x2 = p2[c], x3 = p3[c];
        const float v0 = x0 * a + b, v1 = x1 * a + b, v2 = x2 * a + b, v3 = x3 * a + b;
        const float largest = larger(larger(v1, v0), larger(v3, v2));
        // The gradient goes to the first that is the largest.
        const float g0 = largest > 0 ? a * dy[c] : 0;
        const float g1 = v0 == largest ? 0 : g0;
        const float g2 = v1 == largest ? 0 : g1;
        const float g3 = v2 == largest ? 0 : g2;
        d0[c] = (v0 == largest ? g0 : 0) - (o + m * (x0 - mu));
        d1[c] = (v1 == largest ? g1 : 0) - (o + m * (x1 - mu));
        d2[c] = (v2 == largest ? g2 : 0) - (o + m * (x2 - mu));
        d3[c] = (v3 == largest ? g3 : 0) - (o + m * (x3 - mu));
      }
      continue;
    }
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
