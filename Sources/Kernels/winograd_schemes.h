// Winograd's minimal filtering (Lavin and Gray, 2016) in several sizes, as matrices.
//
// In one dimension a scheme computes m outputs of a kernel of r taps from `pixels` input pixels
// with `points` multiplications: y = Aᵀ [(W g) ⊙ (B d)]. In two dimensions each matrix is applied to
// rows and to columns. The gradient of the weights is Wᵀ [(B d) ⊙ (A dy)].
//
// The matrices are those of tools/golden/winograd_schemes.py, which finds the interpolation points
// with small rounding errors: these differ by factors of five between choices of equal cost. Beside
// infinity, and 0 where the number of points is even, they are pairs of opposite ones: ±11/16, ±11/8
// for F(4, 3); ±7/16, ±5/4 for F(3, 3); ±3/8, ±7/8, ±13/8 for F(5, 3); ±½, ±1, ±2 for F(4, 5); ±¼,
// ±7/8, ±25/16 for F(3, 5).
#ifndef WINOGRAD_SCHEMES_H
#define WINOGRAD_SCHEMES_H

enum { most_points = 8, most_outputs = 5, most_taps = 5 };

struct scheme {
  int points, outputs, pixels, taps;
  // So many pairs of opposite points come after the first point: of their rows, in each matrix, the
  // even columns agree and the odd ones have opposite signs.
  int pairs;
  float input[most_points][most_points];    // B
  float output[most_points][most_outputs];  // A
  float weight[most_points][most_taps];     // W
};

static const struct scheme scheme_4_3 = {
    .points = 6, .outputs = 4, .pixels = 6, .taps = 3, .pairs = 2,
    .input = {{0.893615723f, 0, -2.36328125f, 0, 1, 0},
              {0, -1.29980469f, -1.890625f, 0.6875f, 1, 0},
              {0, 1.29980469f, -1.890625f, -0.6875f, 1, 0},
              {0, -0.649902344f, -0.47265625f, 1.375f, 1, 0},
              {0, 0.649902344f, -0.47265625f, -1.375f, 1, 0},
              {0, 0.893615723f, 0, -2.36328125f, 0, 1}},
    .output = {{1, 0, 0, 0},
               {1, 0.6875f, 0.47265625f, 0.324951172f},
               {1, -0.6875f, 0.47265625f, -0.324951172f},
               {1, 1.375f, 1.890625f, 2.59960938f},
               {1, -1.375f, 1.890625f, -2.59960938f},
               {0, 0, 0, 1}},
    .weight = {{1.11904925f, 0, 0},
               {-0.74603283f, -0.512897571f, -0.35261708f},
               {-0.74603283f, 0.512897571f, -0.35261708f},
               {0.186508208f, 0.256448785f, 0.35261708f},
               {0.186508208f, -0.256448785f, 0.35261708f},
               {0, 0, 1}}};

static const struct scheme scheme_3_3 = {
    .points = 5, .outputs = 3, .pixels = 5, .taps = 3, .pairs = 2,
    .input = {{0.299072266f, 0, -1.75390625f, 0, 1},
              {-0.68359375f, -1.5625f, 0.4375f, 1, 0},
              {-0.68359375f, 1.5625f, 0.4375f, -1, 0},
              {-0.239257812f, -0.19140625f, 1.25f, 1, 0},
              {-0.239257812f, 0.19140625f, 1.25f, -1, 0}},
    .output = {{0, 0, 1},
               {1, 0.4375f, 0.19140625f},
               {1, -0.4375f, 0.19140625f},
               {1, 1.25f, 1.5625f},
               {1, -1.25f, 1.5625f}},
    .weight = {{0, 0, 1},
               {-0.833536834f, -0.364672365f, -0.15954416f},
               {-0.833536834f, 0.364672365f, -0.15954416f},
               {0.291737892f, 0.364672365f, 0.455840456f},
               {0.291737892f, -0.364672365f, 0.455840456f}}};

