// Tiles of images to points and back, by one of Winograd's schemes. A dilated convolution is several
// interleaved ones, so that the pixels of a tile lie `dilation` apart.
#include "Kernels.h"
#include "clones.h"
#include "winograd_transforms.h"

// The first pixel along one axis of tile `index`: tiles run through the first of the interleaved
// images, then the next.
static long tile_start(long index, long extent, long dilation, long outputs) {
  for (long phase = 0; phase < dilation; ++phase) {
    const long pixels = (extent - phase + dilation - 1) / dilation;
    const long tiles = (pixels + outputs - 1) / outputs;
    if (index < tiles) return phase + index * outputs * dilation;
    index -= tiles;
  }
  return extent;
}

struct place {
  long image, row, column;
};

INLINED struct place place_of(const struct kernels_winograd *w, long tile) {
  const long per_image = w->tile_rows * w->tile_columns;
  const long rest = tile % per_image;
  return (struct place){
      tile / per_image,
      tile_start(rest / w->tile_columns, w->output_height, w->dilation, w->outputs),
      tile_start(rest % w->tile_columns, w->output_width, w->dilation, w->outputs)};
}

// The offsets of side × side pixels from `row` and `column`, `dilation` apart, in an image of
// pixels of so many channels; −1 for those outside.
INLINED void pixel_offsets(const int side, long image, long row, long column, long dilation,
                           long height, long width, long channels, long *offsets) {
  for (int y = 0; y < side; ++y) {
    const long at_row = row + y * dilation;
    const int row_inside = at_row >= 0 && at_row < height;
    const long base = (image * height + at_row) * width;
    for (int x = 0; x < side; ++x) {
      const long at_column = column + x * dilation;
      const int inside = row_inside && at_column >= 0 && at_column < width;
      offsets[y * side + x] = inside ? (base + at_column) * channels : -1;
    }
  }
}

// Pixels (addresses of 16 channels) to points. lowest is what ReLU cuts at.
INLINED void input_strip(const struct scheme *s, const float *const *pixels, const vector *factor,
                         const vector *offset, float lowest, float *points, long stride) {
  vector half[most_points][most_points];
  const vector least = lowest - (vector){0};
  UNROLLED for (int column = 0; column < s->pixels; ++column) {
    vector d[most_points], t[most_points];
    UNROLLED for (int row = 0; row < s->pixels; ++row) {
      vector v;
      load(&v, pixels[row * s->pixels + column], lanes);
      v = v * *factor + *offset;
      const mask_vector above = v > least;
      d[row] = (vector)((above & (mask_vector)v) | (~above & (mask_vector)least));
    }
    expand(s->input[0], most_points, s->points, s->pixels, s->pairs, d, t);
    UNROLLED for (int row = 0; row < s->points; ++row) half[row][column] = t[row];
  }
  UNROLLED for (int row = 0; row < s->points; ++row) {
    vector t[most_points];
    expand(s->input[0], most_points, s->points, s->pixels, s->pairs, half[row], t);
    UNROLLED for (int column = 0; column < s->points; ++column)
      store(points + (row * s->points + column) * stride, &t[column], lanes);
  }
}

// The addresses of channels c.. of pixels, in a copy filled up with zeros where fewer than 16 are
// left.
INLINED void channels_of(const int count, const float *const *pixels, long c, long n,
                         float copy[][lanes], const float **addresses) {
  for (int i = 0; i < count; ++i) {
    if (n == lanes) {
      addresses[i] = pixels[i] + c;
    } else {
      for (long lane = 0; lane < lanes; ++lane) copy[i][lane] = lane < n ? pixels[i][c + lane] : 0;
      addresses[i] = copy[i];
    }
  }
}

INLINED void input_tiles(const struct scheme *s, const struct kernels_winograd *w,
                         const float *input, const float *scale, const float *shift,
                         const float *border, long first, long count, float *points,
                         long stride) {
  enum { most = most_points * most_points };
  const long channels = w->input_channels, padded = (channels + lanes - 1) / lanes * lanes;
  for (long tile = 0; tile < count; ++tile) {
    const struct place at = place_of(w, first + tile);
    long offsets[most];
    const float *pixels[most], *addresses[most];
    float copy[most][lanes];
    pixel_offsets(s->pixels, at.image, at.row - w->padding, at.column - w->padding, w->dilation,
                  w->input_height, w->input_width, channels, offsets);
    for (int i = 0; i < s->pixels * s->pixels; ++i)
      pixels[i] = offsets[i] < 0 ? border : input + offsets[i];
    for (long c = 0; c < channels; c += lanes) {
      const long n = channels - c < lanes ? channels - c : lanes;
      vector factor = 1 - (vector){0}, offset = {0};
      if (scale) {
        load(&factor, scale + c, n);
        load(&offset, shift + c, n);
      }
      channels_of(s->pixels * s->pixels, pixels, c, n, copy, addresses);
      input_strip(s, addresses, &factor, &offset, scale ? 0 : -__builtin_inff(),
                  points + tile * padded + c, stride);
    }
  }
}

CLONES void kernels_winograd_input(const struct kernels_winograd *w, const float *input,
                                   const float *scale, const float *shift, const float *border,
                                   long first, long count, float *points, long stride) {
  WITH_SCHEME(w->scheme, input_tiles, w, input, scale, shift, border, first, count, points, stride)
}

// Where a row of 16 channels of a tile stands in panels of `count` rows.
INLINED long panel_offset(long channels, long count, long tile, long c) {
  const long panel = c / KERNELS_PANEL * KERNELS_PANEL;
  return panel * count + tile * kernels_panel_width(channels - panel) + c - panel;
}

