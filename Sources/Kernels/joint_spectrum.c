// What the joint distribution of displaced maps comes to at each frequency.
//
// Two real maps x1 and x2 are transformed at once, as z = x1 + i·x2, so that their spectra are the
// sum and the difference of z's at a frequency and its mirror image:
// 2·X1(f) = Z(f) + conj Z(−f), 2·X2(f) = (Z(f) − conj Z(−f)) / i.
//
// A frequency's numbers lie in a row of memory: the real parts of all pairs' clusters
// [pairs][clusters], and the imaginary parts `imaginary` further on. Vectors may read and write up
// to 15 numbers past either, which nobody looks at.
#include <string.h>
#include "Kernels.h"
#include "clones.h"

enum { lanes = 16, most_rows = 6 };
typedef float vector __attribute__((vector_size(4 * lanes), aligned(4)));

// c[row][16 columns] = or += Σ over inner of conj(a[row][inner]) · b[inner][16 columns], complex.
static inline __attribute__((always_inline)) void conjugate_rows(
    const int rows, long inner, const float *ar, const float *ai, long a_row, long a_inner,
    const float *br, const float *bi, long b_inner, float *cr, float *ci, long c_row, int adding) {
  vector real[most_rows], imaginary[most_rows];
  for (int r = 0; r < rows; ++r) {
    real[r] = (vector){0};
    imaginary[r] = (vector){0};
    if (adding) {
      memcpy(&real[r], cr + r * c_row, sizeof(vector));
      memcpy(&imaginary[r], ci + r * c_row, sizeof(vector));
    }
  }
  for (long n = 0; n < inner; ++n) {
    vector vr, vi;
    memcpy(&vr, br + n * b_inner, sizeof(vector));
    memcpy(&vi, bi + n * b_inner, sizeof(vector));
    for (int r = 0; r < rows; ++r) {
      const float sr = ar[r * a_row + n * a_inner], si = ai[r * a_row + n * a_inner];
      real[r] += sr * vr;
      imaginary[r] += sr * vi;
      real[r] += si * vi;
      imaginary[r] -= si * vr;
    }
  }
  for (int r = 0; r < rows; ++r) {
    memcpy(cr + r * c_row, &real[r], sizeof(vector));
    memcpy(ci + r * c_row, &imaginary[r], sizeof(vector));
  }
}

// The whole product, for any number of rows and of columns in sixteens.
static inline __attribute__((always_inline)) void conjugate_product(
    long rows, long columns, long inner, const float *ar, const float *ai, long a_row,
    long a_inner, const float *br, const float *bi, long b_inner, float *cr, float *ci, long c_row,
    int adding) {
  for (long column = 0; column < columns; column += lanes)
    for (long row = 0; row < rows; row += most_rows) {
      const long left = rows - row;
      const float *xr = ar + row * a_row, *xi = ai + row * a_row;
      float *yr = cr + row * c_row + column, *yi = ci + row * c_row + column;
#define ROWS(count)                                                                          \
  conjugate_rows(count, inner, xr, xi, a_row, a_inner, br + column, bi + column, b_inner, yr, yi, \
                 c_row, adding)
      if (left >= 6) ROWS(6);
      else if (left == 5) ROWS(5);
      else if (left == 4) ROWS(4);
      else if (left == 3) ROWS(3);
      else if (left == 2) ROWS(2);
      else ROWS(1);
#undef ROWS
    }
}

// Twice the spectra of x1 and x2 [pairs][padded] from z's at a frequency and its mirror image;
// x1's imaginary part times `sign`.
static inline __attribute__((always_inline)) void split(const float *z, const float *mirrored,
                                                        long imaginary, long pairs, long clusters,
                                                        long padded, float sign, float *x1r,
                                                        float *x1i, float *x2r, float *x2i) {
  for (long pair = 0; pair < pairs; ++pair)
    for (long c = 0; c < padded; c += lanes) {
      const long from = pair * clusters + c, to = pair * padded + c;
      vector zr, zi, mr, mi;
      memcpy(&zr, z + from, sizeof(vector));
      memcpy(&zi, z + imaginary + from, sizeof(vector));
      memcpy(&mr, mirrored + from, sizeof(vector));
      memcpy(&mi, mirrored + imaginary + from, sizeof(vector));
      const vector a = zr + mr, b = sign * (zi - mi), c1 = zi + mi, d = mr - zr;
      memcpy(x1r + to, &a, sizeof(vector));
      memcpy(x1i + to, &b, sizeof(vector));
      memcpy(x2r + to, &c1, sizeof(vector));
      memcpy(x2i + to, &d, sizeof(vector));
    }
}

