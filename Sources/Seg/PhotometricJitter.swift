public import Tensor

/// Random changes of colour that leave a scene's classes as they are: brightness, contrast,
/// saturation and hue, each once, in random order.
///
/// The arithmetic is that of PIL's `ImageEnhance` as torchvision's `ColorJitter` drives it, on
/// values where 0 is black and 1 is white instead of 8-bit ones: brightness blends with black,
/// contrast with the mean grey of the patch, saturation with each pixel's own grey, hue turns the
/// colour wheel. As there, every step ends within black and white: the jittered bands are clamped
/// to [0, 1], also where all factors are neutral. The other bands keep every bit.
public struct PhotometricJitter: Sendable, Equatable {
  /// The bands that the jitter may change, as indices into a pixel's values.
  public enum Bands: Sendable, Equatable {
    /// The bands that show what an eye sees; infra-red and others stay untouched.
    case visible(red: Int, green: Int, blue: Int)
    /// Bands without known colours: each gets brightness and contrast of its own, and there is no
    /// saturation or hue to change.
    case separate([Int])
  }

  /// One step of a jitter, with its drawn factor.
  public enum Step: Sendable, Equatable {
    /// Blends with black: values × factor; neutral at 1.
    case brightness(Float)
    /// Blends with the mean grey of the patch's valid pixels; neutral at 1.
    case contrast(Float)
    /// Blends with the pixel's own grey; neutral at 1.
    case saturation(Float)
    /// Turns the hue by this part of the colour wheel, -0.5…0.5; neutral at 0.
    case hue(Float)
  }

  /// The bands that change.
  public var bands: Bands
  /// Brightness factors are drawn from 1 ± this, not below 0.
  public var brightness: Float
  /// Contrast factors are drawn from 1 ± this, not below 0.
  public var contrast: Float
  /// Saturation factors are drawn from 1 ± this, not below 0.
  public var saturation: Float
  /// Hue turns are drawn from ± this part of the wheel, at most 0.5.
  public var hue: Float

  /// A jitter of the published strengths unless given others.
  ///
  /// Traps on negative strengths and on a hue above 0.5.
  public init(
    bands: Bands, brightness: Float = 0.4, contrast: Float = 0.4, saturation: Float = 0.4,
    hue: Float = 0.125
  ) {
    precondition(
      brightness >= 0 && contrast >= 0 && saturation >= 0 && (0...0.5).contains(hue),
      "jitter of \(brightness), \(contrast), \(saturation), \(hue)")
    self.bands = bands
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
    self.hue = hue
  }

  /// Jitters a patch in place.
  ///
  /// - Parameters:
  ///   - values: The patch, pixel-interleaved, `bandCount` values a pixel, scaled so that
  ///     [0, 1] is black to white (a little beyond is clamped).
  ///   - valid: Whether each pixel has data; the others do not count in the mean grey.
  public func apply(
    to values: inout [Float], bandCount: Int, valid: [Bool],
    using generator: inout SeededGenerator
  ) {
    switch bands {
    case .visible(let red, let green, let blue):
      let steps = drawSteps(using: &generator)
      Self.apply(
        steps, to: &values, bandCount: bandCount, valid: valid, red: red, green: green, blue: blue)
    case .separate(let indices):
      for band in indices {
        let steps = drawSteps(using: &generator).filter {
          switch $0 {
          case .brightness, .contrast: true
          case .saturation, .hue: false
          }
        }
        // One band is its own red, green and blue: its grey is itself.
        Self.apply(
          steps, to: &values, bandCount: bandCount, valid: valid, red: band, green: band,
          blue: band)
      }
    }
  }

  /// The four steps in random order with random factors, drawn uniformly from the strengths.
  public func drawSteps(using generator: inout SeededGenerator) -> [Step] {
    func factor(_ strength: Float) -> Float {
      generator.uniform(max(0, 1 - strength)...1 + strength)
    }
    var steps: [Step] = [
      .brightness(factor(brightness)), .contrast(factor(contrast)),
      .saturation(factor(saturation)), .hue(generator.uniform(-hue...hue)),
    ]
    steps.shuffle(using: &generator)
    return steps
  }

