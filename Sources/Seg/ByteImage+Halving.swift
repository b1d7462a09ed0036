internal import Raster

extension ByteImage {
  /// The image at half its size: each pixel the mean of four, halves rounded up. So OpenCV halves
  /// bilinearly, and so the published blocks were made. Traps unless the sides are even.
  func halved() -> ByteImage {
    precondition(width % 2 == 0 && height % 2 == 0, "half of \(height) × \(width)")
    let (columns, rows) = (width / 2, height / 2)
    var result = [UInt8](repeating: 0, count: columns * rows * channels)
    let source = self.pixels.span
    var target = result.mutableSpan
    var to = 0
    for row in 0..<rows {
      var upper = 2 * row * width * channels
      var lower = upper + width * channels
      for _ in 0..<columns {
        for _ in 0..<channels {
          let sum =
            UInt16(source[upper]) + UInt16(source[upper + channels]) + UInt16(source[lower])
            + UInt16(source[lower + channels])
          target[to] = UInt8(truncatingIfNeeded: (sum + 2) >> 2)
          to += 1
          upper += 1
          lower += 1
        }
        upper += channels
        lower += channels
      }
    }
    return ByteImage(width: columns, height: rows, channels: channels, pixels: result)
  }

  /// The rectangle whose first pixel lies at (`column`, `row`). Traps where it does not lie
  /// inside.
  func block(column: Int, row: Int, width: Int, height: Int) -> ByteImage {
    precondition(
      column >= 0 && row >= 0 && column + width <= self.width && row + height <= self.height,
      "\(height) × \(width) at (\(column), \(row)) of \(self.height) × \(self.width)")
    var result: [UInt8] = []
    result.reserveCapacity(width * height * channels)
    for line in row..<row + height {
      let first = (line * self.width + column) * channels
      result.append(contentsOf: pixels[first..<first + width * channels])
    }
    return ByteImage(width: width, height: height, channels: channels, pixels: result)
  }
}
