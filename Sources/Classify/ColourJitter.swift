public import Raster
public import Tensor

/// Random changes of colour that leave what an image shows as it is: brightness, contrast,
/// saturation and hue, each once, in random order, as torchvision's `ColorJitter` makes them of PIL
/// images.
///
/// Every step rounds to 8 bits, as PIL does.
public struct ColourJitter: Sendable, Equatable {
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
  public func draw(using generator: inout SeededGenerator) -> [ColourChange] {
    func factor(_ strength: Float) -> Double {
      Double(generator.uniform(max(0, 1 - strength)...1 + strength))
    }
    var steps: [ColourChange] = [
      .brightness(factor(brightness)), .contrast(factor(contrast)),
      .saturation(factor(saturation)), .hue(Double(generator.uniform(-hue...hue))),
    ]
    steps.shuffle(using: &generator)
    return steps
  }
}
