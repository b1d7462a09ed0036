internal import Foundation
public import Raster

/// Which pixels along one axis make up each pixel of a resized axis, and with what weights: PIL's
/// linear filter, widened by the scale where the image becomes smaller, in fixed-point numbers.
private struct LinearFilter {
  /// Weights are whole numbers of 2⁻²².
  static let precision: Int32 = 22

  /// Of each new pixel, the first old one that counts, and how many do.
  var bounds: [(first: Int, count: Int)] = []
  /// `tapCount` weights a new pixel.
  var weights: [Int32]
  let tapCount: Int

  init(from oldSize: Int, to newSize: Int) {
    let scale = Double(oldSize) / Double(newSize)
    let support = max(scale, 1)
    let reciprocal = 1 / support
    tapCount = Int(support.rounded(.up)) * 2 + 1
    weights = [Int32](repeating: 0, count: newSize * tapCount)
    bounds.reserveCapacity(newSize)
    for index in 0..<newSize {
      let centre = (Double(index) + 0.5) * scale
      let first = max(Int(centre - support + 0.5), 0)
      let count = min(Int(centre + support + 0.5), oldSize) - first
      bounds.append((first, count))
      let start = index * tapCount
      var sum = 0.0
      func weight(_ tap: Int) -> Double {
        max(1 - abs((Double(tap + first) - centre + 0.5) * reciprocal), 0)
      }
      for tap in 0..<count { sum += weight(tap) }
      for tap in 0..<count {
        weights[start + tap] = Int32(0.5 + weight(tap) / sum * Double(1 << Self.precision))
      }
    }
  }
}

extension ByteImage {
  /// The image at another size, as PIL's `resize` with the bilinear filter makes it: columns first,
  /// then rows, rounded to 8 bits after each. Traps unless the new sides are positive.
  public func resized(width newWidth: Int, height newHeight: Int) -> ByteImage {
    precondition(newWidth > 0 && newHeight > 0, "\(newHeight) × \(newWidth) pixels")
    var result = self
    if newWidth != width {
      result = result.filtered(
        LinearFilter(from: width, to: newWidth), outer: height, count: newWidth, inner: channels,
        oldCount: width, shape: (newWidth, height))
    }
    if newHeight != height {
      result = result.filtered(
        LinearFilter(from: height, to: newHeight), outer: 1, count: newHeight,
        inner: newWidth * channels, oldCount: height, shape: (newWidth, newHeight))
    }
    return result
  }

  /// The image with the shorter side of so many pixels, the longer one in proportion (rounded down,
  /// as torchvision's `Resize` has it).
  public func scaled(shortestSide side: Int) -> ByteImage {
    let longer = max(side, side * max(width, height) / min(width, height))
    return width <= height
      ? resized(width: side, height: longer) : resized(width: longer, height: side)
  }

  /// Filters the middle axis of the pixels seen as [outer, oldCount, inner].
  private func filtered(
    _ filter: LinearFilter, outer: Int, count: Int, inner: Int, oldCount: Int,
    shape: (width: Int, height: Int)
  ) -> ByteImage {
    var result = [UInt8](repeating: 0, count: outer * count * inner)
    let source = pixels.span
    let weights = filter.weights.span
    var target = result.mutableSpan
    var to = 0
    for block in 0..<outer {
      for index in 0..<count {
        let (first, taps) = filter.bounds[index]
        let start = (block * oldCount + first) * inner
        let firstWeight = index * filter.tapCount
        for place in 0..<inner {
          var sum: Int32 = 1 << (LinearFilter.precision - 1)
          var from = start + place
          for tap in 0..<taps {
            sum &+= Int32(source[from]) &* weights[firstWeight + tap]
            from += inner
          }
          target[to] = UInt8(truncatingIfNeeded: min(max(sum >> LinearFilter.precision, 0), 255))
          to += 1
        }
      }
    }
    return ByteImage(
      width: shape.width, height: shape.height, channels: channels, pixels: result)
  }
}
