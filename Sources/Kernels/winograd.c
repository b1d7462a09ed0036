// Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray, 2016) with the interpolation points
// 0, ±¾, ±3/2 and ∞, whose rounding error is a quarter of that of the usual 0, ±1, ±2, ∞ for as
// many operations.
//
// One tile is 6×6 input and 4×4 output pixels; 36 points. Point p of a tile lies at p * stride.
#include <string.h>
#include "Kernels.h"
#include "clones.h"

enum { lanes = 16 };
typedef float vector __attribute__((vector_size(4 * lanes), aligned(4)));

// Both take the vector by address: passing it by value depends on the instruction set.
static inline __attribute__((always_inline)) void load(vector *v, const float *from, long n) {
  if (n == lanes) {
    memcpy(v, from, sizeof *v);
  } else {
    *v = (vector){0};
    memcpy(v, from, (size_t)n * sizeof(float));
  }
}

static inline __attribute__((always_inline)) void store(float *to, const vector *v, long n) {
  memcpy(to, v, n == lanes ? sizeof *v : (size_t)n * sizeof(float));
}

// Bᵀ: the products of (x − a) over all points but one, as coefficients.
static inline __attribute__((always_inline)) void input_transform(const vector d[6], vector t[6]) {
  t[0] = 1.265625f * d[0] - 2.8125f * d[2] + d[4];
  const vector even1 = d[4] - 2.25f * d[2], odd1 = 0.75f * (d[3] - 2.25f * d[1]);
  t[1] = even1 + odd1;
  t[2] = even1 - odd1;
  const vector even2 = d[4] - 0.5625f * d[2], odd2 = 1.5f * (d[3] - 0.5625f * d[1]);
  t[3] = even2 + odd2;
  t[4] = even2 - odd2;
  t[5] = 1.265625f * d[1] - 2.8125f * d[3] + d[5];
}

// Aᵀ: the powers of the points.
static inline __attribute__((always_inline)) void output_transform(const vector m[6], vector y[4]) {
  const vector sum1 = m[1] + m[2], difference1 = m[1] - m[2];
  const vector sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  y[0] = m[0] + sum1 + sum2;
  y[1] = 0.75f * difference1 + 1.5f * difference2;
  y[2] = 0.5625f * sum1 + 2.25f * sum2;
  y[3] = 0.421875f * difference1 + 3.375f * difference2 + m[5];
}

// A: the output transform turned round, for the gradient of the weights.
static inline __attribute__((always_inline)) void gradient_transform(const vector y[4],
                                                                     vector m[6]) {
  const vector even1 = y[0] + 0.5625f * y[2], odd1 = 0.75f * y[1] + 0.421875f * y[3];
  const vector even2 = y[0] + 2.25f * y[2], odd2 = 1.5f * y[1] + 3.375f * y[3];
  m[0] = y[0];
  m[1] = even1 + odd1;
  m[2] = even1 - odd1;
  m[3] = even2 + odd2;
  m[4] = even2 - odd2;
  m[5] = y[3];
}

static inline __attribute__((always_inline)) void input_tile(const float *const pixels[36], long c,
                                                             long n, float *points, long stride) {
  vector half[6][6];
  for (int column = 0; column < 6; ++column) {
    vector d[6], t[6];
    for (int row = 0; row < 6; ++row) load(&d[row], pixels[row * 6 + column] + c, n);
    input_transform(d, t);
    for (int row = 0; row < 6; ++row) half[row][column] = t[row];
  }
  for (int row = 0; row < 6; ++row) {
    vector t[6];
    input_transform(half[row], t);
    for (int column = 0; column < 6; ++column)
      store(points + (row * 6 + column) * stride + c, &t[column], n);
  }
}

CLONES void kernels_winograd_input(const float *const pixels[36], long channels,
                                   float *restrict points, long stride) {
  long c = 0;
  for (; c + lanes <= channels; c += lanes) input_tile(pixels, c, lanes, points, stride);
  if (c < channels) input_tile(pixels, c, channels - c, points, stride);
}