  /// Applies `steps` in their order to the three visible bands of a patch.
  ///
  /// Traps unless the counts of `values` and `valid` and the band indices fit together.
  public static func apply(
    _ steps: [Step], to values: inout [Float], bandCount: Int, valid: [Bool], red: Int,
    green: Int, blue: Int
  ) {
    precondition(
      values.count == valid.count * bandCount,
      "\(values.count) values for \(valid.count) pixels of \(bandCount) bands")
    precondition(
      [red, green, blue].allSatisfy { (0..<bandCount).contains($0) },
      "bands \(red), \(green), \(blue) of \(bandCount)")

    // All steps but contrast look at one pixel alone: pixels go through runs of them, and only a
    // contrast, which needs the mean of what was done before it, begins another run.
    var runs: [[Step]] = [[]]
    for step in steps {
      if case .contrast = step { runs.append([]) }
      runs[runs.count - 1].append(step)
    }
    for (number, run) in runs.enumerated() {
      let mean =
        number == 0
        ? 0
        : meanGrey(
          of: values, bandCount: bandCount, valid: valid, red: red, green: green, blue: blue)
      var first = 0
      while first < values.count {
        var colour = VisibleColour(
          red: values[first + red], green: values[first + green], blue: values[first + blue])
        if number == 0 { colour.clamp() }
        for step in run { colour.apply(step, mean: mean) }
        values[first + red] = colour.red
        values[first + green] = colour.green
        values[first + blue] = colour.blue
        first += bandCount
      }
    }
  }

  /// The mean grey of the pixels with data; 0 where there are none.
  private static func meanGrey(
    of values: [Float], bandCount: Int, valid: [Bool], red: Int, green: Int, blue: Int
  ) -> Float {
    var sum = 0.0
    var count = 0
    for pixel in valid.indices where valid[pixel] {
      let first = pixel * bandCount
      let colour = VisibleColour(
        red: values[first + red], green: values[first + green], blue: values[first + blue])
      sum += Double(colour.grey)
      count += 1
    }
    return count > 0 ? Float(sum / Double(count)) : 0
  }
}

/// A pixel's visible colour, black 0 to white 1.
private struct VisibleColour {
  var red: Float
  var green: Float
  var blue: Float

  /// The luma of ITU-R BT.601, PIL's conversion to grey.
  var grey: Float { 0.299 * red + 0.587 * green + 0.114 * blue }

  /// Takes one step of a jitter; `mean` is the mean grey that a contrast blends with.
  @inline(__always)
  mutating func apply(_ step: PhotometricJitter.Step, mean: Float) {
    switch step {
    case .brightness(let factor): blend(from: 0, by: factor)
    case .contrast(let factor): blend(from: mean, by: factor)
    case .saturation(let factor): blend(from: grey, by: factor)
    case .hue(let turn): if turn != 0 { turnHue(by: turn) }
    }
  }

  mutating func clamp() {
    red = min(max(red, 0), 1)
    green = min(max(green, 0), 1)
    blue = min(max(blue, 0), 1)
  }

  /// Moves each value along the line from `origin`: there at factor 0, unchanged at 1, beyond
  /// above. Written so that factor 1 keeps every bit.
  mutating func blend(from origin: Float, by factor: Float) {
    red += (factor - 1) * (red - origin)
    green += (factor - 1) * (green - origin)
    blue += (factor - 1) * (blue - origin)
    clamp()
  }

  /// Adds `turn` to the hue of the colour in HSV, keeping saturation and value.
  mutating func turnHue(by turn: Float) {
    let value = max(red, green, blue)
    let chroma = value - min(red, green, blue)
    guard chroma > 0 else { return }
    // The hue in sixths of the wheel: 0 red, 2 green, 4 blue.
    var hue: Float =
      if value == red {
        (green - blue) / chroma
      } else if value == green {
        (blue - red) / chroma + 2
      } else {
        (red - green) / chroma + 4
      }
    hue += 6 * turn
    // Each channel falls from the value to the minimum as the hue leaves its third of the wheel.
    func channel(_ offset: Float) -> Float {
      var position = hue + offset
      position -= 6 * (position / 6).rounded(.down)
      return value - chroma * max(0, min(position, 4 - position, 1))
    }
    red = channel(5)
    green = channel(3)
    blue = channel(1)
  }
}
