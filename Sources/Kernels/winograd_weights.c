// Weights to the points of one of Winograd's schemes, and the gradient back.
#include "Kernels.h"
#include "clones.h"
#include "winograd_transforms.h"

INLINED void weight_rows(const struct scheme *s, const float *weight, long tap_stride,
                         long row_stride, long inputs, long outputs, float *points, long stride) {
  const long width = kernels_panel_width(outputs);
  for (long k = 0; k < inputs; ++k)
    for (long c = 0; c < outputs; c += lanes) {
      const long n = outputs - c < lanes ? outputs - c : lanes;
      float *to = points + k * width + c;
      vector half[most_points][most_taps];
      UNROLLED for (int column = 0; column < s->taps; ++column) {
        vector g[most_taps], t[most_points];
        UNROLLED for (int row = 0; row < s->taps; ++row)
          load(&g[row], weight + (row * s->taps + column) * tap_stride + k * row_stride + c, n);
        expand(s->weight[0], most_taps, s->points, s->taps, s->pairs, g, t);
        UNROLLED for (int row = 0; row < s->points; ++row) half[row][column] = t[row];
      }
      UNROLLED for (int row = 0; row < s->points; ++row) {
        vector t[most_points];
        expand(s->weight[0], most_taps, s->points, s->taps, s->pairs, half[row], t);
        UNROLLED for (int column = 0; column < s->points; ++column)
          store(to + (row * s->points + column) * stride, &t[column], lanes);
      }
    }
}

CLONES void kernels_winograd_weight(int scheme, const float *weight, long tap_stride,
                                    long row_stride, long inputs, long outputs, float *points,
                                    long stride) {
  WITH_SCHEME(scheme, weight_rows, weight, tap_stride, row_stride, inputs, outputs, points,
              stride)
}

INLINED void gradient_run(const struct scheme *s, const float *points, long stride, long shares,
                          long share_stride, float *gradient, long tap_stride, long count) {
  for (long i = 0; i < count; i += lanes) {
    const long n = count - i < lanes ? count - i : lanes;
    vector half[most_taps][most_points];
    UNROLLED for (int column = 0; column < s->points; ++column) {
      vector m[most_points], g[most_taps];
      UNROLLED for (int row = 0; row < s->points; ++row) {
        const float *from = points + (row * s->points + column) * stride + i;
        load(&m[row], from, n);
        for (long share = 1; share < shares; ++share) {
          vector other;
          load(&other, from + share * share_stride, n);
          m[row] += other;
        }
      }
      contract(s->weight[0], most_taps, s->points, s->taps, s->pairs, m, g);
      UNROLLED for (int row = 0; row < s->taps; ++row) half[row][column] = g[row];
    }
    UNROLLED for (int row = 0; row < s->taps; ++row) {
      vector g[most_taps];
      contract(s->weight[0], most_taps, s->points, s->taps, s->pairs, half[row], g);
      UNROLLED for (int column = 0; column < s->taps; ++column) {
        float *to = gradient + (row * s->taps + column) * tap_stride + i;
        vector sum;
        load(&sum, to, n);
        sum += g[column];
        store(to, &sum, n);
      }
    }
  }
}

CLONES void kernels_winograd_weight_gradient(int scheme, const float *points, long stride,
                                             long shares, long share_stride, float *gradient,
                                             long tap_stride, long count) {
  WITH_SCHEME(scheme, gradient_run, points, stride, shares, share_stride, gradient, tap_stride,
              count)
}
