import Kernels

/// One of Winograd's minimal filterings F(m×m, r×r) (Lavin and Gray, 2016): tiles of m × m output
/// pixels of an r × r kernel by fewer multiplications, done as one matrix product for each of the
/// tiles' points.
struct WinogradScheme: Hashable, Sendable {
  /// Its number in `Kernels`.
  let number: Int32
  /// Points along each side of a tile.
  let side: Int
  /// m.
  let outputs: Int

  /// Points of a tile.
  var points: Int { side * side }

  private init(_ number: some BinaryInteger, side: Int, outputs: Int) {
    self.number = Int32(number)
    self.side = side
    self.outputs = outputs
  }

  static let f4x3 = Self(KERNELS_WINOGRAD_4_3, side: 6, outputs: 4)
  static let f3x3 = Self(KERNELS_WINOGRAD_3_3, side: 5, outputs: 3)
  static let f5x3 = Self(KERNELS_WINOGRAD_5_3, side: 7, outputs: 5)
  static let f4x5 = Self(KERNELS_WINOGRAD_4_5, side: 8, outputs: 4)
  static let f3x5 = Self(KERNELS_WINOGRAD_3_5, side: 7, outputs: 3)
  /// A whole map of 3 × 3 pixels under a kernel of 5 × 5 padded by 2.
  static let whole3x5 = Self(KERNELS_WINOGRAD_WHOLE_3_5, side: 5, outputs: 3)

  /// The scheme with the fewest multiplications for an output of the given size, or nil where
  /// there is none for the kernel.
  static func best(for convolution: Convolution, height: Int, width: Int) -> Self? {
    let candidates: [Self]
    switch convolution.kernelSize {
    case 3: candidates = [.f5x3, .f4x3, .f3x3]
    case 5 where convolution.padding == 2 && convolution.dilation == 1 && height == 3 && width == 3:
      candidates = [.whole3x5]
    case 5: candidates = [.f4x5, .f3x5]
    default: candidates = []
    }
    return candidates.min {
      $0.multiplications(convolution, height: height, width: width)
        < $1.multiplications(convolution, height: height, width: width)
    }
  }

  private func multiplications(_ convolution: Convolution, height: Int, width: Int) -> Int {
    points * tiles(along: height, dilation: convolution.dilation)
      * tiles(along: width, dilation: convolution.dilation)
  }

  /// How many tiles cover an extent: a dilated convolution is several interleaved ones, each with
  /// tiles of its own.
  func tiles(along extent: Int, dilation: Int) -> Int {
    (0..<dilation).reduce(0) { sum, phase in
      let pixels = (extent - phase + dilation - 1) / dilation
      return sum + (pixels + outputs - 1) / outputs
    }
  }
}
