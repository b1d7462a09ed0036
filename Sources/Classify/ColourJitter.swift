public import Raster
public import Tensor

/// Random changes of colour that leave what an image shows as it is: brightness, contrast,
/// saturation and hue, each once, in random order, as torchvision's `ColorJitter` makes them of PIL
/// images.
///
/// Patches of rasters are jittered elsewhere (`PhotometricJitter`), on numbers of any range and with
/// pixels that do not count; here every step rounds to 8 bits as PIL does. The two share no
/// arithmetic, and their modules do not see each other.
public struct ColourJitter: Sendable, Equatable {
  /// One change, with its factor.
  public enum Step: Sendable, Equatable {
    /// Blends with black: neutral at 1.
    case brightness(Double)
    /// Blends with the mean grey: neutral at 1.
    case contrast(Double)
    /// Blends with each pixel's own grey: neutral at 1.
    case saturation(Double)
    /// Turns the hue by this part of the colour wheel, -0.5…0.5: neutral at 0.
    case hue(Double)
  }

  /// Brightness factors are drawn from 1 ± this, not below 0.
  public var brightness: Float
  /// Contrast factors are drawn from 1 ± this, not below 0.
  public var contrast: Float
  /// Saturation factors are drawn from 1 ± this, not below 0.
  public var saturation: Float
  /// Hue turns are drawn from ± this part of the wheel, at most 0.5.
  public var hue: Float

  /// A jitter of the published strengths unless given others. Traps on negative strengths and on a
  /// hue above 0.5.
  public init(
    brightness: Float = 0.4, contrast: Float = 0.4, saturation: Float = 0.4, hue: Float = 0.125
  ) {
    precondition(
      brightness >= 0 && contrast >= 0 && saturation >= 0 && (0...0.5).contains(hue),
      "jitter of \(brightness), \(contrast), \(saturation), \(hue)")
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
    self.hue = hue
  }

  /// The four steps in random order with random factors.
  public func draw(using generator: inout SeededGenerator) -> [Step] {
    func factor(_ strength: Float) -> Double {
      Double(generator.uniform(max(0, 1 - strength)...1 + strength))
    }
    var steps: [Step] = [
      .brightness(factor(brightness)), .contrast(factor(contrast)),
      .saturation(factor(saturation)), .hue(Double(generator.uniform(-hue...hue))),
    ]
    steps.shuffle(using: &generator)
    return steps
  }
}

extension ByteImage {
  /// The image after each of `steps` in turn; a grey image has no saturation or hue to change.
  public func jittered(_ steps: [ColourJitter.Step]) -> ByteImage {
    steps.reduce(self) { image, step in
      switch step {
      case .brightness(let factor): image.withBrightness(factor)
      case .contrast(let factor): image.withContrast(factor)
      case .saturation(let factor): image.withSaturation(factor)
      case .hue(let turn): image.withHue(turnedBy: turn)
      }
    }
  }
}
