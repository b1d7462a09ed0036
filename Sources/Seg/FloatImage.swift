internal import Raster

/// An image of numbers: 8-bit levels as they stand between resampling and rounding.
struct FloatImage: Sendable, Equatable {
  let width: Int
  let height: Int
  let channels: Int
  /// [height, width, channels], row-major.
  var values: [Float]

  init(width: Int, height: Int, channels: Int, values: [Float]) {
    precondition(
      values.count == width * height * channels,
      "\(values.count) values for \(height) × \(width) × \(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.values = values
  }

  init(_ image: ByteImage) {
    self.init(
      width: image.width, height: image.height, channels: image.channels,
      values: image.pixels.map { Float($0) })
  }

  /// The levels of 8 bits, rounded down.
  var bytes: ByteImage {
    ByteImage(
      width: width, height: height, channels: channels,
      pixels: values.map { UInt8(min(max($0, 0), 255)) })
  }

  /// The extent of `extent` pixels scaled by `factor`, halves rounded to even, at least 1.
  static func scaled(_ extent: Int, by factor: Double) -> Int {
    max(1, Int((Double(extent) * factor).rounded(.toNearestOrEven)))
  }

  /// The image scaled by `factor`, each pixel linear between the four around its place, without
  /// smoothing before: OpenCV's `resize` with `INTER_LINEAR` on float32. Traps unless the factor is
  /// above 0.
  func scaled(by factor: Double) -> FloatImage {
    precondition(factor > 0 && factor.isFinite, "scaled by \(factor)")
    let newWidth = Self.scaled(width, by: factor)
    let newHeight = Self.scaled(height, by: factor)
    let columns = (0..<newWidth).map { LinearTap(at: $0, factor: factor, extent: width) }
    let rows = (0..<newHeight).map { LinearTap(at: $0, factor: factor, extent: height) }
    var result = [Float](repeating: 0, count: newWidth * newHeight * channels)
    let source = values.span
    var target = result.mutableSpan
    var to = 0
    for row in rows {
      let upper = row.first * width
      let lower = row.second * width
      for column in columns {
        for channel in 0..<channels {
          let first = column.first * channels + channel
          let second = column.second * channels + channel
          let above = Self.between(
            source[upper * channels + first], source[upper * channels + second], column.share)
          let below = Self.between(
            source[lower * channels + first], source[lower * channels + second], column.share)
          target[to] = Self.between(above, below, row.share)
          to += 1
        }
      }
    }
    return FloatImage(width: newWidth, height: newHeight, channels: channels, values: result)
  }

  /// Rounded once, as OpenCV has it: levels are rounded down later, where a last bit can count.
  private static func between(_ first: Float, _ second: Float, _ share: Float) -> Float {
    Float(Double(first) + Double(second - first) * Double(share))
  }
}

/// The two pixels along an axis that a new pixel lies between.
private struct LinearTap {
  let first: Int
  let second: Int
  /// The weight of the second.
  let share: Float

  init(at index: Int, factor: Double, extent: Int) {
    let place = (Double(index) + 0.5) / factor - 0.5
    let before = place.rounded(.down)
    let inside = min(max(Int(before), 0), extent - 1)
    first = inside
    second = min(inside + 1, extent - 1)
    share = Int(before) == inside ? Float(place - before) : 0
  }
}

/// An image of labels.
struct LabelImage: Sendable, Equatable {
  let width: Int
  let height: Int
  /// [height, width], row-major.
  var values: [UInt8]

  /// The image scaled by `factor`, each pixel the one whose place its upper left corner falls into:
  /// OpenCV's `resize` with `INTER_NEAREST`.
  func scaled(by factor: Double) -> LabelImage {
    precondition(factor > 0 && factor.isFinite, "scaled by \(factor)")
    let newWidth = FloatImage.scaled(width, by: factor)
    let newHeight = FloatImage.scaled(height, by: factor)
    let columns = (0..<newWidth).map { min(Int((Double($0) / factor).rounded(.down)), width - 1) }
    var result: [UInt8] = []
    result.reserveCapacity(newWidth * newHeight)
    for row in 0..<newHeight {
      let start = min(Int((Double(row) / factor).rounded(.down)), height - 1) * width
      for column in columns { result.append(values[start + column]) }
    }
    return LabelImage(width: newWidth, height: newHeight, values: result)
  }
}
