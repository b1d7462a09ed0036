// The loops that need wide vectors. Each is plain C, compiled once an instruction set and chosen
// when the program starts, so that it runs on any processor.
//
// Arrays do not overlap unless said otherwise. Images are NHWC; a row of a matrix of channels is
// one pixel.
#ifndef KERNELS_H
#define KERNELS_H

// Memory (memory.c). Aligned to 64 bytes; large blocks ask for huge pages.
void *kernels_allocate(long bytes);
void kernels_free(void *memory);

// Element-wise (elementwise.c).
void kernels_add_scaled(float *target, const float *source, float factor, long count);
void kernels_scale(float *target, float factor, long count);
// target[row][:] *= weights[row]
void kernels_scale_rows(float *target, const float *weights, long rows, long channels);
// Adam's step; rate and inverse carry the bias corrections.
void kernels_adam(float *value, const float *gradient, float *first, float *second, long count,
                  float rate, float inverse, float beta1, float rest1, float beta2, float rest2,
                  float epsilon);
// Softmax of each row.
void kernels_softmax(const float *input, float *output, long rows, long channels);
// input_gradient = output * (output_gradient - sum(output * output_gradient)) of each row.
void kernels_softmax_gradient(const float *output_gradient, const float *output,
                              float *input_gradient, long rows, long channels);

// Batch normalisation (normalisation.c). Sums are added to, in double.
// sum[c] += Σ (x - centre[c]); square[c] += Σ (x - centre[c])²
void kernels_channel_sums(const float *input, const float *centre, long rows, long channels,
                          double *sum, double *square);
// output = input * scale[c] + shift[c], cut at zero if rectified; may be in place.
void kernels_normalise(const float *input, const float *scale, const float *shift, float *output,
                       long rows, long channels, int rectified);
// With g = output_gradient where input * scale[c] + shift[c] > 0 (everywhere unless rectified) and
// x̂ = (input - mean[c]) * inverse[c]: sum[c] += Σ g; product[c] += Σ g·x̂
void kernels_normalisation_sums(const float *output_gradient, const float *input,
                                const float *scale, const float *shift, const float *mean,
                                const float *inverse, long rows, long channels, int rectified,
                                double *sum, double *product);
// gradient = scale[c] * (g - sum_mean[c] - x̂ * product_mean[c]), g as above; may be in place.
void kernels_normalisation_gradient(const float *output_gradient, const float *input,
                                    const float *scale, const float *shift, const float *mean,
                                    const float *inverse, const float *sum_mean,
                                    const float *product_mean, float *gradient, long rows,
                                    long channels, int rectified);

// Gathering (gather.c).
// output[column][row] = input[row][column], the input's rows row_stride apart
void kernels_transpose(const float *input, long row_stride, float *output, long rows,
                       long columns);
// columns[x][ky][kx][c] = image[ky * dilation][x + kx * dilation][c] for x < width
void kernels_gather_taps(const float *image, long image_width, long width, long channels,
                         long kernel_size, long dilation, float *columns);

// The discrete Fourier transform of 16 sequences at once (fourier.c): number n of lane l has its
// parts at real[n * stride + l] and imaginary[n * stride + l]. `length` is the product of the radices
// (2, 3, 4 or 5); of each pass with m = what is left of the length after it, twiddles hold
// cos and sin of −2π·p·k / (m·radix) for 0 ≤ p < m and 1 ≤ k < radix. Input and output may be the
// same. scratch: 64 * length. With the parts exchanged in input and output alike it is the inverse,
// but for the division by the length.
void kernels_fourier(const long *radices, long passes, const float *twiddles, long length,
                     const float *real, const float *imaginary, long stride, float *output_real,
                     float *output_imaginary, long output_stride, float *scratch);
// `count` runs of `run` numbers, from and to places as far apart as the strides say.
void kernels_copy_runs(const float *source, long source_stride, float *target, long target_stride,
                       long run, long count);

// The joint distribution's spectrum (joint_spectrum.c) along a column of `length` frequencies, from
// the packed spectra z = x1 + i·x2 there and in the mirrored column: rows `stride` apart of real
// parts [pairs][clusters] and, `imaginary` further on, imaginary ones. Rows of the joint are real
// parts [clusters][padded], then imaginary ones; padded is the next multiple of 16.
// joint = or += 4·Σ over pairs of conj(X1)·X2. scratch: 4 * pairs * padded + 16.
void kernels_joint_spectrum(const float *z, const float *mirrored, long stride, long imaginary,
                            long length, long pairs, long clusters, float *joint, int adding,
                            float *scratch);
