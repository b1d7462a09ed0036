internal import Foundation

/// One change of colour, with its factor, as PIL's `ImageEnhance` and torchvision make it.
public enum ColourChange: Sendable, Equatable {
  /// Blends with black: neutral at 1.
  case brightness(Double)
  /// Blends with the mean grey: neutral at 1.
  case contrast(Double)
  /// Blends with each pixel's own grey: neutral at 1.
  case saturation(Double)
  /// Turns the hue by this part of the colour wheel, -0.5…0.5: neutral at 0.
  case hue(Double)
}

extension ByteImage {
  /// The image after each of `changes` in turn; a grey image has no saturation or hue to change.
  public func jittered(_ changes: [ColourChange]) -> ByteImage {
    changes.reduce(self) { image, change in
      switch change {
      case .brightness(let factor): image.withBrightness(factor)
      case .contrast(let factor): image.withContrast(factor)
      case .saturation(let factor): image.withSaturation(factor)
      case .hue(let turn): image.withHue(turnedBy: turn)
      }
    }
  }

  /// The image in grey, by the luma of ITU-R BT.601, (299 R + 587 G + 114 B) / 1000 in fixed-point
  /// numbers and rounded: PIL's conversion to `L` (which before its version 7 rounded down). A grey
  /// image stays as it is. Traps unless there are 1 or 3 channels.
  public func inGrey() -> ByteImage {
    precondition(channels == 1 || channels == 3, "grey of \(channels) channels")
    if channels == 1 { return self }
    var result = [UInt8](repeating: 0, count: width * height)
    let source = pixels.span
    var target = result.mutableSpan
    for pixel in 0..<width * height {
      target[pixel] = Self.luma(source[3 * pixel], source[3 * pixel + 1], source[3 * pixel + 2])
    }
    return ByteImage(width: width, height: height, channels: 1, pixels: result)
  }

  /// The image in RGB; grey becomes three equal channels.
  public func inColour() -> ByteImage {
    precondition(channels == 1 || channels == 3, "RGB of \(channels) channels")
    if channels == 3 { return self }
    return ByteImage(
      width: width, height: height, channels: 3, pixels: pixels.flatMap { [$0, $0, $0] })
  }

  /// Blends with black: neutral at 1. PIL's `ImageEnhance.Brightness`.
  public func withBrightness(_ factor: Double) -> ByteImage {
    blended(by: factor) { _, _ in 0 }
  }

  /// Blends with the mean grey of the image: neutral at 1. PIL's `ImageEnhance.Contrast`.
  public func withContrast(_ factor: Double) -> ByteImage {
    let grey = inGrey()
    var sum = 0
    for value in grey.pixels { sum += Int(value) }
    let mean = UInt8(Double(sum) / Double(grey.pixels.count) + 0.5)
    return blended(by: factor) { _, _ in mean }
  }

  /// Blends each pixel with its own grey: neutral at 1, and on a grey image. PIL's
  /// `ImageEnhance.Color`.
  public func withSaturation(_ factor: Double) -> ByteImage {
    guard channels == 3 else { return self }
    return blended(by: factor) { source, value in
      let pixel = value - value % 3
      return Self.luma(source[pixel], source[pixel + 1], source[pixel + 2])
    }
  }

  /// Turns the hue by a part of the colour wheel, -0.5…0.5, by way of PIL's HSV of 8 bits; a grey
  /// image stays as it is.
  public func withHue(turnedBy turn: Double) -> ByteImage {
    guard channels == 3 else { return self }
    let step = UInt8(truncatingIfNeeded: Int(turn * 255))
    var result = pixels
    var target = result.mutableSpan
    for first in stride(from: 0, to: width * height * 3, by: 3) {
      var colour = HSVColour(red: target[first], green: target[first + 1], blue: target[first + 2])
      colour.hue &+= step
      let (red, green, blue) = colour.rgb
      target[first] = red
      target[first + 1] = green
      target[first + 2] = blue
    }
    return ByteImage(width: width, height: height, channels: channels, pixels: result)
  }

  private static func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    UInt8(
      truncatingIfNeeded: (Int32(red) * 19_595 + Int32(green) * 38_470 + Int32(blue) * 7_471
        + 0x8000) >> 16)
  }

  /// PIL's `blend` from an image of what `origin` returns for each value: on the line through both
  /// at `factor`, rounded down, clamped.
  private func blended(
    by factor: Double, from origin: (_ source: Span<UInt8>, _ value: Int) -> UInt8
  ) -> ByteImage {
    if factor == 1 { return self }
    let factor = Float(factor)
    var result = [UInt8](repeating: 0, count: pixels.count)
    let source = pixels.span
    var target = result.mutableSpan
    for index in 0..<source.count {
      let from = Int32(origin(source, index))
      let value = Float(from) + factor * Float(Int32(source[index]) - from)
      target[index] = UInt8(max(0, min(value, 255)))
    }
    return ByteImage(width: width, height: height, channels: channels, pixels: result)
  }
}

/// A colour as PIL's mode `HSV` holds it: hue, saturation and value, each 0…255, rounded down.
private struct HSVColour {
  var hue: UInt8
  let saturation: UInt8
  let value: UInt8

  // The mixture of float32 and float64 is PIL's: other mixtures round differently.
  init(red: UInt8, green: UInt8, blue: UInt8) {
    let greatest = max(red, green, blue)
    let least = min(red, green, blue)
    value = greatest
    guard least < greatest else {
      (hue, saturation) = (0, 0)
      return
    }
    let chroma = Float(greatest - least)
    func distance(_ channel: UInt8) -> Float { Float(greatest - channel) / chroma }
    let sixths: Float =
      if red == greatest {
        distance(blue) - distance(green)
      } else if green == greatest {
        Float(2 + Double(distance(red)) - Double(distance(blue)))
      } else {
        Float(4 + Double(distance(green)) - Double(distance(red)))
      }
    let turns = Double(sixths) / 6 + 1
    let part = Float(turns - turns.rounded(.down))
    hue = UInt8(max(0, min(Double(part) * 255, 255)))
    saturation = UInt8(max(0, min(Double(chroma / Float(greatest)) * 255, 255)))
  }

  var rgb: (red: UInt8, green: UInt8, blue: UInt8) {
    guard saturation > 0 else { return (value, value, value) }
    let sixths = Double(hue) * 6 / 255
    let sector = Int(sixths)
    let part = Float(sixths - Double(sector))
    let share = Float(Double(saturation) / 255)
    func channel(_ factor: Double) -> UInt8 {
      UInt8(max(0, min((Double(value) * factor).rounded(), 255)))
    }
    let least = channel(1 - Double(share))
    let falling = channel(1 - Double(share * part))
    let rising = channel(1 - Double(share) * (1 - Double(part)))
    switch sector % 6 {
    case 0: return (value, rising, least)
    case 1: return (falling, value, least)
    case 2: return (least, value, rising)
    case 3: return (least, falling, value)
    case 4: return (rising, least, value)
    default: return (value, least, falling)
    }
  }
}
