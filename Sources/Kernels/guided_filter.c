// The guided filter of He, Sun and Tang (2013) with a guide of several bands, for many channels
// at once.
//
// Box sums are exact: every number summed is first rounded to a multiple of one power of two, so
// coarse that a whole window's sum still fits a double's 53 bits (2^-36 for a radius of 12). Sums
// that never round can be carried along without drifting, and a pixel's result depends on its
// window alone, to the last bit, however the image was cut.
//
// Rows are held as planes, one row of doubles a moment or coefficient.
#include <math.h>
#include <string.h>

#include "Kernels.h"
#include "clones.h"
// (x + magnet) - magnet rounds; rearranged, it would not. Nothing is contracted either.
#pragma clang fp reassociate(off) contract(off)

enum { lanes = 8, max_bands = KERNELS_GUIDE_BANDS };

// The bounds that the sums are laid out for; the guide is cut to them.
static const double guide_bound = 8;

struct image {
  const float *guide, *values;
  const unsigned char *valid;
  long bands, channels, channel_stride, height, width;
};

// x rounded to a multiple of the magnet's last bit.
#define SNAPPED(x, magnet) (((x) + (magnet)) - (magnet))

// The magnet that leaves `count` numbers of up to `bound` their sum exact, with a bit to spare.
static double magnet_for(double bound, long count) {
  int bits;
  frexp(bound * (double)count, &bits);
  return ldexp(1.5, bits);
}

static long moments_of(long bands, long channels) {
  return 1 + bands + bands * (bands + 1) / 2 + (bands + 1) * channels;
}

// Row y of the guide (cut to its bound) and of the channels as planes over `count` columns from
// `left`; zero outside the image and where invalid, as is the weight, which is 1 elsewhere.
// Planes: weight, guide bands, channels.
CLONES static void load_row(const struct image *image, long y, long left, long count,
                            double *planes) {
  long bands = image->bands, channels = image->channels, width = image->width;
  memset(planes, 0, (size_t)((1 + bands + channels) * count) * sizeof(double));
  long first = left < 0 ? 0 : left, end = left + count > width ? width : left + count;
  const unsigned char *valid = image->valid + y * width;
  for (long x = first; x < end; x++) planes[x - left] = valid[x];
  for (long b = 0; b < bands; b++) {
    const float *guide = image->guide + y * width * bands + b;
    double *plane = planes + (1 + b) * count;
    for (long x = first; x < end; x++) {
      double value = valid[x] ? guide[x * bands] : 0;
      value = value < guide_bound ? value : guide_bound;
      plane[x - left] = value > -guide_bound ? value : -guide_bound;
    }
  }
  for (long k = 0; k < channels; k++) {
    const float *values = image->values + y * width * image->channel_stride + k;
    double *plane = planes + (1 + bands + k) * count;
    for (long x = first; x < end; x++)
      plane[x - left] = valid[x] ? values[x * image->channel_stride] : 0;
  }
}

static inline __attribute__((always_inline)) void add_product(double *restrict sums,
                                                              const double *a, const double *b,
                                                              long count, double magnet,
                                                              double sign) {
  for (long x = 0; x < count; x++) sums[x] += sign * SNAPPED(a[x] * b[x], magnet);
}

// Adds a loaded row's moments, times sign, to the sums of columns. Moments: weight, guide bands,
// their products (b <= d), channels, channels times bands.
CLONES static void add_moments(long bands, long channels, const double *planes, long count,
                               double magnet, double sign, double *sums) {
  const double *weight = planes, *guide = planes + count, *values = guide + bands * count;
  add_product(sums, weight, weight, count, magnet, sign);
  sums += count;
  for (long b = 0; b < bands; b++, sums += count)
    add_product(sums, guide + b * count, weight, count, magnet, sign);
  for (long b = 0; b < bands; b++)
    for (long d = b; d < bands; d++, sums += count)
      add_product(sums, guide + b * count, guide + d * count, count, magnet, sign);
  for (long k = 0; k < channels; k++) {
    add_product(sums, values + k * count, weight, count, magnet, sign);
    sums += count;
    for (long b = 0; b < bands; b++, sums += count)
      add_product(sums, values + k * count, guide + b * count, count, magnet, sign);
  }
}

