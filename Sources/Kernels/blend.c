#include "Kernels.h"
#include "clones.h"

CLONES void kernels_blend(const float *restrict source, const long offsets[4],
                          const float weights[4], float *restrict target, long channels) {
  for (long c = 0; c < channels; ++c) target[c] = 0;
  for (int corner = 0; corner < 4; ++corner) {
    if (offsets[corner] < 0) continue;
    const float *from = source + offsets[corner];
    const float weight = weights[corner];
    for (long c = 0; c < channels; ++c) target[c] += weight * from[c];
  }
}

CLONES void kernels_blend_gradient(const float *restrict target_gradient, const long offsets[4],
                                   const float weights[4], float *restrict source_gradient,
                                   long channels) {
  for (int corner = 0; corner < 4; ++corner) {
    if (offsets[corner] < 0) continue;
    float *to = source_gradient + offsets[corner];
    const float weight = weights[corner];
    for (long c = 0; c < channels; ++c) to[c] += weight * target_gradient[c];
  }
}