// In place of z and its mirror image: twice the spectrum of x1's gradient + i·x2's, from that of the
// joint's gradient. scratch: 8 * pairs * padded + 2 * clusters * padded + 16.
void kernels_joint_spectrum_gradient(float *z, float *mirrored, long stride, long imaginary,
                                     long length, long pairs, long clusters,
                                     const float *joint_gradient, float *scratch);

// Matrix product (product.c): c = a · b, or c += a · b if adding, on the calling thread. a's element
// of row i and inner k is a[i * a_row + k * a_inner]. b is packed: panels of KERNELS_PANEL columns
// (the last may be half as wide), each [inner][width], filled up with zeros. c's element of row i
// and column j is c[j / KERNELS_PANEL * c_panel + i * c_row + j % KERNELS_PANEL]; with a c_row of 0
// its rows are as long as the panel is wide, and filled up.
enum { KERNELS_PANEL = 32 };
// The width of the panel that begins with `columns` columns left.
static inline long kernels_panel_width(long columns) {
  return columns > KERNELS_PANEL / 2 ? KERNELS_PANEL : KERNELS_PANEL / 2;
}
void kernels_product(long rows, long columns, long inner, const float *a, long a_row,
                     long a_inner, const float *b, float *c, long c_row, long c_panel, int adding);
// Whether this product outruns OpenBLAS's on this processor even when b must be packed first.
int kernels_product_is_fastest(void);
// How many elements b [inner][columns] has when packed.
long kernels_packed_count(long inner, long columns);
// Packs b, whose element of inner k and column j is b[k * b_inner + j * b_column].
void kernels_pack(const float *b, long b_inner, long b_column, long inner, long columns,
                  float *packed);

// Winograd's minimal filtering. A scheme F(m, r) makes tiles of m × m output pixels of a kernel of
// r × r; the last is a whole map of 3 × 3 under a kernel of 5 × 5 padded by 2.
enum {
  KERNELS_WINOGRAD_4_3,
  KERNELS_WINOGRAD_3_3,
  KERNELS_WINOGRAD_5_3,
  KERNELS_WINOGRAD_4_5,
  KERNELS_WINOGRAD_3_5,
  KERNELS_WINOGRAD_WHOLE_3_5
};
// How an output is covered with tiles. outputs is m; tiles run through one after another of the
// interleaved images that a dilated convolution is.
struct kernels_winograd {
  int scheme;
  long outputs, padding, dilation;
  long input_height, input_width, input_channels;
  long output_height, output_width, output_channels;
  long tile_rows, tile_columns;
};
// Tiles and points (winograd_tiles.c). Point p of a tile lies at points + p * stride. Tiles are
// numbered image by image; `count` from `first` are done.
// Input pixels → points [count][channels rounded up to 16]. With a scale, pixels are first made
// max(0, x * scale[c] + shift[c]); border is a pixel that stands for those outside the image.
void kernels_winograd_input(const struct kernels_winograd *winograd, const float *input,
                            const float *scale, const float *shift, const float *border,
                            long first, long count, float *points, long stride);
// Points of a block of tiles that begins with tile `first`, in panels of panel_rows rows as
// kernels_product takes and gives them, → output pixels; of the block's tiles `count` from `from`.
// With sums, of which there are two for every lane of the channels rounded up to 16, groups of 16
// and 16 in turn, Σ (y − centre[c]) and Σ (y − centre[c])² are added to them.
// Returns how many pixels it wrote.
long kernels_winograd_output(const struct kernels_winograd *winograd, const float *points,
                             long stride, long first, long from, long count,
                             long panel_rows, float *output, const float *centre, float *sums);
// The output's gradient → points in panels; zeros is a pixel that stands for those outside.
void kernels_winograd_gradient(const struct kernels_winograd *winograd, const float *gradient,
                               const float *zeros, long first, long from, long count,
                               long panel_rows, float *points, long stride);
// Weights (winograd_weights.c). Of weights whose taps lie tap_stride apart and whose inputs
// row_stride apart, one panel's [r][r][inputs][outputs], outputs ≤ KERNELS_PANEL → points, each
// packed.
void kernels_winograd_weight(int scheme, const float *weight, long tap_stride, long row_stride,
                             long inputs, long outputs, float *points, long stride);
// Adds the gradient of `count` weights that lie side by side, their taps tap_stride apart, for that
// of their points, the sum of `shares` lying share_stride apart.
void kernels_winograd_weight_gradient(int scheme, const float *points, long stride, long shares,
                                      long share_stride, float *gradient, long tap_stride,
                                      long count);