// window[x] = Σ columns[x ..< x + length] for x < count, of each plane of count + length - 1
// columns. Sums of 1, 2, 4, … columns are made in turn, and those that make up length are added.
CLONES static void sum_windows(const double *columns, long planes, long count, long length,
                               double *restrict spans, double *window) {
  long stride = count + length - 1;
  for (long plane = 0; plane < planes; plane++) {
    const double *from = columns + plane * stride;
    double *restrict sum = window + plane * count;
    double *even = spans, *odd = spans + stride;
    long done = 0;
    for (long span = 1;; span *= 2) {
      if (length & span) {
        const double *part = from + done;
        if (done == 0) {
          memcpy(sum, part, (size_t)count * sizeof(double));
        } else {
          for (long x = 0; x < count; x++) sum[x] += part[x];
        }
        done += span;
      }
      if (2 * span > length) break;
      long doubled = stride + 1 - 2 * span;
      double *restrict to = even;
      for (long x = 0; x < doubled; x++) to[x] = from[x] + from[x + span];
      from = to;
      even = odd;
      odd = to;
    }
  }
}

// A strip of `lanes` numbers of neighbouring windows, and of whole numbers or masks.
typedef double strip __attribute__((vector_size(lanes * sizeof(double))));
typedef long marks __attribute__((vector_size(lanes * sizeof(long))));

// All that takes or returns strips is inlined: there is no calling convention to disagree on.
#pragma clang diagnostic ignored "-Wpsabi"
#define INLINE static inline __attribute__((always_inline))

INLINE strip strip_at(const double *address) {
  strip values;
  memcpy(&values, address, sizeof values);
  return values;
}

// a where the marks are set, b elsewhere.
INLINE strip chosen(marks where, strip a, strip b) {
  return (strip)((where & (marks)a) | (~where & (marks)b));
}

// target = values where the marks are set, 0 elsewhere, of a strip's first `used` numbers.
INLINE void store_strip(float *restrict target, strip values, marks where, long used) {
  values = (strip)(where & (marks)values);
  float narrow[lanes];
  for (long l = 0; l < lanes; l++) narrow[l] = (float)values[l];
  if (used == lanes)
    memcpy(target, narrow, sizeof narrow);
  else
    memcpy(target, narrow, (size_t)used * sizeof(float));
}

// Solves (covariance + epsilon) a = covariance with the channel for every window (equations 14
// and 15), a strip at a time (the last one reads on into the next plane and drops what it got).
// Coefficients of a channel: one a band, then the constant; after the last channel the window's
// own weight. All are zero where the centre is invalid.
INLINE void solve_row_of(long bands, long channels, const double *window, long count,
                         const unsigned char *valid, double epsilon, float *coefficients,
                         long stride) {
  const strip zero = {0}, least = zero + 0.5 * epsilon;
  for (long start = 0; start < count; start += lanes) {
    long used = count - start < lanes ? count - start : lanes;
    marks centre = {0};
    for (long l = 0; l < used; l++) centre[l] = -(long)(valid[start + l] != 0);
    strip weight = strip_at(window + start);
    strip share = chosen(weight > zero, (zero + 1) / weight, zero);
    strip mean[max_bands], inverse[max_bands], factor[max_bands][max_bands];
    const double *moment = window + count + start;
    for (long b = 0; b < bands; b++, moment += count) mean[b] = strip_at(moment) * share;

    // Covariance = factor · diagonal · factorᵀ, the factor's own diagonal being 1; below it is
    // kept factor · diagonal until the row is done.
    for (long b = 0; b < bands; b++) {
      for (long d = b; d < bands; d++, moment += count)
        factor[d][b] = strip_at(moment) * share - mean[b] * mean[d];
    }
    for (long b = 0; b < bands; b++) {
      for (long d = b; d < bands; d++) {
        strip sum = factor[d][b] + (d == b ? epsilon : 0);
        for (long e = 0; e < b; e++) sum -= factor[d][e] * factor[b][e] * inverse[e];
        factor[d][b] = sum;
      }
      // Rounding can take a flat window's variance below zero by far less than any epsilon.
      inverse[b] = (zero + 1) / chosen(factor[b][b] > least, factor[b][b], least);
    }

    float *target = coefficients + start;
    for (long k = 0; k < channels; k++) {
      strip value = strip_at(moment) * share, solution[max_bands];
      moment += count;
      for (long b = 0; b < bands; b++, moment += count) {
        solution[b] = strip_at(moment) * share - mean[b] * value;
        for (long e = 0; e < b; e++)
          solution[b] -= factor[b][e] * inverse[e] * solution[e];
      }
      for (long b = bands - 1; b >= 0; b--) {
        for (long d = b + 1; d < bands; d++) solution[b] -= factor[d][b] * solution[d];
        solution[b] *= inverse[b];
      }
      for (long b = 0; b < bands; b++, target += stride) {
        value -= solution[b] * mean[b];
        store_strip(target, solution[b], centre, used);
      }
      store_strip(target, value, centre, used);
      target += stride;
    }
    store_strip(target, zero + 1, centre, used);
  }
}

