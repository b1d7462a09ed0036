// The discrete Fourier transform of sixteen sequences at once, one a lane (Stockham's self-sorting
// form, with the radices 2, 3, 4 and 5).
//
// As each lane is a sequence of its own, no value ever changes lanes.
#include <string.h>
#include "Kernels.h"
#include "clones.h"

enum { lanes = 16, largest_radix = 5 };
typedef float vector __attribute__((vector_size(4 * lanes), aligned(4)));
typedef struct {
  vector real, imaginary;
} complex_vector;

// Complex numbers apart: number n has its parts at real + n * stride and imaginary + n * stride.
typedef struct {
  const float *real, *imaginary;
  long stride;
} source;
typedef struct {
  float *real, *imaginary;
  long stride;
} target;

// b = the transform of the first `radix` of a.
static inline __attribute__((always_inline)) void butterfly(const int radix,
                                                            const complex_vector *a,
                                                            complex_vector *b) {
  if (radix == 2) {
    b[0].real = a[0].real + a[1].real;
    b[0].imaginary = a[0].imaginary + a[1].imaginary;
    b[1].real = a[0].real - a[1].real;
    b[1].imaginary = a[0].imaginary - a[1].imaginary;
  } else if (radix == 3) {
    const float sine = 0.86602540378443864676f;
    const vector sr = a[1].real + a[2].real, si = a[1].imaginary + a[2].imaginary;
    const vector dr = sine * (a[1].real - a[2].real);
    const vector di = sine * (a[1].imaginary - a[2].imaginary);
    const vector mr = a[0].real - 0.5f * sr, mi = a[0].imaginary - 0.5f * si;
    b[0].real = a[0].real + sr;
    b[0].imaginary = a[0].imaginary + si;
    b[1].real = mr + di;
    b[1].imaginary = mi - dr;
    b[2].real = mr - di;
    b[2].imaginary = mi + dr;
  } else if (radix == 4) {
    const vector er = a[0].real + a[2].real, ei = a[0].imaginary + a[2].imaginary;
    const vector fr = a[0].real - a[2].real, fi = a[0].imaginary - a[2].imaginary;
    const vector gr = a[1].real + a[3].real, gi = a[1].imaginary + a[3].imaginary;
    const vector hr = a[1].real - a[3].real, hi = a[1].imaginary - a[3].imaginary;
    b[0].real = er + gr;
    b[0].imaginary = ei + gi;
    b[1].real = fr + hi;
    b[1].imaginary = fi - hr;
    b[2].real = er - gr;
    b[2].imaginary = ei - gi;
    b[3].real = fr - hi;
    b[3].imaginary = fi + hr;
  } else {
    const float cosine1 = 0.30901699437494742410f, cosine2 = -0.80901699437494742410f;
    const float sine1 = 0.95105651629515357212f, sine2 = 0.58778525229247312917f;
    const vector s1r = a[1].real + a[4].real, s1i = a[1].imaginary + a[4].imaginary;
    const vector s2r = a[2].real + a[3].real, s2i = a[2].imaginary + a[3].imaginary;
    const vector d1r = a[1].real - a[4].real, d1i = a[1].imaginary - a[4].imaginary;
    const vector d2r = a[2].real - a[3].real, d2i = a[2].imaginary - a[3].imaginary;
    const vector m1r = a[0].real + cosine1 * s1r + cosine2 * s2r;
    const vector m1i = a[0].imaginary + cosine1 * s1i + cosine2 * s2i;
    const vector m2r = a[0].real + cosine2 * s1r + cosine1 * s2r;
    const vector m2i = a[0].imaginary + cosine2 * s1i + cosine1 * s2i;
    const vector n1r = sine1 * d1r + sine2 * d2r, n1i = sine1 * d1i + sine2 * d2i;
    const vector n2r = sine2 * d1r - sine1 * d2r, n2i = sine2 * d1i - sine1 * d2i;
    b[0].real = a[0].real + s1r + s2r;
    b[0].imaginary = a[0].imaginary + s1i + s2i;
    b[1].real = m1r + n1i;
    b[1].imaginary = m1i - n1r;
    b[2].real = m2r + n2i;
    b[2].imaginary = m2i - n2r;
    b[3].real = m2r - n2i;
    b[3].imaginary = m2i + n2r;
    b[4].real = m1r - n1i;
    b[4].imaginary = m1i + n1r;
  }
}