// Pooling of one output row (pooling.c). The window's rows are top..<bottom of the image.
void kernels_max_pool_row(const float *image, long image_width, long top, long bottom, long size,
                          long stride, long padding, float *output, long width, long channels);
// Adds each window's gradient to its first largest pixel.
void kernels_max_pool_row_gradient(const float *output_gradient, const float *image,
                                   long image_width, long top, long bottom, long size, long stride,
                                   long padding, float *input_gradient, long width, long channels);
void kernels_average_pool_row(const float *image, long image_width, long top, long size,
                              long stride, float *output, long width, long channels);
// Adds each window's gradient to its pixels, in equal shares.
void kernels_average_pool_row_gradient(const float *output_gradient, long image_width, long top,
                                       long size, long stride, float *input_gradient, long width,
                                       long channels);

// Normalisation, ReLU and pooling in disjoint windows at once (normalised_pooling.c), of one output
// row; the window's rows are top..<bottom of the image.
// output = the largest max(0, image * scale[c] + shift[c]) of each window
void kernels_normalised_pool_row(const float *image, long image_width, long top, long bottom,
                                 long size, long padding, const float *scale, const float *shift,
                                 float *output, long width, long channels);
// With g the output's gradient where a window's first largest value lies, unless it was cut at
// zero, and x̂ = (image - mean[c]) * inverse[c]: sum[c] += Σ g; product[c] += Σ g·x̂
void kernels_normalised_pool_sums(const float *output_gradient, const float *image,
                                  long image_width, long top, long bottom, long size, long padding,
                                  const float *scale, const float *shift, const float *mean,
                                  const float *inverse, long width, long channels, double *sum,
                                  double *product);
// input_gradient = scale[c] * g - (offset[c] + slope[c] * (image - mean[c])) at each window's pixels
void kernels_normalised_pool_gradient(const float *output_gradient, const float *image,
                                      long image_width, long top, long bottom, long size,
                                      long padding, const float *scale, const float *shift,
                                      const float *mean, const float *offset, const float *slope,
                                      float *input_gradient, long width, long channels);
// The same at pixels that no window covers.
void kernels_unpooled_gradient(const float *image, const float *mean, const float *offset,
                               const float *slope, float *input_gradient, long pixels,
                               long channels);

// Residual sums (residual.c).
// output = max(0, input * scale[c] + shift[c] + shortcut), the shortcut times shortcut_scale[c] plus
// shortcut_shift[c] where those are given.
void kernels_residual_sum(const float *input, const float *scale, const float *shift,
                          const float *shortcut, const float *shortcut_scale,
                          const float *shortcut_shift, float *output, long rows, long channels);
// input_gradient = output_gradient where output > 0, else 0
void kernels_rectified_gradient(const float *output_gradient, const float *output,
                                float *input_gradient, long count);

// Bilinear resizing of one row of pixels between two input rows (resize.c); left, right and
// fraction say for each output pixel which input columns it reads and the right one's weight.
void kernels_resize_row(const float *above, const float *below, float lower_fraction,
                        const long *left, const long *right, const float *fraction, float *output,
                        long width, long channels);
// Adds one output row's gradient, times weight, into one input row's.
void kernels_resize_row_gradient(const float *output_gradient, float weight, const long *left,
                                 const long *right, const float *fraction, float *input_gradient,
                                 long width, long channels);

// Bilinear blends of pixels (blend.c): target = Σ weight[i] * source[offset[i]..] over four
// corners; the gradient scatters instead. An offset below zero contributes nothing.
void kernels_blend(const float *source, const long offsets[4], const float weights[4],
                   float *target, long channels);
void kernels_blend_gradient(const float *target_gradient, const long offsets[4],
                            const float weights[4], float *source_gradient, long channels);

// Guided filter (guided_filter.c) of a rectangle of an image. guide is [height][width][bands],
// values [height][width][channel_stride] of which the first `channels` are filtered, in [0, 1];
// valid is [height][width], 1 or 0: the rest carries no weight and becomes 0. output is
// [output_height][output_width][channel_stride]. At most KERNELS_GUIDE_BANDS and
// KERNELS_GUIDED_CHANNELS at a time. memory is scratch of kernels_guided_filter_bytes.
enum { KERNELS_GUIDE_BANDS = 8, KERNELS_GUIDED_CHANNELS = 8 };
void kernels_guided_filter(const float *guide, long bands, const float *values, long channels,
                           long channel_stride, const unsigned char *valid, long height,
                           long width, long top, long left, long output_height,
                           long output_width, long radius, double epsilon, void *memory,
                           float *output);
long kernels_guided_filter_bytes(long bands, long channels, long output_width, long radius);
#endif