// The usual numbers of bands are unrolled, so that a strip's numbers stay in registers.
CLONES static void solve_row(long bands, long channels, const double *window, long count,
                             const unsigned char *valid, double epsilon, float *coefficients,
                             long stride) {
  switch (bands) {
    case 1: return solve_row_of(1, channels, window, count, valid, epsilon, coefficients, stride);
    case 3: return solve_row_of(3, channels, window, count, valid, epsilon, coefficients, stride);
    case 4: return solve_row_of(4, channels, window, count, valid, epsilon, coefficients, stride);
    default:
      return solve_row_of(bands, channels, window, count, valid, epsilon, coefficients, stride);
  }
}

// Adds a row of coefficients, times sign, to the sums of columns.
CLONES static void add_coefficients(const float *coefficients, long count, double magnet,
                                    double sign, double *restrict sums) {
  for (long i = 0; i < count; i++) sums[i] += sign * SNAPPED((double)coefficients[i], magnet);
}

// One row of output: the window's mean coefficients applied to the guide (equation 16).
CLONES static void write_row(long bands, long channels, const double *window, const double *planes,
                             long count, float *output, long channel_stride) {
  const double *weight = window + channels * (bands + 1) * count, *guide = planes + count;
  for (long k = 0; k < channels; k++) {
    const double *coefficient = window + k * (bands + 1) * count;
    for (long start = 0; start < count; start += lanes) {
      long used = count - start < lanes ? count - start : lanes;
      double sum[lanes];
      for (long l = 0; l < lanes; l++) sum[l] = coefficient[bands * count + start + l];
      for (long b = 0; b < bands; b++)
        for (long l = 0; l < lanes; l++)
          sum[l] += coefficient[b * count + start + l] * guide[b * count + start + l];
      float result[lanes];
      for (long l = 0; l < lanes; l++)
        result[l] = planes[start + l] > 0 ? (float)(sum[l] / weight[start + l]) : 0;
      for (long l = 0; l < used; l++) output[(start + l) * channel_stride + k] = result[l];
    }
  }
}

// Where a filtering's rows lie in its scratch memory, in doubles; the ring of coefficients, in
// floats, comes last.
struct layout {
  long planes, sums, window, means, spans, ring, bytes;
};