// One pass over sequences of `length` numbers, `interleaved` of them in turn.
static inline __attribute__((always_inline)) void pass(const int radix, long length,
                                                       long interleaved, const float *twiddles,
                                                       const source *x, const target *y) {
  const long part = length / radix;
  for (long p = 0; p < part; ++p) {
    const float *turn = twiddles + p * 2 * (radix - 1);
    for (long q = 0; q < interleaved; ++q) {
      complex_vector a[largest_radix], b[largest_radix];
      for (int k = 0; k < radix; ++k) {
        const long at = (q + interleaved * (p + part * k)) * x->stride;
        memcpy(&a[k].real, x->real + at, sizeof(vector));
        memcpy(&a[k].imaginary, x->imaginary + at, sizeof(vector));
      }
      butterfly(radix, a, b);
      for (int k = 0; k < radix; ++k) {
        const long at = (q + interleaved * (radix * p + k)) * y->stride;
        complex_vector turned = b[k];
        if (k > 0 && part > 1) {
          const float c = turn[2 * k - 2], s = turn[2 * k - 1];
          turned.real = c * b[k].real - s * b[k].imaginary;
          turned.imaginary = c * b[k].imaginary + s * b[k].real;
        }
        memcpy(y->real + at, &turned.real, sizeof(vector));
        memcpy(y->imaginary + at, &turned.imaginary, sizeof(vector));
      }
    }
  }
}

CLONES void kernels_fourier(const long *radices, long passes, const float *twiddles, long length,
                            const float *real, const float *imaginary, long stride,
                            float *output_real, float *output_imaginary, long output_stride,
                            float *scratch) {
  source x = {real, imaginary, stride};
  if (passes == 0) {
    memcpy(output_real, real, sizeof(vector));
    memcpy(output_imaginary, imaginary, sizeof(vector));
    return;
  }
  long rest = length, interleaved = 1;
  for (long number = 0; number < passes; ++number) {
    float *between = scratch + (number & 1) * length * 2 * lanes;
    target y = {between, between + lanes, 2 * lanes};
    if (number == passes - 1) y = (target){output_real, output_imaginary, output_stride};
    const long radix = radices[number];
    if (radix == 2) pass(2, rest, interleaved, twiddles, &x, &y);
    else if (radix == 3) pass(3, rest, interleaved, twiddles, &x, &y);
    else if (radix == 4) pass(4, rest, interleaved, twiddles, &x, &y);
    else pass(5, rest, interleaved, twiddles, &x, &y);
    rest /= radix;
    twiddles += rest * 2 * (radix - 1);
    interleaved *= radix;
    x = (source){between, between + lanes, 2 * lanes};
  }
}

// Copies of a length known to the compiler are one or two moves.
static inline __attribute__((always_inline)) void copy_runs(const float *from, long from_stride,
                                                            float *to, long to_stride,
                                                            const long run, long count) {
  for (long n = 0; n < count; ++n)
    memcpy(to + n * to_stride, from + n * from_stride, (size_t)run * sizeof(float));
}

CLONES void kernels_copy_runs(const float *source, long source_stride, float *target,
                              long target_stride, long run, long count) {
  if (run == 16) return copy_runs(source, source_stride, target, target_stride, 16, count);
  if (run == 8) return copy_runs(source, source_stride, target, target_stride, 8, count);
  for (long n = 0; n < count; ++n)
    for (long i = 0; i < run; ++i)
      target[n * target_stride + i] = source[n * source_stride + i];
}
