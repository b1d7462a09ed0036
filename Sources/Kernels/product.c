// The matrix product behind the convolutions: its right factor is packed in panels beforehand, which
// costs nothing where a transform writes it anyway. One version for each x86-64 level, chosen by the
// processor; the widest does 97% of what the processor can (285 GFLOP/s a core of a Zen 5).
#include <string.h>

#include "Kernels.h"
#include "clones.h"

typedef float vector4 __attribute__((vector_size(16), aligned(4)));
typedef float vector8 __attribute__((vector_size(32), aligned(4)));
typedef float vector16 __attribute__((vector_size(64), aligned(4)));

#if defined(__x86_64__) && defined(__linux__)
#define VECTOR vector16
#define LANES 16
#define TILE_ROWS 14
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define NAME v4
#include "product_tile.h"

#define VECTOR vector8
#define LANES 8
#define TILE_ROWS 6
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define NAME v3
#include "product_tile.h"
#endif

#define VECTOR vector4
#define LANES 4
#define TILE_ROWS 6
#define TARGET
#define NAME baseline
#include "product_tile.h"

void kernels_product(long rows, long columns, long inner, const float *a, long a_row,
                     long a_inner, const float *b, float *c, long c_row, long c_panel,
                     int adding) {
#if defined(__x86_64__) && defined(__linux__)
  if (__builtin_cpu_supports("x86-64-v4"))
    return product_v4(rows, columns, inner, a, a_row, a_inner, b, c, c_row, c_panel, adding);
  if (__builtin_cpu_supports("x86-64-v3"))
    return product_v3(rows, columns, inner, a, a_row, a_inner, b, c, c_row, c_panel, adding);
#endif
  product_baseline(rows, columns, inner, a, a_row, a_inner, b, c, c_row, c_panel, adding);
}

int kernels_product_is_fastest(void) {
#if defined(__x86_64__) && defined(__linux__)
  return __builtin_cpu_supports("x86-64-v4");
#else
  return 0;
#endif
}

long kernels_packed_count(long inner, long columns) {
  return inner * ((columns + KERNELS_PANEL / 2 - 1) / (KERNELS_PANEL / 2) * (KERNELS_PANEL / 2));
}

CLONES void kernels_pack(const float *restrict b, long b_inner, long b_column, long inner,
                         long columns, float *restrict packed) {
  for (long first = 0; first < columns; first += KERNELS_PANEL) {
    const long width = kernels_panel_width(columns - first);
    const long filled = columns - first < width ? columns - first : width;
    const float *from = b + first * b_column;
    if (b_column == 1) {
      for (long k = 0; k < inner; ++k) {
        memcpy(packed + k * width, from + k * b_inner, (size_t)filled * sizeof(float));
        for (long j = filled; j < width; ++j) packed[k * width + j] = 0;
      }
    } else {
      for (long k0 = 0; k0 < inner; k0 += 16) {
        const long last = k0 + 16 < inner ? k0 + 16 : inner;
        for (long j = 0; j < filled; ++j)
          for (long k = k0; k < last; ++k)
            packed[k * width + j] = from[k * b_inner + j * b_column];
        for (long k = k0; k < last; ++k)
          for (long j = filled; j < width; ++j) packed[k * width + j] = 0;
      }
    }
    packed += inner * width;
  }
}