static struct layout layout_of(long bands, long channels, long output_width, long radius) {
  long length = 2 * radius + 1, moments = moments_of(bands, channels);
  long coefficients = channels * (bands + 1) + 1;
  long coefficient_columns = output_width + 2 * radius;
  long moment_columns = coefficient_columns + 2 * radius;
  struct layout layout;
  layout.planes = 0;
  layout.sums = layout.planes + (1 + bands + channels) * moment_columns;
  layout.window = layout.sums + moments * moment_columns;
  long most = moments > coefficients ? moments : coefficients;
  layout.means = layout.window + most * coefficient_columns;
  layout.spans = layout.means + coefficients * coefficient_columns;
  layout.ring = layout.spans + 2 * moment_columns;
  layout.bytes = layout.ring * (long)sizeof(double) +
                 length * coefficients * coefficient_columns * (long)sizeof(float);
  return layout;
}

long kernels_guided_filter_bytes(long bands, long channels, long output_width, long radius) {
  return layout_of(bands, channels, output_width, radius).bytes;
}

void kernels_guided_filter(const float *guide, long bands, const float *values, long channels,
                           long channel_stride, const unsigned char *valid, long height,
                           long width, long top, long left, long output_height,
                           long output_width, long radius, double epsilon, void *memory,
                           float *output) {
  struct image image = {guide, values, valid, bands, channels, channel_stride, height, width};
  long length = 2 * radius + 1, moments = moments_of(bands, channels);
  long coefficients = channels * (bands + 1) + 1;
  // Coefficients are needed `radius` around the output, inside the image; moments as far again.
  long first_row = top > radius ? top - radius : 0;
  long last_row = top + output_height - 1 + radius < height ? top + output_height - 1 + radius
                                                            : height - 1;
  long first_column = left > radius ? left - radius : 0;
  long end_column = left + output_width + radius < width ? left + output_width + radius : width;
  long solved = end_column - first_column;
  long moment_columns = solved + 2 * radius, coefficient_columns = output_width + 2 * radius;
  long means_size = coefficients * coefficient_columns;

  // A ridge regression's slope is at most σ / (2√ε), σ ≤ ½ for values in [0, 1]; the constant is
  // a value less the slopes times the guide's means.
  double slope_bound = 0.25 / sqrt(epsilon);
  double moment_magnet = magnet_for(guide_bound * guide_bound, length * length);
  double coefficient_magnet =
      magnet_for(2 + slope_bound * guide_bound * sqrt((double)bands), length * length);

  struct layout layout = layout_of(bands, channels, output_width, radius);
  memset(memory, 0, (size_t)layout.bytes);
  double *doubles = memory, *planes = doubles + layout.planes, *sums = doubles + layout.sums;
  double *window = doubles + layout.window, *means = doubles + layout.means;
  double *spans = doubles + layout.spans;
  float *ring = (float *)(doubles + layout.ring);

  long solved_rows = first_row, summed_rows = first_row > radius ? first_row - radius : 0;
  for (long y = top; y < top + output_height; y++) {
    if (y > top && y - radius - 1 >= 0)
      add_coefficients(ring + (y - radius - 1) % length * means_size, means_size,
                       coefficient_magnet, -1, means);
    for (; solved_rows <= y + radius && solved_rows <= last_row; solved_rows++) {
      for (; summed_rows <= solved_rows + radius && summed_rows < height; summed_rows++) {
        load_row(&image, summed_rows, first_column - radius, moment_columns, planes);
        add_moments(bands, channels, planes, moment_columns, moment_magnet, 1, sums);
      }
      if (solved_rows > first_row && solved_rows - radius - 1 >= 0) {
        load_row(&image, solved_rows - radius - 1, first_column - radius, moment_columns, planes);
        add_moments(bands, channels, planes, moment_columns, moment_magnet, -1, sums);
      }
      sum_windows(sums, moments, solved, length, spans, window);
      float *row = ring + solved_rows % length * means_size;
      solve_row(bands, channels, window, solved, valid + solved_rows * width + first_column,
                epsilon, row + first_column - (left - radius), coefficient_columns);
      add_coefficients(row, means_size, coefficient_magnet, 1, means);
    }
    sum_windows(means, coefficients, output_width, length, spans, window);
    load_row(&image, y, left, output_width, planes);
    write_row(bands, channels, window, planes, output_width,
              output + (y - top) * output_width * channel_stride, channel_stride);
  }
}
