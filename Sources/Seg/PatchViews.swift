internal import Foundation
public import Tensor

/// A square patch of a raster: scaled values, and which pixels have data.
public struct Patch: Sendable, Equatable {
  /// Pixels a side.
  public let side: Int
  /// Values a pixel.
  public let bandCount: Int
  /// [side, side, bandCount], row-major.
  public var values: [Float]
  /// [side, side]; false where the raster has no data or the patch reaches beyond it.
  public var valid: [Bool]

  /// Creates a patch. Traps unless the counts are side² · bandCount and side².
  public init(side: Int, bandCount: Int, values: [Float], valid: [Bool]) {
    precondition(
      values.count == side * side * bandCount && valid.count == side * side,
      "\(values.count) values and \(valid.count) flags for \(side)×\(side) of \(bandCount) bands")
    self.side = side
    self.bandCount = bandCount
    self.values = values
    self.valid = valid
  }
}

/// Two views of one patch, and the way back from the second to the first.
public struct PatchPair: Sendable {
  /// View 1: the patch itself.
  public var first: Patch
  /// View 2: the patch with its colours jittered, then warped, then flipped or turned.
  public var second: Patch
  /// What brings maps of view 2 into view 1's frame: 2×3, row-major, from a position (x, y) in
  /// view 1 to its place in view 2, both frames spanning [-1, 1] between the centres of their
  /// outermost pixels (`align_corners` true). Sampling a map of view 2 there gives it as view 1
  /// would see it.
  public var matrix: [Float]
  /// [side, side] in view 1's frame: 1 where both views have data, 0 elsewhere.
  public var mask: [Float]
}

/// Draws pairs of views of patches for training without labels, as published for patches: view 1
/// is the patch; view 2 its colours jittered, then an affine map if asked for, then a flip.
public struct PatchViews: Sendable, Equatable {
  /// Which mirrorings and turns of a view are as likely as the view itself.
  public enum Symmetry: Sendable, Equatable {
    /// Left and right may change places, as published: imagery with an up and a down.
    case horizontal
    /// Any of the eight flips and quarter turns: imagery from above.
    case square
  }

  /// The range of random affine maps; the published one by default.
  public struct AffineRange: Sendable, Equatable {
    /// Rotation in degrees, either way.
    public var rotation: Float
    /// Shear in degrees, either way.
    public var shear: Float
    /// Scale, at least to at most; above 0.
    public var scale: ClosedRange<Float>

    /// ±30°, ±10° and 0.8 to 1.2 unless given others.
    public init(rotation: Float = 30, shear: Float = 10, scale: ClosedRange<Float> = 0.8...1.2) {
      precondition(scale.lowerBound > 0, "scale \(scale)")
      self.rotation = rotation
      self.shear = shear
      self.scale = scale
    }
  }

  /// The change of colours; none leaves them.
  public var jitter: PhotometricJitter?
  /// The range of affine maps; none leaves the geometry to the flips.
  public var affine: AffineRange?
  /// The flips and turns.
  public var symmetry: Symmetry

  /// Creates a recipe for pairs.
  public init(jitter: PhotometricJitter?, affine: AffineRange? = nil, symmetry: Symmetry) {
    self.jitter = jitter
    self.affine = affine
    self.symmetry = symmetry
  }

  /// Draws a pair of views of `patch`.
  ///
  /// Flips and turns move whole pixels: without an affine map, sampling view 2 with the pair's
  /// matrix gives view 1's pixels exactly, but for the jitter. With one, view 2 is sampled
  /// bilinearly, and is invalid where that would reach beyond the patch or into invalid pixels.
  public func pair(of patch: Patch, using generator: inout SeededGenerator) -> PatchPair {
    var second = patch
    jitter?.apply(
      to: &second.values, bandCount: patch.bandCount, valid: patch.valid, using: &generator)

    var toSecond = PlaneMap.identity
    if let affine {
      let toFirst = Self.drawMap(affine, using: &generator)
      second = Self.warped(second, by: toFirst)
      toSecond = toFirst.inverse
    }
    let orientation = drawOrientation(using: &generator)
    second = orientation.applied(to: second)
    toSecond = orientation.map.following(toSecond)

    // Flips and turns take each pixel's flag along, so that the patch's own say it all.
    let mask: [Float] =
      affine == nil
      ? patch.valid.map { $0 ? 1 : 0 } : Self.commonMask(patch, second, map: toSecond)
    return PatchPair(
      first: patch, second: second,
      matrix: [toSecond.xx, toSecond.xy, 0, toSecond.yx, toSecond.yy, 0], mask: mask)
  }

  private func drawOrientation(using generator: inout SeededGenerator) -> PatchOrientation {
    switch symmetry {
    case .horizontal:
      PatchOrientation(flipsHorizontally: Bool.random(using: &generator))
    case .square:
      PatchOrientation(
        transposes: Bool.random(using: &generator),
        flipsHorizontally: Bool.random(using: &generator),
        flipsVertically: Bool.random(using: &generator))
    }
  }

  /// A random map from view 2's frame to view 1's: rotation a, shear s, scale z as
  /// z · [[cos a, -sin(a + s)], [sin a, cos(a + s)]].
  static func drawMap(
    _ range: AffineRange, using generator: inout SeededGenerator
  ) -> PlaneMap {
    let angle = generator.uniform(-range.rotation...range.rotation) * .pi / 180
    let sheared = angle + generator.uniform(-range.shear...range.shear) * .pi / 180
    let scale = generator.uniform(range.scale)
    return PlaneMap(
      xx: scale * cos(angle), xy: -scale * sin(sheared),
      yx: scale * sin(angle), yy: scale * cos(sheared))
  }

  /// `patch` sampled bilinearly at where `map` takes each of its positions.
  private static func warped(_ patch: Patch, by map: PlaneMap) -> Patch {
    var result = Patch(
      side: patch.side, bandCount: patch.bandCount,
      values: [Float](repeating: 0, count: patch.values.count),
      valid: [Bool](repeating: false, count: patch.valid.count))
    let bands = patch.bandCount
    for row in 0..<patch.side {
      for column in 0..<patch.side {
        let pixel = row * patch.side + column
        let corners = BilinearCorners(
          of: map.position(ofColumn: column, row: row, side: patch.side), side: patch.side)
        guard corners.areValid(in: patch.valid) else { continue }
        result.valid[pixel] = true
        for corner in 0..<4 where corners.weights[corner] > 0 {
          let source = corners.pixels[corner] * bands
          for band in 0..<bands {
            result.values[pixel * bands + band] +=
              corners.weights[corner] * patch.values[source + band]
          }
        }
      }
    }
    return result
  }

  /// 1 at the pixels of `first` with data whose place in `second` has data all around.
  private static func commonMask(_ first: Patch, _ second: Patch, map: PlaneMap) -> [Float] {
    var mask = [Float](repeating: 0, count: first.valid.count)
    for row in 0..<first.side {
      for column in 0..<first.side {
        let pixel = row * first.side + column
        guard first.valid[pixel] else { continue }
        let corners = BilinearCorners(
          of: map.position(ofColumn: column, row: row, side: first.side), side: first.side)
        if corners.areValid(in: second.valid) { mask[pixel] = 1 }
      }
    }
    return mask
  }
}
