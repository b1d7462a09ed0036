/// Bilinear sampling of NHWC images under an affine map, `align_corners` true, zeros outside.
///
/// Coordinates run from −1 at the centre of the first pixel to 1 at the centre of the last; an
/// image's only row or column lies at 0. The matrix [a b c; d e f] takes a place (x, y) of the
/// output's frame to the place (a·x + b·y + c, d·x + e·y + f) of the input's frame.
public enum ReferenceAffineSampling {
  /// The images seen through their matrices, of the input's shape.
  ///
  /// - Parameters:
  ///   - input: images, [n, h, w, c].
  ///   - matrices: a matrix for each image, [n, 2, 3].
  public static func forward(
    _ input: ReferenceTensor, matrices: ReferenceTensor
  ) -> ReferenceTensor {
    let (height, width) = (input.shape[1], input.shape[2])
    var output = ReferenceTensor(shape: input.shape)
    for image in 0..<input.shape[0] {
      let matrix = Array(matrices.values[(image * 6)..<(image * 6 + 6)])
      for y in 0..<height {
        for x in 0..<width {
          let (u, v) = (coordinate(of: x, size: width), coordinate(of: y, size: height))
          let column = position(of: matrix[0] * u + matrix[1] * v + matrix[2], size: width)
          let row = position(of: matrix[3] * u + matrix[4] * v + matrix[5], size: height)
          for channel in 0..<input.shape[3] {
            output[image, y, x, channel] = sample(
              input, image: image, row: row, column: column, channel: channel)
          }
        }
      }
    }
    return output
  }

  /// The value at a fractional place, between the four pixels around it, those outside being 0.
  private static func sample(
    _ input: ReferenceTensor, image: Int, row: Double, column: Double, channel: Int
  ) -> Double {
    var value = 0.0
    let (top, left) = (row.rounded(.down), column.rounded(.down))
    for (r, rowWeight) in [(top, top + 1 - row), (top + 1, row - top)] {
      for (c, columnWeight) in [(left, left + 1 - column), (left + 1, column - left)]
      where r >= 0 && r < Double(input.shape[1]) && c >= 0 && c < Double(input.shape[2]) {
        value += rowWeight * columnWeight * input[image, Int(r), Int(c), channel]
      }
    }
    return value
  }

  private static func coordinate(of index: Int, size: Int) -> Double {
    size == 1 ? 0 : 2 * Double(index) / Double(size - 1) - 1
  }

  private static func position(of coordinate: Double, size: Int) -> Double {
    (coordinate + 1) / 2 * Double(size - 1)
  }
}
