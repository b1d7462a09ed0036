// One instruction set's matrix product; included once for each with VECTOR (its type), LANES,
// TILE_ROWS, TARGET (an attribute) and NAME defined. No include guard on purpose.
//
// A tile of TILE_ROWS rows and two vectors of columns stays in registers while the inner dimension
// is run through: for each step two vectors of b are loaded, and each row's element of a is
// broadcast and multiplied with both.

#define JOIN_NAMES(a, b) a##b
#define JOIN(a, b) JOIN_NAMES(a, b)
#define TILE JOIN(tile_, NAME)
#define STRIP JOIN(strip_, NAME)
#define PRODUCT JOIN(product_, NAME)

TARGET static inline __attribute__((always_inline)) void TILE(
    const int rows, const int vectors, long inner, const float *a, long a_row, long a_inner,
    const float *b, long b_inner, float *c, long c_row, long columns, int adding) {
  VECTOR sum[TILE_ROWS][2];
  // Every third row has a pointer, the two after it are reached by an index.
  enum { pointers = (TILE_ROWS + 2) / 3 };
  const float *row[pointers];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; ++r)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; ++v) sum[r][v] = (VECTOR){0};
#pragma clang loop unroll(full)
  for (int p = 0; p < (rows + 2) / 3; ++p) row[p] = a + 3 * p * a_row;
  for (long k = 0; k < inner; ++k) {
    VECTOR x[2];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; ++v) x[v] = *(const VECTOR *)(b + v * LANES);
    b += b_inner;
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; ++r) {
      const float element = row[r / 3][(r % 3) * a_row];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; ++v) sum[r][v] += element * x[v];
    }
#pragma clang loop unroll(full)
    for (int p = 0; p < (rows + 2) / 3; ++p) row[p] += a_inner;
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; ++r) {
    float *to = c + r * c_row;
    if (columns >= vectors * LANES) {
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; ++v) {
        VECTOR *target = (VECTOR *)(to + v * LANES);
        *target = adding ? *target + sum[r][v] : sum[r][v];
      }
    } else {
      float copy[2 * LANES];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; ++v) *(VECTOR *)(copy + v * LANES) = sum[r][v];
      for (long j = 0; j < columns; ++j) to[j] = adding ? to[j] + copy[j] : copy[j];
    }
  }
}

// All rows of a strip of one or two vectors of columns.
TARGET static void STRIP(const int vectors, long rows, long inner, const float *a, long a_row,
                         long a_inner, const float *b, long b_inner, float *c, long c_row,
                         long columns, int adding) {
#define ROWS(count)                                                                            \
  case count:                                                                                  \
    if (vectors == 2)                                                                          \
      TILE(count, 2, inner, a, a_row, a_inner, b, b_inner, c, c_row, columns, adding);         \
    else                                                                                       \
      TILE(count, 1, inner, a, a_row, a_inner, b, b_inner, c, c_row, columns, adding);         \
    break;
  while (rows > 0) {
    const long taken = rows < TILE_ROWS ? rows : TILE_ROWS;
    switch (taken) {
      ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6)
#if TILE_ROWS > 6
      ROWS(7) ROWS(8) ROWS(9) ROWS(10) ROWS(11) ROWS(12) ROWS(13) ROWS(14)
#endif
    }
    a += taken * a_row;
    c += taken * c_row;
    rows -= taken;
  }
#undef ROWS
}

TARGET static void PRODUCT(long rows, long columns, long inner, const float *a, long a_row,
                            long a_inner, const float *b, float *c, long c_row, long c_panel,
                            int adding) {
  for (long first = 0; first < columns; first += KERNELS_PANEL) {
    const long width = kernels_panel_width(columns - first);
    for (long at = 0; at < width && (first + at < columns || !c_row); at += 2 * LANES) {
      const int vectors = width - at > LANES ? 2 : 1;
      STRIP(vectors, rows, inner, a, a_row, a_inner, b + at, width, c + at,
            c_row ? c_row : width, c_row ? columns - first - at : width - at, adding);
    }
    b += inner * width;
    c += c_panel;
  }
}

#undef PRODUCT
#undef STRIP
#undef TILE
#undef JOIN
#undef JOIN_NAMES
#undef NAME
#undef TARGET
#undef TILE_ROWS
#undef LANES
#undef VECTOR
