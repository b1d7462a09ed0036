/// What the ground looks like around each of a patch's trunk cells: for every band the mean of the
/// cell's four pixels, and the standard deviation over the 9 × 9 pixels around.
enum SurfaceStatistics {
  /// Side of the square that the standard deviation is taken over.
  static let side = 9

  /// [cells, cells, 2 · bands] of a patch [side, side, bands], the means before the deviations.
  static func atCells(of values: Span<Float>, patchSide: Int, bands: Int, cells: Int) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(cells * cells * 2 * bands)
    for row in 0..<cells {
      for column in 0..<cells {
        var deviations: [Double] = []
        for band in 0..<bands {
          // The cell lies between the pixels 4 and 5 of the square's corner (2 row, 2 column).
          func pixel(_ y: Int, _ x: Int) -> Double {
            Double(values[((2 * row + y) * patchSide + 2 * column + x) * bands + band])
          }
          result.append((pixel(4, 4) + pixel(4, 5) + pixel(5, 4) + pixel(5, 5)) / 4)
          var (sum, square) = (0.0, 0.0)
          for y in 0..<side {
            for x in 0..<side {
              let value = pixel(y, x)
              sum += value
              square += value * value
            }
          }
          let count = Double(side * side)
          deviations.append(max(0, square / count - sum * sum / (count * count)).squareRoot())
        }
        result += deviations
      }
    }
    return result
  }
}
