internal import IIC
internal import Tensor

/// Draws patches at random places of imagery held in memory.
struct PatchSampler: Sendable {
  private let imagery: TrainingImagery
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
    var attempts = 1
    while best.valid.count(where: { $0 }) * 2 < best.valid.count && attempts < 20 {
      let other = draw(using: &generator)
      if other.valid.count(where: { $0 }) > best.valid.count(where: { $0 }) { best = other }
      attempts += 1
    }
    return best
  }

  private func draw(using generator: inout SeededGenerator) -> Patch {
    let pick = Int.random(in: 0..<cumulative[cumulative.count - 1], using: &generator)
    let block = imagery.blocks[cumulative.firstIndex { pick < $0 }!]
    let bands = imagery.bandCount
    // A block narrower than a patch lies anywhere inside it.
    func start(_ extent: Int) -> Int {
      Int.random(in: min(0, extent - side)...max(0, extent - side), using: &generator)
    }
    let (left, top) = (start(block.width), start(block.height))
    var patch = Patch(
      side: side, bandCount: bands, values: [Float](repeating: 0, count: side * side * bands),
      valid: [Bool](repeating: false, count: side * side))
    let columns = max(0, left)..<min(block.width, left + side)
    for row in max(0, top)..<min(block.height, top + side) {
      let source = row * block.width + columns.lowerBound
      let target = (row - top) * side + columns.lowerBound - left
      patch.valid.replaceSubrange(
        target..<target + columns.count, with: block.valid[source..<source + columns.count])
      patch.values.replaceSubrange(
        target * bands..<(target + columns.count) * bands,
        with: block.values[source * bands..<(source + columns.count) * bands])
    }
    return patch
  }
}