CLONES void kernels_joint_spectrum(const float *z, const float *mirrored, long stride,
                                   long imaginary, long length, long pairs, long clusters,
                                   float *joint, int adding, float *scratch) {
  const long padded = (clusters + lanes - 1) / lanes * lanes, size = pairs * padded;
  float *x1r = scratch, *x1i = x1r + size, *x2r = x1i + size, *x2i = x2r + size;
  for (long f = 0; f < length; ++f) {
    split(z + f * stride, mirrored + (f == 0 ? 0 : length - f) * stride, imaginary, pairs,
          clusters, padded, 1, x1r, x1i, x2r, x2i);
    float *jr = joint + f * 2 * clusters * padded, *ji = jr + clusters * padded;
    conjugate_product(clusters, padded, pairs, x1r, x1i, 1, padded, x2r, x2i, padded, jr, ji,
                      padded, adding);
  }
}

// output[column][row] = input[row][column] of a square padded on the right, four by four; rows past
// the last become columns of the padding.
static inline __attribute__((always_inline)) void transpose_padded(const float *input,
                                                                   float *output, long clusters,
                                                                   long padded) {
  typedef float quad __attribute__((vector_size(16), aligned(4)));
  for (long row = 0; row < clusters; row += 4)
    for (long column = 0; column < clusters; column += 4) {
      quad a[4];
      for (int i = 0; i < 4; ++i) {
        const long from = row + i < clusters ? row + i : clusters - 1;
        memcpy(&a[i], input + from * padded + column, sizeof(quad));
      }
      const quad b0 = __builtin_shufflevector(a[0], a[1], 0, 4, 1, 5);
      const quad b1 = __builtin_shufflevector(a[0], a[1], 2, 6, 3, 7);
      const quad b2 = __builtin_shufflevector(a[2], a[3], 0, 4, 1, 5);
      const quad b3 = __builtin_shufflevector(a[2], a[3], 2, 6, 3, 7);
      const quad t[4] = {
          __builtin_shufflevector(b0, b2, 0, 1, 4, 5), __builtin_shufflevector(b0, b2, 2, 3, 6, 7),
          __builtin_shufflevector(b1, b3, 0, 1, 4, 5), __builtin_shufflevector(b1, b3, 2, 3, 6, 7)};
      for (int i = 0; i < 4 && column + i < clusters; ++i)
        memcpy(output + (column + i) * padded + row, &t[i], sizeof(quad));
    }
}

CLONES void kernels_joint_spectrum_gradient(float *z, float *mirrored, long stride, long imaginary,
                                            long length, long pairs, long clusters,
                                            const float *joint_gradient, float *scratch) {
  const long padded = (clusters + lanes - 1) / lanes * lanes;
  const long size = pairs * padded, square = clusters * padded;
  float *x1r = scratch, *x1i = x1r + size, *x2r = x1i + size, *x2i = x2r + size;
  float *g1r = x2i + size, *g1i = g1r + size, *g2r = g1i + size, *g2i = g2r + size;
  float *tr = g2i + size, *ti = tr + square;
  // A column that is its own mirror image has each pair of frequencies once.
  const long count = z == mirrored ? length / 2 + 1 : length;
  for (long f = 0; f < count; ++f) {
    float *here = z + f * stride, *there = mirrored + (f == 0 ? 0 : length - f) * stride;
    const float *dr = joint_gradient + f * 2 * square, *di = dr + square;
    split(here, there, imaginary, pairs, clusters, padded, -1, x1r, x1i, x2r, x2i);
    transpose_padded(dr, tr, clusters, padded);
    transpose_padded(di, ti, clusters, padded);
    // conj of (conj X2)·(transposed dP)ᵀ is x1's gradient; (conj of conj X1)·dP is x2's.
    conjugate_product(pairs, padded, clusters, x2r, x2i, padded, 1, tr, ti, padded, g1r, g1i,
                      padded, 0);
    conjugate_product(pairs, padded, clusters, x1r, x1i, padded, 1, dr, di, padded, g2r, g2i,
                      padded, 0);
    // Both gradients as one spectrum again. What a vector writes past its pair's clusters the next
    // pair overwrites.
    for (long pair = 0; pair < pairs; ++pair)
      for (long c = 0; c < padded; c += lanes) {
        const long from = pair * padded + c, to = pair * clusters + c;
        vector ar, ai, br, bi;
        memcpy(&ar, g1r + from, sizeof(vector));
        memcpy(&ai, g1i + from, sizeof(vector));
        memcpy(&br, g2r + from, sizeof(vector));
        memcpy(&bi, g2i + from, sizeof(vector));
        const vector hr = ar - bi, hi = br - ai, mr = ar + bi, mi = br + ai;
        memcpy(here + to, &hr, sizeof(vector));
        memcpy(here + imaginary + to, &hi, sizeof(vector));
        memcpy(there + to, &mr, sizeof(vector));
        memcpy(there + imaginary + to, &mi, sizeof(vector));
      }
  }
}
