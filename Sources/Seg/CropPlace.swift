internal import Raster

/// Where a square of an image lies, once the image is padded, centred, to at least its size.
struct CropPlace: Sendable, Equatable {
  /// The square's first column and row in the image's own pixels; below 0 where it begins in the
  /// padding.
  let column: Int
  let row: Int
  let side: Int

  /// How many places there are along an extent of `extent` pixels.
  static func count(along extent: Int, side: Int) -> Int { max(extent - side, 0) + 1 }

  /// The square that begins at a column and a row of the padded image.
  init(column: Int, row: Int, side: Int, width: Int, height: Int) {
    self.column = column - Self.padding(of: width, to: side)
    self.row = row - Self.padding(of: height, to: side)
    self.side = side
  }

  /// The square in the middle, one pixel to the upper left where there is no middle.
  init(centreOf width: Int, _ height: Int, side: Int) {
    func start(_ extent: Int) -> Int { max(extent, side) / 2 - side / 2 }
    self.init(
      column: start(width), row: start(height), side: side, width: width, height: height)
  }

  /// Pixels added before the first.
  private static func padding(of extent: Int, to side: Int) -> Int {
    extent < side ? side / 2 - extent / 2 : 0
  }

  /// The square's values of an image [height, width, channels]; `outside` beyond it.
  func crop<Value>(
    _ values: [Value], width: Int, height: Int, channels: Int, outside: Value
  ) -> [Value] {
    if column == 0, row == 0, width == side, height == side { return values }
    let columns = max(column, 0)..<max(min(column + side, width), max(column, 0))
    var result: [Value] = []
    result.reserveCapacity(side * side * channels)
    func appendNothing(_ pixels: Int) {
      result.append(contentsOf: repeatElement(outside, count: pixels * channels))
    }
    for line in row..<row + side {
      guard (0..<height).contains(line) else {
        appendNothing(side)
        continue
      }
      let first = line * width + columns.lowerBound
      appendNothing(columns.lowerBound - column)
      result.append(contentsOf: values[first * channels..<(first + columns.count) * channels])
      appendNothing(column + side - columns.upperBound)
    }
    return result
  }
}