static inline __attribute__((always_inline)) void output_tile(const float *points, long stride,
                                                              long c, long n,
                                                              float *const pixels[16]) {
  vector half[4][6];
  for (int column = 0; column < 6; ++column) {
    vector m[6], y[4];
    for (int row = 0; row < 6; ++row) load(&m[row], points + (row * 6 + column) * stride + c, n);
    output_transform(m, y);
    for (int row = 0; row < 4; ++row) half[row][column] = y[row];
  }
  for (int row = 0; row < 4; ++row) {
    vector y[4];
    output_transform(half[row], y);
    for (int column = 0; column < 4; ++column)
      if (pixels[row * 4 + column]) store(pixels[row * 4 + column] + c, &y[column], n);
  }
}

CLONES void kernels_winograd_output(const float *restrict points, long stride, long channels,
                                    float *const pixels[16]) {
  long c = 0;
  for (; c + lanes <= channels; c += lanes) output_tile(points, stride, c, lanes, pixels);
  if (c < channels) output_tile(points, stride, c, channels - c, pixels);
}

static inline __attribute__((always_inline)) void gradient_tile(const float *const pixels[16],
                                                                long c, long n, float *points,
                                                                long stride) {
  vector half[6][4];
  for (int column = 0; column < 4; ++column) {
    vector y[4], m[6];
    for (int row = 0; row < 4; ++row) load(&y[row], pixels[row * 4 + column] + c, n);
    gradient_transform(y, m);
    for (int row = 0; row < 6; ++row) half[row][column] = m[row];
  }
  for (int row = 0; row < 6; ++row) {
    vector m[6];
    gradient_transform(half[row], m);
    for (int column = 0; column < 6; ++column)
      store(points + (row * 6 + column) * stride + c, &m[column], n);
  }
}

CLONES void kernels_winograd_gradient(const float *const pixels[16], long channels,
                                      float *restrict points, long stride) {
  long c = 0;
  for (; c + lanes <= channels; c += lanes) gradient_tile(pixels, c, lanes, points, stride);
  if (c < channels) gradient_tile(pixels, c, channels - c, points, stride);
}

// G: the powers of the points over the products of their differences.
static const float weight_matrix[6][3] = {
    {0.790123457f, 0, 0},
    {-0.526748971f, -0.395061728f, -0.296296296f},
    {-0.526748971f, 0.395061728f, -0.296296296f},
    {0.131687243f, 0.197530864f, 0.296296296f},
    {0.131687243f, -0.197530864f, 0.296296296f},
    {0, 0, 1},
};

CLONES void kernels_winograd_weight(const float *restrict weight, long size, float *restrict points,
                                    long first, long last) {
  for (long i = first; i < last; ++i) {
    float half[6][3];
    for (int p = 0; p < 6; ++p)
      for (int kx = 0; kx < 3; ++kx) {
        float sum = 0;
        for (int ky = 0; ky < 3; ++ky)
          sum += weight_matrix[p][ky] * weight[(ky * 3 + kx) * size + i];
        half[p][kx] = sum;
      }
    for (int p = 0; p < 6; ++p)
      for (int q = 0; q < 6; ++q) {
        float sum = 0;
        for (int kx = 0; kx < 3; ++kx) sum += weight_matrix[q][kx] * half[p][kx];
        points[(p * 6 + q) * size + i] = sum;
      }
  }
}

CLONES void kernels_winograd_weight_gradient(const float *restrict points, long size,
                                             float *restrict gradient, long first, long last) {
  for (long i = first; i < last; ++i) {
    float half[3][6];
    for (int ky = 0; ky < 3; ++ky)
      for (int q = 0; q < 6; ++q) {
        float sum = 0;
        for (int p = 0; p < 6; ++p) sum += weight_matrix[p][ky] * points[(p * 6 + q) * size + i];
        half[ky][q] = sum;
      }
    for (int ky = 0; ky < 3; ++ky)
      for (int kx = 0; kx < 3; ++kx) {
        float sum = 0;
        for (int q = 0; q < 6; ++q) sum += weight_matrix[q][kx] * half[ky][q];
        gradient[(ky * 3 + kx) * size + i] += sum;
      }
  }
}
