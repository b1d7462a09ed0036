// Winograd's minimal filtering (Lavin and Gray, 2016) in several sizes, as matrices.
//
// In one dimension a scheme computes m outputs of a kernel of r taps from `pixels` input pixels
// with `points` multiplications: y = Aᵀ [(W g) ⊙ (B d)]. In two dimensions each matrix is applied to
// rows and to columns. The gradient of the weights is Wᵀ [(B d) ⊙ (A dy)].
//
// The interpolation points are chosen for small rounding errors, which differ by factors of five
// between choices of equal cost: 0, ±11/16, ±11/8, ∞ for F(4, 3); 0, ±¾, 3/2, ∞ for F(3, 3);
// 0, ±½, ±5/4, −5/2, ∞ for F(5, 3); 0, ±½, ±1, ±2, ∞ for F(4, 5); 0, ±½, ±1, 2, ∞ for F(3, 5).
#ifndef WINOGRAD_SCHEMES_H
#define WINOGRAD_SCHEMES_H

enum { most_points = 8, most_outputs = 5, most_taps = 5 };

struct scheme {
  int points, outputs, pixels, taps;
  // The first pairs of points after the first point are each other's negatives: of their rows the
  // even columns agree and the odd ones have opposite signs. This many for A, and for B.
  int pairs, input_pairs;
  float input[most_points][most_points];    // B
  float output[most_points][most_outputs];  // A
  float weight[most_points][most_taps];     // W
};

static const struct scheme scheme_4_3 = {
    .points = 6, .outputs = 4, .pixels = 6, .taps = 3, .pairs = 2, .input_pairs = 2,
    .input = {{0.893615722656f, 0, -2.36328125f, 0, 1, 0},
              {0, -1.2998046875f, -1.890625f, 0.6875f, 1, 0},
              {0, 1.2998046875f, -1.890625f, -0.6875f, 1, 0},
              {0, -0.64990234375f, -0.47265625f, 1.375f, 1, 0},
              {0, 0.64990234375f, -0.47265625f, -1.375f, 1, 0},
              {0, 0.893615722656f, 0, -2.36328125f, 0, 1}},
    .output = {{1, 0, 0, 0},
               {1, 0.6875f, 0.47265625f, 0.324951171875f},
               {1, -0.6875f, 0.47265625f, -0.324951171875f},
               {1, 1.375f, 1.890625f, 2.599609375f},
               {1, -1.375f, 1.890625f, -2.599609375f},
               {0, 0, 0, 1}},
    .weight = {{1.11904925f, 0, 0},
               {-0.74603283f, -0.512897571f, -0.35261708f},
               {-0.74603283f, 0.512897571f, -0.35261708f},
               {0.186508208f, 0.256448785f, 0.35261708f},
               {0.186508208f, -0.256448785f, 0.35261708f},
               {0, 0, 1}}};

static const struct scheme scheme_3_3 = {
    .points = 5, .outputs = 3, .pixels = 5, .taps = 3, .pairs = 1, .input_pairs = 0,
    .input = {{0.84375f, -0.5625f, -1.5f, 1, 0},
              {0, -1.125f, -0.75f, 1, 0},
              {0, 1.125f, -2.25f, 1, 0},
              {0, -0.5625f, 0, 1, 0},
              {0, 0.84375f, -0.5625f, -1.5f, 1}},
    .output = {{1, 0, 0}, {1, 0.75f, 0.5625f}, {1, -0.75f, 0.5625f}, {1, 1.5f, 2.25f}, {0, 0, 1}},
    .weight = {{1.18518519f, 0, 0},
               {-1.18518519f, -0.888888889f, -0.666666667f},
               {-0.395061728f, 0.296296296f, -0.222222222f},
               {0.395061728f, 0.592592593f, 0.888888889f},
               {0, 0, 1}}};

static const struct scheme scheme_5_3 = {
    .points = 7, .outputs = 5, .pixels = 7, .taps = 3, .pairs = 2, .input_pairs = 0,
    .input = {{0.9765625f, 0.390625f, -4.53125f, -1.8125f, 2.5f, 1, 0},
              {0, -1.953125f, -4.6875f, -0.3125f, 3, 1, 0},
              {0, 1.953125f, -3.125f, -2.8125f, 2, 1, 0},
              {0, -0.78125f, -0.9375f, 2.875f, 3.75f, 1, 0},
              {0, 0.78125f, -0.3125f, -3.375f, 1.25f, 1, 0},
              {0, 0.390625f, 0, -1.8125f, 0, 1, 0},
              {0, 0.9765625f, 0.390625f, -4.53125f, -1.8125f, 2.5f, 1}},
    .output = {{1, 0, 0, 0, 0},
               {1, 0.5f, 0.25f, 0.125f, 0.0625f},
               {1, -0.5f, 0.25f, -0.125f, 0.0625f},
               {1, 1.25f, 1.5625f, 1.953125f, 2.44140625f},
               {1, -1.25f, 1.5625f, -1.953125f, 2.44140625f},
               {1, -2.5f, 6.25f, -15.625f, 39.0625f},
               {0, 0, 0, 0, 1}},
    .weight = {{1.024f, 0, 0},
               {-0.507936508f, -0.253968254f, -0.126984127f},
               {-0.761904762f, 0.380952381f, -0.19047619f},
               {0.0650158730f, 0.0812698413f, 0.101587302f},
               {0.195047619f, -0.243809524f, 0.304761905f},
               {-0.0142222222f, 0.0355555556f, -0.0888888889f},
               {0, 0, 1}}};

