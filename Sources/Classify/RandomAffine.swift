internal import Foundation
public import Tensor

/// Random turning, moving, scaling and shearing about an image's middle, as torchvision's
/// `RandomAffine` drew it when the method was published (version 0.2.1: one shear angle, the middle
/// half a pixel to the lower right of the image's own).
public struct RandomAffine: Sendable, Equatable {
  /// Angles are drawn from ± this, in degrees.
  public var degrees: Float
  /// Moves are drawn from ± this part of the width and of the height, in whole pixels.
  public var translation: Float
  /// Scales are drawn from this range.
  public var scale: ClosedRange<Float>
  /// Shear angles are drawn from ± this, in degrees.
  public var shear: Float

  /// The published strengths (STL-10, semi-supervised) unless given others. Traps on strengths that
  /// are negative and on scales that are not positive.
  public init(
    degrees: Float = 18, translation: Float = 0.1, scale: ClosedRange<Float> = 0.9...1.1,
    shear: Float = 10
  ) {
    precondition(
      degrees >= 0 && translation >= 0 && shear >= 0 && shear < 90 && scale.lowerBound > 0,
      "affine of \(degrees)°, \(translation), \(scale), \(shear)°")
    self.degrees = degrees
    self.translation = translation
    self.scale = scale
    self.shear = shear
  }

  /// A random map for an image of so many pixels.
  public func draw(
    width: Int, height: Int, using generator: inout SeededGenerator
  ) -> AffineMap {
    let angle = generator.uniform(-degrees...degrees)
    let (right, down) = (translation * Float(width), translation * Float(height))
    let columns = generator.uniform(-right...right).rounded(.toNearestOrEven)
    let rows = generator.uniform(-down...down).rounded(.toNearestOrEven)
    let factor = generator.uniform(scale)
    let shearing = generator.uniform(-shear...shear)
    return Self.map(
      degrees: Double(angle), columns: Double(columns), rows: Double(rows),
      scale: Double(factor), shear: Double(shearing), width: width, height: height)
  }

  /// The map, from the new image's places to the old one's, that turns by an angle (clockwise),
  /// shears by another, scales, and moves by columns and rows.
  public static func map(
    degrees: Double, columns: Double, rows: Double, scale: Double, shear: Double, width: Int,
    height: Int
  ) -> AffineMap {
    let angle = degrees * .pi / 180
    let sheared = angle + shear * .pi / 180
    let (x, y) = (Double(width) * 0.5 + 0.5, Double(height) * 0.5 + 0.5)
    let determinant = cos(sheared) * cos(angle) + sin(sheared) * sin(angle)
    let size = 1 / scale / determinant
    var map = AffineMap(
      size * cos(sheared), size * sin(sheared), 0, -size * sin(angle), size * cos(angle), 0)
    let moved = map.place(x: -x - columns, y: -y - rows)
    (map.c, map.f) = (moved.x + x, moved.y + y)
    return map
  }
}
