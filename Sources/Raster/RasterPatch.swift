/// How pixels are drawn together, or spread, where a window is read at another size than its own.
public enum Resampling: Sendable, Equatable {
  /// The nearest pixel's value: for labels, and for sizes that are not changed.
  case nearest
  /// The mean of the valid pixels covered: for imagery made smaller.
  case average
  /// Linear between the four pixels around: for imagery made larger.
  case bilinear
  /// The value most frequent among the pixels covered: for labels made smaller.
  case mode
}

/// Pixels of some bands of a window, as float32.
public struct RasterPatch: Sendable, Equatable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Bands, in the order they were asked for.
  public let bandCount: Int
  /// Pixel-interleaved values, [height, width, bandCount], row-major; 0 in every band of a pixel
  /// that is not valid. All are finite.
  public let values: [Float]
  /// Whether each pixel holds data, [height, width], row-major.
  public let valid: [Bool]

  /// A patch of given pixels. Traps where the counts do not fit the shape.
  public init(width: Int, height: Int, bandCount: Int, values: [Float], valid: [Bool]) {
    precondition(
      values.count == width * height * bandCount && valid.count == width * height,
      "\(values.count) values, \(valid.count) flags for \(height) × \(width) × \(bandCount)")
    self.width = width
    self.height = height
    self.bandCount = bandCount
    self.values = values
    self.valid = valid
  }

  /// The patch with data only where `inside` says so, one flag a pixel. Traps on another count.
  public func keeping(_ inside: [Bool]) -> RasterPatch {
    precondition(inside.count == valid.count, "\(inside.count) flags for \(height) × \(width)")
    var (values, valid) = (values, valid)
    for pixel in valid.indices where valid[pixel] && !inside[pixel] {
      valid[pixel] = false
      for position in pixel * bandCount..<(pixel + 1) * bandCount { values[position] = 0 }
    }
    return RasterPatch(
      width: width, height: height, bandCount: bandCount, values: values, valid: valid)
  }
}