// Points to output pixels (addresses of 16 channels, none where outside), and their sums about the
// centre.
INLINED void output_strip(const struct scheme *s, const float *points, long stride,
                          float *const *pixels, const vector *centre, vector *sum,
                          vector *square) {
  vector half[most_outputs][most_points];
  UNROLLED for (int column = 0; column < s->points; ++column) {
    vector m[most_points], y[most_outputs];
    UNROLLED for (int row = 0; row < s->points; ++row)
      load(&m[row], points + (row * s->points + column) * stride, lanes);
    contract(s->output[0], most_outputs, s->points, s->outputs, s->pairs, m, y);
    UNROLLED for (int row = 0; row < s->outputs; ++row) half[row][column] = y[row];
  }
  UNROLLED for (int row = 0; row < s->outputs; ++row) {
    vector y[most_outputs];
    contract(s->output[0], most_outputs, s->points, s->outputs, s->pairs, half[row], y);
    UNROLLED for (int column = 0; column < s->outputs; ++column) {
      float *to = pixels[row * s->outputs + column];
      if (!to) continue;
      store(to, &y[column], lanes);
      const vector d = y[column] - *centre;
      *sum += d;
      *square += d * d;
    }
  }
}

INLINED void output_tiles(const struct scheme *s, const struct kernels_winograd *w,
                          const float *points, long stride, long first, long from, long count,
                          long panel_rows, float *output, const float *centre, float *sums,
                          long *written) {
  enum { most = most_outputs * most_outputs };
  const long channels = w->output_channels;
  const int size = s->outputs * s->outputs;
  for (long tile = from; tile < from + count; ++tile) {
    const struct place at = place_of(w, first + tile);
    long offsets[most];
    float copy[most][lanes];
    float *pixels[most];
    pixel_offsets(s->outputs, at.image, at.row, at.column, w->dilation, w->output_height,
                  w->output_width, channels, offsets);
    for (int i = 0; i < size; ++i) *written += offsets[i] >= 0;
    for (long c = 0; c < channels; c += lanes) {
      const long n = channels - c < lanes ? channels - c : lanes;
      for (int i = 0; i < size; ++i)
        pixels[i] = offsets[i] < 0 ? 0 : n < lanes ? copy[i] : output + offsets[i] + c;
      vector middle = {0}, sum = {0}, square = {0};
      if (centre) load(&middle, centre + c, n);
      output_strip(s, points + panel_offset(channels, panel_rows, tile, c), stride, pixels,
                   &middle, &sum, &square);
      if (n < lanes)
        for (int i = 0; i < size; ++i)
          if (pixels[i]) memcpy(output + offsets[i] + c, copy[i], (size_t)n * sizeof(float));
      if (sums) {
        vector *totals = (vector *)(sums + 2 * c);
        totals[0] += sum;
        totals[1] += square;
      }
    }
  }
}

CLONES long kernels_winograd_output(const struct kernels_winograd *w, const float *points,
                                    long stride, long first, long from, long count,
                                    long panel_rows, float *output, const float *centre,
                                    float *sums) {
  long written = 0;
  WITH_SCHEME(w->scheme, output_tiles, w, points, stride, first, from, count, panel_rows, output,
              centre, sums, &written)
  return written;
}

INLINED void gradient_strip(const struct scheme *s, const float *const *pixels, float *points,
                            long stride) {
  vector half[most_points][most_outputs];
  UNROLLED for (int column = 0; column < s->outputs; ++column) {
    vector y[most_outputs], m[most_points];
    UNROLLED for (int row = 0; row < s->outputs; ++row)
      load(&y[row], pixels[row * s->outputs + column], lanes);
    expand(s->output[0], most_outputs, s->points, s->outputs, s->pairs, y, m);
    UNROLLED for (int row = 0; row < s->points; ++row) half[row][column] = m[row];
  }
  UNROLLED for (int row = 0; row < s->points; ++row) {
    vector m[most_points];
    expand(s->output[0], most_outputs, s->points, s->outputs, s->pairs, half[row], m);
    UNROLLED for (int column = 0; column < s->points; ++column)
      store(points + (row * s->points + column) * stride, &m[column], lanes);
  }
}

INLINED void gradient_tiles(const struct scheme *s, const struct kernels_winograd *w,
                            const float *gradient, const float *border, long first, long from,
                            long count, long panel_rows, float *points, long stride) {
  enum { most = most_outputs * most_outputs };
  const long channels = w->output_channels;
  for (long tile = from; tile < from + count; ++tile) {
    const struct place at = place_of(w, first + tile);
    long offsets[most];
    const float *pixels[most], *addresses[most];
    float copy[most][lanes];
    pixel_offsets(s->outputs, at.image, at.row, at.column, w->dilation, w->output_height,
                  w->output_width, channels, offsets);
    for (int i = 0; i < s->outputs * s->outputs; ++i)
      pixels[i] = offsets[i] < 0 ? border : gradient + offsets[i];
    for (long c = 0; c < channels; c += lanes) {
      const long n = channels - c < lanes ? channels - c : lanes;
      channels_of(s->outputs * s->outputs, pixels, c, n, copy, addresses);
      gradient_strip(s, addresses, points + panel_offset(channels, panel_rows, tile, c), stride);
    }
  }
}

CLONES void kernels_winograd_gradient(const struct kernels_winograd *w, const float *gradient,
                                      const float *zeros, long first, long from, long count,
                                      long panel_rows, float *points, long stride) {
  WITH_SCHEME(w->scheme, gradient_tiles, w, gradient, zeros, first, from, count, panel_rows,
              points, stride)
}
