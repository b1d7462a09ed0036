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
}
