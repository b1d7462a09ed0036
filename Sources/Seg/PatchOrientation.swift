/// One of the eight flips and quarter turns of a square patch: a transposition, then a horizontal
/// flip, then a vertical one, each or none.
struct PatchOrientation: Sendable, Equatable {
  /// Rows become columns.
  var transposes = false
  /// The first column becomes the last.
  var flipsHorizontally = false
  /// The first row becomes the last.
  var flipsVertically = false

  /// The map from a position in the patch to its place after the change.
  var map: PlaneMap {
    let x: Float = flipsHorizontally ? -1 : 1
    let y: Float = flipsVertically ? -1 : 1
    return transposes
      ? PlaneMap(xx: 0, xy: x, yx: y, yy: 0) : PlaneMap(xx: x, xy: 0, yx: 0, yy: y)
  }

  /// The patch with its pixels moved; no value changes.
  func applied(to patch: Patch) -> Patch {
    if self == PatchOrientation() { return patch }
    let (side, bands) = (patch.side, patch.bandCount)
    let last = side - 1
    var values = patch.values
    var valid = patch.valid
    // Along a row of the result, the source moves by a constant step.
    let step = (flipsHorizontally ? -1 : 1) * (transposes ? side : 1)
    var target = 0
    for row in 0..<side {
      let sourceRow = flipsVertically ? last - row : row
      let sourceColumn = flipsHorizontally ? last : 0
      var source = transposes ? sourceColumn * side + sourceRow : sourceRow * side + sourceColumn
      for _ in 0..<side {
        valid[target] = patch.valid[source]
        for band in 0..<bands {
          values[target * bands + band] = patch.values[source * bands + band]
        }
        target += 1
        source += step
      }
    }
    return Patch(side: side, bandCount: bands, values: values, valid: valid)
  }
}

/// A linear map of a patch's frame, [-1, 1] between the centres of its outermost pixels, about
/// its centre: (x, y) → (xx·x + xy·y, yx·x + yy·y).
struct PlaneMap: Sendable, Equatable {
  var xx: Float
  var xy: Float
  var yx: Float
  var yy: Float

  static let identity = PlaneMap(xx: 1, xy: 0, yx: 0, yy: 1)

  /// The map that undoes this one. Traps where there is none.
  var inverse: PlaneMap {
    let determinant = xx * yy - xy * yx
    precondition(determinant != 0, "\(self) cannot be undone")
    return PlaneMap(
      xx: yy / determinant, xy: -xy / determinant, yx: -yx / determinant, yy: xx / determinant)
  }

  /// `first`, then this map.
  func following(_ first: PlaneMap) -> PlaneMap {
    PlaneMap(
      xx: xx * first.xx + xy * first.yx, xy: xx * first.xy + xy * first.yy,
      yx: yx * first.xx + yy * first.yx, yy: yx * first.xy + yy * first.yy)
  }

  /// Where a pixel of a patch goes, in pixels. Distances from the centre stay whole or half
  /// numbers, so that a flip lands on pixels exactly.
  func position(ofColumn column: Int, row: Int, side: Int) -> (column: Float, row: Float) {
    let centre = Float(side - 1) / 2
    let x = Float(column) - centre
    let y = Float(row) - centre
    return (xx * x + xy * y + centre, yx * x + yy * y + centre)
  }
}

/// The four pixels around a position in a square patch, and their weights.
struct BilinearCorners {
  /// Indices into the patch, row-major; meaningful only where the weight is above 0.
  private(set) var pixels: [4 of Int] = [0, 0, 0, 0]
  /// Weights, summing to 1 where the position is inside the patch; 0 for pixels beyond it.
  private(set) var weights: [4 of Float] = [0, 0, 0, 0]
  /// Whether every pixel that the position needs lies in the patch.
  private(set) var areInside = true

  init(of position: (column: Float, row: Float), side: Int) {
    let left = position.column.rounded(.down)
    let upper = position.row.rounded(.down)
    let right = position.column - left
    let lower = position.row - upper
    weights = [
      (1 - lower) * (1 - right), (1 - lower) * right, lower * (1 - right), lower * right,
    ]
    for corner in 0..<4 where weights[corner] > 0 {
      let column = Int(left) + corner % 2
      let row = Int(upper) + corner / 2
      if (0..<side).contains(column) && (0..<side).contains(row) {
        pixels[corner] = row * side + column
      } else {
        areInside = false
        weights[corner] = 0
      }
    }
  }

  /// Whether all pixels that the position needs are in the patch and have data.
  func areValid(in valid: [Bool]) -> Bool {
    guard areInside else { return false }
    for corner in 0..<4 where weights[corner] > 0 && !valid[pixels[corner]] { return false }
    return true
  }
}
