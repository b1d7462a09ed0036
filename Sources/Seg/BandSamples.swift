/// Values drawn from a raster of any size, enough to know how its bands are distributed.
public struct BandSamples: Sendable {
  /// The values of each band at the sampled pixels that have data, in the order read.
  public private(set) var bands: [[Float]]

  /// Pixels sampled so far that have data.
  public var count: Int { bands[0].count }

  /// No samples yet of a raster of `bandCount` bands, at least 1.
  public init(bandCount: Int) {
    precondition(bandCount > 0, "samples of \(bandCount) bands")
    bands = Array(repeating: [], count: bandCount)
  }

  /// Adds the valid pixels of a window.
  ///
  /// - Parameters:
  ///   - values: Pixel-interleaved.
  ///   - valid: One flag a pixel. A pixel with any value that is not finite is left out, too.
  public mutating func add(values: [Float], valid: [Bool]) {
    let bandCount = bands.count
    precondition(
      values.count == valid.count * bandCount,
      "\(values.count) values for \(valid.count) pixels of \(bandCount) bands")
    for pixel in valid.indices where valid[pixel] {
      let first = pixel * bandCount
      guard (first..<first + bandCount).allSatisfy({ values[$0].isFinite }) else { continue }
      for band in 0..<bandCount { bands[band].append(values[first + band]) }
    }
  }

  /// Adds what `read` returns for each window of ``windows(width:height:pixelBudget:)``.
  public mutating func add(
    width: Int, height: Int, pixelBudget: Int = 1 << 20,
    read: (PixelRectangle) throws -> (values: [Float], valid: [Bool])
  ) rethrows {
    for window in Self.windows(width: width, height: height, pixelBudget: pixelBudget) {
      let patch = try read(window)
      add(values: patch.values, valid: patch.valid)
    }
  }

  /// The windows to sample: the whole raster in strips if it has no more than `pixelBudget`
  /// pixels, else windows of 64×64 spread evenly over it that have about that many together.
  public static func windows(width: Int, height: Int, pixelBudget: Int) -> [PixelRectangle] {
    precondition(
      width > 0 && height > 0 && pixelBudget > 0,
      "\(pixelBudget) samples of \(width)×\(height) pixels")
    let side = 64
    if height <= pixelBudget / width {
      return stride(from: 0, to: height, by: side).map {
        PixelRectangle(column: 0, row: $0, width: width, height: min(side, height - $0))
      }
    }
    let wanted = max(Double(pixelBudget) / Double(side * side), 1)
    let aspect = Double(width) / Double(height)
    let mostColumns = (width + side - 1) / side
    let mostRows = (height + side - 1) / side
    let columns = min(
      max(Int((wanted * aspect).squareRoot().rounded()), 1), mostColumns, Int(wanted))
    let rows = min(max(Int((wanted / Double(columns)).rounded()), 1), mostRows)
    // A window in the middle of each cell of a grid; cells are at least about a window wide.
    func starts(_ count: Int, along length: Int) -> [(first: Int, length: Int)] {
      (0..<count).map { index in
        let middle = Int((Double(index) + 0.5) * Double(length) / Double(count))
        let size = min(side, length / count)
        return (min(max(middle - size / 2, 0), length - size), size)
      }
    }
    return starts(rows, along: height).flatMap { row in
      starts(columns, along: width).map { column in
        PixelRectangle(
          column: column.first, row: row.first, width: column.length, height: row.length)
      }
    }
  }
}
