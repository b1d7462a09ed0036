internal import Foundation
public import Raster

/// An affine map from a new image's places to the old one's: x = a · x' + b · y' + c,
/// y = d · x' + e · y' + f, in pixels, a pixel's middle at half.
public struct AffineMap: Sendable, Equatable {
  /// The six coefficients a…f.
  public var a, b, c, d, e, f: Double

  /// A map of six coefficients.
  public init(_ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double) {
    (self.a, self.b, self.c, self.d, self.e, self.f) = (a, b, c, d, e, f)
  }

  /// Where a place lies in the old image.
  func place(x: Double, y: Double) -> (x: Double, y: Double) {
    (a * x + b * y + c, d * x + e * y + f)
  }
}

extension ByteImage {
  /// The image turned counter-clockwise about its middle by an angle in degrees, its size kept, the
  /// nearest pixel taken, 0 where nothing was: PIL's `rotate`.
  public func rotated(degrees: Double) -> ByteImage {
    let angle = degrees - 360 * (degrees / 360).rounded(.down)
    if angle == 0 { return self }
    if angle == 180 { return turned { (width - 1 - $0, height - 1 - $1) } }
    if width == height, angle == 90 { return turned { (width - 1 - $1, $0) } }
    if width == height, angle == 270 { return turned { ($1, height - 1 - $0) } }
    // PIL rounds so that right angles are right.
    func rounded(_ value: Double) -> Double { (value * 1e15).rounded() / 1e15 }
    let radians = -angle * .pi / 180
    let (cosine, sine) = (rounded(cos(radians)), rounded(sin(radians)))
    var map = AffineMap(cosine, sine, 0, -sine, cosine, 0)
    let (x, y) = (Double(width) / 2, Double(height) / 2)
    let moved = map.place(x: -x, y: -y)
    (map.c, map.f) = (moved.x + x, moved.y + y)
    return warpedToNearest(by: map)
  }

  /// The image with each new pixel taken from an old one's place.
  private func turned(_ source: (_ column: Int, _ row: Int) -> (Int, Int)) -> ByteImage {
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count)
    for row in 0..<height {
      for column in 0..<width {
        let (oldColumn, oldRow) = source(column, row)
        let first = (oldRow * width + oldColumn) * channels
        result += pixels[first..<first + channels]
      }
    }
    return ByteImage(width: width, height: height, channels: channels, pixels: result)
  }

  /// Takes the nearest old pixel, in fixed-point numbers of 2⁻¹⁶ as PIL does.
  private func warpedToNearest(by map: AffineMap) -> ByteImage {
    func fixed(_ value: Double) -> Int { Int((value * 65_536 + 0.5).rounded(.down)) }
    let (a, b, d, e) = (fixed(map.a), fixed(map.b), fixed(map.d), fixed(map.e))
    let start = map.place(x: 0.5, y: 0.5)
    let (startX, startY) = (fixed(start.x), fixed(start.y))
    var result = [UInt8](repeating: 0, count: pixels.count)
    let source = pixels.span
    var target = result.mutableSpan
    var to = 0
    for row in 0..<height {
      var x = startX + row * b
      var y = startY + row * e
      for _ in 0..<width {
        let (column, line) = (x >> 16, y >> 16)
        if column >= 0, column < width, line >= 0, line < height {
          let from = (line * width + column) * channels
          for channel in 0..<channels { target[to + channel] = source[from + channel] }
        }
        to += channels
        x += a
        y += d
      }
    }
    return ByteImage(width: width, height: height, channels: channels, pixels: result)
  }

  /// The image with each new pixel interpolated linearly between the old ones around its place,
  /// rounded down, 0 where that lies outside: PIL's `transform` with an affine map and the bilinear
  /// filter.
  public func warped(by map: AffineMap) -> ByteImage {
    var result = [UInt8](repeating: 0, count: pixels.count)
    let source = pixels.span
    var target = result.mutableSpan
    var to = 0
    for row in 0..<height {
      for column in 0..<width {
        let place = map.place(x: Double(column) + 0.5, y: Double(row) + 0.5)
        if place.x >= 0, place.x < Double(width), place.y >= 0, place.y < Double(height) {
          let (x, y) = ((place.x - 0.5).rounded(.down), (place.y - 0.5).rounded(.down))
          let (right, down) = (place.x - 0.5 - x, place.y - 0.5 - y)
          let left = max(Int(x), 0) * channels
          let next = min(Int(x) + 1, width - 1) * channels
          let upper = max(Int(y), 0) * width * channels
          let lower = min(Int(y) + 1, height - 1) * width * channels
          for channel in 0..<channels {
            func between(_ line: Int) -> Double {
              let first = Double(source[line + left + channel])
              return first + (Double(source[line + next + channel]) - first) * right
            }
            let first = between(upper)
            target[to + channel] = UInt8(first + (between(lower) - first) * down)
          }
        }
        to += channels
      }
    }
    return ByteImage(width: width, height: height, channels: channels, pixels: result)
  }
}
