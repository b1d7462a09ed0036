#include <string.h>
#include "Kernels.h"
#include "clones.h"

// Float sums over this many rows go into the double totals: short enough to keep the error of a
// float sum small, long enough that the conversion costs nothing.
enum { block_rows = 64, most_channels = 64 };

CLONES void kernels_channel_sums(const float *restrict input, const float *restrict centre,
                                 long rows, long channels, double *restrict sum,
                                 double *restrict square) {
  float s[most_channels], q[most_channels];
  for (long first = 0; first < rows; first += block_rows) {
    const long last = first + block_rows < rows ? first + block_rows : rows;
    for (long from = 0; from < channels; from += most_channels) {
      const long n = channels - from < most_channels ? channels - from : most_channels;
      memset(s, 0, sizeof s);
      memset(q, 0, sizeof q);
      const float *m = centre + from;
      for (long r = first; r < last; ++r) {
        const float *x = input + r * channels + from;
        for (long c = 0; c < n; ++c) {
          const float d = x[c] - m[c];
          s[c] += d;
          q[c] += d * d;
        }
      }
      for (long c = 0; c < n; ++c) {
        sum[from + c] += s[c];
        square[from + c] += q[c];
      }
    }
  }
}

CLONES void kernels_normalise(const float *input, const float *restrict scale,
                              const float *restrict shift, float *output, long rows,
                              long channels, int rectified) {
  for (long r = 0; r < rows; ++r) {
    const float *x = input + r * channels;
    float *y = output + r * channels;
    if (rectified) {
      for (long c = 0; c < channels; ++c) {
        const float v = x[c] * scale[c] + shift[c];
        y[c] = v > 0 ? v : 0;
      }
    } else {
      for (long c = 0; c < channels; ++c) y[c] = x[c] * scale[c] + shift[c];
    }
  }
}

CLONES void kernels_normalisation_sums(const float *restrict output_gradient,
                                       const float *restrict input, const float *restrict scale,
                                       const float *restrict shift, const float *restrict mean,
                                       const float *restrict inverse, long rows, long channels,
                                       int rectified, double *restrict sum,
                                       double *restrict product) {
  float s[most_channels], q[most_channels];
  for (long first = 0; first < rows; first += block_rows) {
    const long last = first + block_rows < rows ? first + block_rows : rows;
    for (long from = 0; from < channels; from += most_channels) {
      const long n = channels - from < most_channels ? channels - from : most_channels;
      memset(s, 0, sizeof s);
      memset(q, 0, sizeof q);
      for (long r = first; r < last; ++r) {
        const float *x = input + r * channels + from;
        const float *dy = output_gradient + r * channels + from;
        for (long c = 0; c < n; ++c) {
          const float y = x[c] * scale[from + c] + shift[from + c];
          const float g = (!rectified || y > 0) ? dy[c] : 0;
          s[c] += g;
          q[c] += g * (x[c] - mean[from + c]);
        }
      }
      for (long c = 0; c < n; ++c) {
        sum[from + c] += s[c];
        product[from + c] += (double)q[c] * inverse[from + c];
      }
    }
  }
}

CLONES void kernels_normalisation_gradient(
    const float *output_gradient, const float *restrict input, const float *restrict scale,
    const float *restrict shift, const float *restrict mean, const float *restrict inverse,
    const float *restrict sum_mean, const float *restrict product_mean, float *gradient, long rows,
    long channels, int rectified) {
  for (long r = 0; r < rows; ++r) {
    const float *x = input + r * channels;
    const float *o = output_gradient + r * channels;
    float *d = gradient + r * channels;
    // In place or apart: no element is read after another has been written.
#pragma clang loop vectorize(assume_safety)
    for (long c = 0; c < channels; ++c) {
      const float y = x[c] * scale[c] + shift[c];
      const float g = (!rectified || y > 0) ? o[c] : 0;
      const float normalised = (x[c] - mean[c]) * inverse[c];
      d[c] = scale[c] * (g - sum_mean[c] - normalised * product_mean[c]);
    }
  }
}