static const struct scheme scheme_4_5 = {
    .points = 8, .outputs = 4, .pixels = 8, .taps = 5, .pairs = 3, .input_pairs = 3,
    .input = {{-1, 0, 5.25f, 0, -5.25f, 0, 1, 0},
              {0, 2, 4, -2.5f, -5, 0.5f, 1, 0},
              {0, -2, 4, 2.5f, -5, -0.5f, 1, 0},
              {0, 1, 1, -4.25f, -4.25f, 1, 1, 0},
              {0, -1, 1, 4.25f, -4.25f, -1, 1, 0},
              {0, 0.5f, 0.25f, -2.5f, -1.25f, 2, 1, 0},
              {0, -0.5f, 0.25f, 2.5f, -1.25f, -2, 1, 0},
              {0, -1, 0, 5.25f, 0, -5.25f, 0, 1}},
    .output = {{1, 0, 0, 0},
               {1, 0.5f, 0.25f, 0.125f},
               {1, -0.5f, 0.25f, -0.125f},
               {1, 1, 1, 1},
               {1, -1, 1, -1},
               {1, 2, 4, 8},
               {1, -2, 4, -8},
               {0, 0, 0, 1}},
    .weight = {{-1, 0, 0, 0, 0},
               {0.711111111f, 0.355555556f, 0.177777778f, 0.0888888889f, 0.0444444444f},
               {0.711111111f, -0.355555556f, 0.177777778f, -0.0888888889f, 0.0444444444f},
               {-0.222222222f, -0.222222222f, -0.222222222f, -0.222222222f, -0.222222222f},
               {-0.222222222f, 0.222222222f, -0.222222222f, 0.222222222f, -0.222222222f},
               {0.0111111111f, 0.0222222222f, 0.0444444444f, 0.0888888889f, 0.177777778f},
               {0.0111111111f, -0.0222222222f, 0.0444444444f, -0.0888888889f, 0.177777778f},
               {0, 0, 0, 0, 1}}};

static const struct scheme scheme_3_5 = {
    .points = 7, .outputs = 3, .pixels = 7, .taps = 5, .pairs = 2, .input_pairs = 0,
    .input = {{-0.5f, 0.25f, 2.5f, -1.25f, -2, 1, 0},
              {0, 1, 1.5f, -2, -1.5f, 1, 0},
              {0, -1, 2.5f, 0, -2.5f, 1, 0},
              {0, 0.5f, 0.25f, -2.25f, -1, 1, 0},
              {0, -0.5f, 0.75f, 1.75f, -3, 1, 0},
              {0, 0.25f, 0, -1.25f, 0, 1, 0},
              {0, -0.5f, 0.25f, 2.5f, -1.25f, -2, 1}},
    .output = {{1, 0, 0},
               {1, 0.5f, 0.25f},
               {1, -0.5f, 0.25f},
               {1, 1, 1},
               {1, -1, 1},
               {1, 2, 4},
               {0, 0, 1}},
    .weight = {{-2, 0, 0, 0, 0},
               {1.77777778f, 0.888888889f, 0.444444444f, 0.222222222f, 0.111111111f},
               {1.06666667f, -0.533333333f, 0.266666667f, -0.133333333f, 0.0666666667f},
               {-0.666666667f, -0.666666667f, -0.666666667f, -0.666666667f, -0.666666667f},
               {-0.222222222f, 0.222222222f, -0.222222222f, 0.222222222f, -0.222222222f},
               {0.0444444444f, 0.0888888889f, 0.177777778f, 0.355555556f, 0.711111111f},
               {0, 0, 0, 0, 1}}};

// A kernel of 5 taps over a map 3 wide, padded by 2: y[i] = Σ w[2 + j − i] x[j], a Toeplitz matrix
// of the weights. It is F(3, 3) with the roles of weights and pixels exchanged and the outputs in
// reverse order: 25 multiplications in place of 225.
static const struct scheme scheme_whole_3_5 = {
    .points = 5, .outputs = 3, .pixels = 3, .taps = 5, .pairs = 1, .input_pairs = 0,
    .input = {{1.18518519f, 0, 0},
              {-1.18518519f, -0.888888889f, -0.666666667f},
              {-0.395061728f, 0.296296296f, -0.222222222f},
              {0.395061728f, 0.592592593f, 0.888888889f},
              {0, 0, 1}},
    .output = {{0, 0, 1}, {0.5625f, 0.75f, 1}, {0.5625f, -0.75f, 1}, {2.25f, 1.5f, 1}, {1, 0, 0}},
    .weight = {{0.84375f, -0.5625f, -1.5f, 1, 0},
               {0, -1.125f, -0.75f, 1, 0},
               {0, 1.125f, -2.25f, 1, 0},
               {0, -0.5625f, 0, 1, 0},
               {0, 0.84375f, -0.5625f, -1.5f, 1}}};

// Calls `function` with a scheme known when compiling, so that its matrices become code.
#define WITH_SCHEME(number, function, ...)                                      \
  switch (number) {                                                             \
    case KERNELS_WINOGRAD_4_3: function(&scheme_4_3, __VA_ARGS__); break;       \
    case KERNELS_WINOGRAD_3_3: function(&scheme_3_3, __VA_ARGS__); break;       \
    case KERNELS_WINOGRAD_5_3: function(&scheme_5_3, __VA_ARGS__); break;       \
    case KERNELS_WINOGRAD_4_5: function(&scheme_4_5, __VA_ARGS__); break;       \
    case KERNELS_WINOGRAD_3_5: function(&scheme_3_5, __VA_ARGS__); break;       \
    default: function(&scheme_whole_3_5, __VA_ARGS__); break;                   \
  }
#endif
