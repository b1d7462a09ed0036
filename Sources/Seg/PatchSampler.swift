internal import IIC
internal import Tensor

/// Draws patches at random places of imagery held in memory.
struct PatchSampler: Sendable {
  let imagery: TrainingImagery
  /// How many pixels with data the blocks up to each hold.
  private let cumulative: [Int]
  /// Side of a patch in pixels.
  let side: Int
  private let views: PatchViews

  init(_ imagery: TrainingImagery, side: Int, views: PatchViews) {
    self.imagery = imagery
    self.side = side
    self.views = views
    var total = 0
    cumulative = imagery.blocks.map { block in
      total += block.validCount
      return total
    }
  }

  /// `count` pairs of views, each of another patch.
  func batch(of count: Int, using generator: inout SeededGenerator) -> PairBatch {
    PairBatch(
      (0..<count).map { _ in
        views.pair(of: patch(using: &generator), using: &generator)
      })
  }

  /// A patch at a random place; of several the one with the most data, where data is thin.
  private func patch(using generator: inout SeededGenerator) -> Patch {
    var best = draw(using: &generator)
    var validCount = best.valid.count { $0 }
    var attempts = 1
    while validCount * 2 < best.valid.count && attempts < 20 {
      let other = draw(using: &generator)
      let otherCount = other.valid.count { $0 }
      if otherCount > validCount { (best, validCount) = (other, otherCount) }
      attempts += 1
    }
    return best
  }

  private func draw(using generator: inout SeededGenerator) -> Patch {
    let pick = Int.random(in: 0..<cumulative[cumulative.count - 1], using: &generator)
    let block = imagery.blocks[cumulative.firstIndex { pick < $0 }!]
    // A block narrower than a patch lies anywhere inside it.
    func start(_ extent: Int) -> Int {
      Int.random(in: min(0, extent - side)...max(0, extent - side), using: &generator)
    }
    let left = start(block.width)
    return patch(of: block, left: left, top: start(block.height))
  }

  /// The patch whose first pixel lies at (`left`, `top`) of a block, without data beyond it.
  func patch(of block: TrainingImagery.Block, left: Int, top: Int) -> Patch {
    let bands = imagery.bandCount
    let columns = max(0, left)..<min(block.width, left + side)
    var values: [Float] = []
    var valid: [Bool] = []
    values.reserveCapacity(side * side * bands)
    valid.reserveCapacity(side * side)
    func appendNothing(_ count: Int) {
      values.append(contentsOf: repeatElement(0, count: count * bands))
      valid.append(contentsOf: repeatElement(false, count: count))
    }
    for row in top..<top + side {
      guard (0..<block.height).contains(row) else {
        appendNothing(side)
        continue
      }
      let first = row * block.width + columns.lowerBound
      let last = first + columns.count
      appendNothing(columns.lowerBound - left)
      values.append(contentsOf: block.values[first * bands..<last * bands])
      valid.append(contentsOf: block.valid[first..<last])
      appendNothing(left + side - columns.upperBound)
    }
    return Patch(side: side, bandCount: bands, values: values, valid: valid)
  }
}
