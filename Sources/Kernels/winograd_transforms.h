// One-dimensional transforms of a Winograd scheme on vectors of 16 channels. Everything is inlined
// with the scheme known, so that loops unroll and zeros vanish.
#ifndef WINOGRAD_TRANSFORMS_H
#define WINOGRAD_TRANSFORMS_H
#include <string.h>

#include "winograd_schemes.h"

enum { lanes = 16 };
typedef float vector __attribute__((vector_size(4 * lanes), aligned(4)));
typedef int mask_vector __attribute__((vector_size(4 * lanes), aligned(4)));

#define INLINED static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

// Vectors go by address: passing one by value depends on the instruction set.
INLINED void load(vector *v, const float *from, long n) {
  if (n == lanes) {
    memcpy(v, from, sizeof *v);
  } else {
    *v = (vector){0};
    memcpy(v, from, (size_t)n * sizeof(float));
  }
}

INLINED void store(float *to, const vector *v, long n) {
  memcpy(to, v, n == lanes ? sizeof *v : (size_t)n * sizeof(float));
}

INLINED void multiply_add(vector *sum, int *begun, float factor, const vector *x) {
  if (factor == 0) return;
  *sum = *begun ? *sum + factor * *x : factor * *x;
  *begun = 1;
}

// to[row] = Σ matrix[row][column] · from[column], pairs of rows by their even and odd columns.
INLINED void expand(const float *matrix, const int stride, const int rows, const int columns,
                    const int pairs, const vector *from, vector *to) {
  UNROLLED for (int row = 0; row < rows; ++row) {
    if (row >= 1 && row <= 2 * pairs) {
      if (row % 2 == 0) continue;
      vector even = {0}, odd = {0};
      int begun[2] = {0, 0};
      UNROLLED for (int c = 0; c < columns; ++c)
        multiply_add(c % 2 ? &odd : &even, &begun[c % 2], matrix[row * stride + c], &from[c]);
      to[row] = even + odd;
      to[row + 1] = even - odd;
    } else {
      vector sum = {0};
      int begun = 0;
      UNROLLED for (int c = 0; c < columns; ++c)
        multiply_add(&sum, &begun, matrix[row * stride + c], &from[c]);
      to[row] = sum;
    }
  }
}

// to[column] = Σ matrix[row][column] · from[row], pairs of rows by their sum and difference.
INLINED void contract(const float *matrix, const int stride, const int rows, const int columns,
                      const int pairs, const vector *from, vector *to) {
  vector parts[most_points];
  UNROLLED for (int row = 0; row < rows; ++row) {
    if (row >= 1 && row <= 2 * pairs) {
      if (row % 2 == 0) continue;
      parts[row] = from[row] + from[row + 1];
      parts[row + 1] = from[row] - from[row + 1];
    } else {
      parts[row] = from[row];
    }
  }
  UNROLLED for (int c = 0; c < columns; ++c) {
    vector sum = {0};
    int begun = 0;
    UNROLLED for (int row = 0; row < rows; ++row) {
      if (row >= 1 && row <= 2 * pairs) {
        if (row % 2 == 0) continue;
        multiply_add(&sum, &begun, matrix[row * stride + c], &parts[row + c % 2]);
      } else {
        multiply_add(&sum, &begun, matrix[row * stride + c], &parts[row]);
      }
    }
    to[c] = sum;
  }
}
#endif
