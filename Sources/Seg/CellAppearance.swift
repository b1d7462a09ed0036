internal import IIC

/// What the ground looks like at a patch's trunk cells: for every band the mean of the cell's four
/// pixels, and the mean of the pixels with data among the 9 × 9 around.
enum CellAppearance {
  /// Side of the square around a cell.
  static let side = 9

  /// [cells.count, 2 · bands]: the cells' own means, then their surroundings'.
  ///
  /// - Parameters:
  ///   - cells: Indices of cells [side / 2 − 4, side / 2 − 4], row-major, whose four pixels all have
  ///     data.
  static func rows(of patch: Patch, at cells: [Int]) -> [Float] {
    let (across, bands) = (TrunkGeometry.cells(along: patch.side), patch.bandCount)
    var rows: [Float] = []
    rows.reserveCapacity(cells.count * 2 * bands)
    for cell in cells {
      // The cell lies between the pixels 4 and 5 of the square's corner.
      let corner = 2 * (cell / across) * patch.side + 2 * (cell % across)
      for band in 0..<bands {
        let own = [4 * patch.side + 4, 4 * patch.side + 5, 5 * patch.side + 4, 5 * patch.side + 5]
        rows.append(own.reduce(0) { $0 + patch.values[(corner + $1) * bands + band] } / 4)
      }
      var sums = [Float](repeating: 0, count: bands)
      var count: Float = 0
      for row in 0..<side {
        for pixel in corner + row * patch.side..<corner + row * patch.side + side
        where patch.valid[pixel] {
          count += 1
          for band in 0..<bands { sums[band] += patch.values[pixel * bands + band] }
        }
      }
      rows += sums.map { $0 / count }
    }
    return rows
  }
}