static const struct scheme scheme_5_3 = {
    .points = 7, .outputs = 5, .pixels = 7, .taps = 3, .pairs = 3,
    .input = {{-0.284305573f, 0, 2.50073242f, 0, -3.546875f, 0, 1},
              {0.758148193f, 2.02172852f, -1.27734375f, -3.40625f, 0.375f, 1, 0},
              {0.758148193f, -2.02172852f, -1.27734375f, 3.40625f, 0.375f, -1, 0},
              {0.324920654f, 0.371337891f, -2.43359375f, -2.78125f, 0.875f, 1, 0},
              {0.324920654f, -0.371337891f, -2.43359375f, 2.78125f, 0.875f, -1, 0},
              {0.174957275f, 0.107666016f, -1.47265625f, -0.90625f, 1.625f, 1, 0},
              {0.174957275f, -0.107666016f, -1.47265625f, 0.90625f, 1.625f, -1, 0}},
    .output = {{0, 0, 0, 0, 1},
               {1, 0.375f, 0.140625f, 0.052734375f, 0.0197753906f},
               {1, -0.375f, 0.140625f, -0.052734375f, 0.0197753906f},
               {1, 0.875f, 0.765625f, 0.669921875f, 0.586181641f},
               {1, -0.875f, 0.765625f, -0.669921875f, 0.586181641f},
               {1, 1.625f, 2.640625f, 4.29101562f, 6.97290039f},
               {1, -1.625f, 2.640625f, -4.29101562f, 6.97290039f}},
    .weight = {{0, 0, 1},
               {0.853333333f, 0.32f, 0.12f},
               {0.853333333f, -0.32f, 0.12f},
               {-0.487619048f, -0.426666667f, -0.373333333f},
               {-0.487619048f, 0.426666667f, -0.373333333f},
               {0.0656410256f, 0.106666667f, 0.173333333f},
               {0.0656410256f, -0.106666667f, 0.173333333f}}};

static const struct scheme scheme_4_5 = {
    .points = 8, .outputs = 4, .pixels = 8, .taps = 5, .pairs = 3,
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
    .points = 7, .outputs = 3, .pixels = 7, .taps = 5, .pairs = 3,
    .input = {{-0.116825104f, 0, 2.06964111f, 0, -3.26953125f, 0, 1},
              {0.467300415f, 1.86920166f, -0.801757812f, -3.20703125f, 0.25f, 1, 0},
              {0.467300415f, -1.86920166f, -0.801757812f, 3.20703125f, 0.25f, -1, 0},
              {0.133514404f, 0.152587891f, -2.19091797f, -2.50390625f, 0.875f, 1, 0},
              {0.133514404f, -0.152587891f, -2.19091797f, 2.50390625f, 0.875f, -1, 0},
              {0.0747680664f, 0.0478515625f, -1.29394531f, -0.828125f, 1.5625f, 1, 0},
              {0.0747680664f, -0.0478515625f, -1.29394531f, 0.828125f, 1.5625f, -1, 0}},
    .output = {{0, 0, 1},
               {1, 0.25f, 0.0625f},
               {1, -0.25f, 0.0625f},
               {1, 0.875f, 0.765625f},
               {1, -0.875f, 0.765625f},
               {1, 1.5625f, 2.44140625f},
               {1, -1.5625f, 2.44140625f}},
    .weight = {{0, 0, 0, 0, 1},
               {1.19569422f, 0.298923554f, 0.0747308885f, 0.0186827221f, 0.00467068053f},
               {1.19569422f, -0.298923554f, 0.0747308885f, -0.0186827221f, 0.00467068053f},
               {-0.484966885f, -0.424346024f, -0.371302771f, -0.324889925f, -0.284278684f},
               {-0.484966885f, 0.424346024f, -0.371302771f, 0.324889925f, -0.284278684f},
               {0.080270381f, 0.12542247f, 0.19597261f, 0.306207203f, 0.478448754f},
               {0.080270381f, -0.12542247f, 0.19597261f, -0.306207203f, 0.478448754f}}};

// A kernel of 5 taps over a map 3 wide, padded by 2: y[i] = Σ w[2 + j − i] x[j], a Toeplitz matrix
// of the weights. It is F(3, 3) with the roles of weights and pixels exchanged and the outputs in
// reverse order: 25 multiplications in place of 225.
static const struct scheme scheme_whole_3_5 = {
    .points = 5, .outputs = 3, .pixels = 3, .taps = 5, .pairs = 2,
    .input = {{0, 0, 1},
              {-0.833536834f, -0.364672365f, -0.15954416f},
              {-0.833536834f, 0.364672365f, -0.15954416f},
              {0.291737892f, 0.364672365f, 0.455840456f},
              {0.291737892f, -0.364672365f, 0.455840456f}},
    .output = {{1, 0, 0},
               {0.19140625f, 0.4375f, 1},
               {0.19140625f, -0.4375f, 1},
               {1.5625f, 1.25f, 1},
               {1.5625f, -1.25f, 1}},
    .weight = {{0.299072266f, 0, -1.75390625f, 0, 1},
               {-0.68359375f, -1.5625f, 0.4375f, 1, 0},
               {-0.68359375f, 1.5625f, 0.4375f, -1, 0},
               {-0.239257812f, -0.19140625f, 1.25f, 1, 0},
               {-0.239257812f, 0.19140625f, 1.25f, -1, 0}}};

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
