#include <math.h>
#include "Kernels.h"
#include "clones.h"

CLONES void kernels_add_scaled(float *restrict target, const float *restrict source, float factor,
                               long count) {
  for (long i = 0; i < count; ++i) target[i] += factor * source[i];
}

CLONES void kernels_scale(float *target, float factor, long count) {
  for (long i = 0; i < count; ++i) target[i] *= factor;
}

CLONES void kernels_scale_rows(float *restrict target, const float *restrict weights, long rows,
                               long channels) {
  for (long r = 0; r < rows; ++r)
    for (long c = 0; c < channels; ++c) target[r * channels + c] *= weights[r];
}

CLONES void kernels_adam(float *restrict value, const float *restrict gradient,
                         float *restrict first, float *restrict second, long count, float rate,
                         float inverse, float beta1, float rest1, float beta2, float rest2,
                         float epsilon) {
  for (long i = 0; i < count; ++i) {
    const float g = gradient[i];
    const float m = beta1 * first[i] + rest1 * g;
    const float v = beta2 * second[i] + rest2 * g * g;
    first[i] = m;
    second[i] = v;
    value[i] -= rate * m / (__builtin_sqrtf(v) * inverse + epsilon);
  }
}

// e^x for x ≤ 0 to about 2 units in the last place, in a form that vectorises: x = n·ln 2 + r,
// a polynomial for e^r on |r| ≤ ln 2 / 2, and 2^n put together from its bits.
static inline float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  const float shifted = x * 1.44269504f + 12582912.0f;  // rounds to the nearest integer
  const float n = shifted - 12582912.0f;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  union {
    int bits;
    float value;
  } power = {((int)n + 127) << 23};
  return p * power.value;
}

CLONES void kernels_softmax(const float *restrict input, float *restrict output, long rows,
                            long channels) {
  for (long r = 0; r < rows; ++r) {
    const float *x = input + r * channels;
    float *y = output + r * channels;
    float largest = x[0];
    for (long c = 1; c < channels; ++c) largest = x[c] > largest ? x[c] : largest;
    float sum = 0;
    for (long c = 0; c < channels; ++c) {
      const float e = exponential(x[c] - largest);
      y[c] = e;
      sum += e;
    }
    const float scale = 1 / sum;
    for (long c = 0; c < channels; ++c) y[c] *= scale;
  }
}

CLONES void kernels_softmax_gradient(const float *restrict output_gradient,
                                     const float *restrict output, float *restrict input_gradient,
                                     long rows, long channels) {
  for (long r = 0; r < rows; ++r) {
    const float *dy = output_gradient + r * channels;
    const float *y = output + r * channels;
    float *dx = input_gradient + r * channels;
    float sum = 0;
    for (long c = 0; c < channels; ++c) sum += dy[c] * y[c];
    for (long c = 0; c < channels; ++c) dx[c] = y[c] * (dy[c] - sum);
  }
}
