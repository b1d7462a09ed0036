public import IIC
public import Tensor

/// Pairs of views of patches of a dataset's images, as published: each image once a pass, in random
/// order where there is one repeat and in the lists' order where there are several, the last
/// smaller batch kept.
///
/// A batch of b pairs with r repeats is made of b / r images: each one's first view, once, is paired
/// with r second views.
///
/// Images are read and batches made ahead by threads of their own. The same generator gives the same
/// batches, whatever the number of threads; from the generator's state before a pass, the pass can
/// be made again.
public struct PatchPairSource: ResumablePairSource {
  private var passes: PatchPasses<PairBatch>
  private let repeats: Int

  /// The state that the next pass is drawn from.
  public var generator: SeededGenerator { passes.generator }

  /// A source of pairs of the images in some of a dataset's lists. Traps where there are none, and
  /// unless `pairs` is a multiple of `repeats`.
  ///
  /// - Parameters:
  ///   - pairs: how many pairs a batch has at most.
  ///   - threads: how many batches are made at once, at least 1.
  public init(
    _ dataset: PatchDataset, lists: [String], views: PublishedPatchViews, pairs: Int, repeats: Int,
    threads: Int, generator: SeededGenerator
  ) {
    precondition(
      repeats >= 1 && pairs >= repeats && pairs.isMultiple(of: repeats),
      "batches of \(pairs) pairs with \(repeats) repeats")
    self.repeats = repeats
    passes = PatchPasses(
      over: dataset.entries(of: lists), imagesPerBatch: pairs / repeats, isShuffled: repeats == 1,
      threads: threads, generator: generator
    ) { entries, generator in
      var pairs = [[PatchPair]](repeating: [], count: repeats)
      for entry in entries {
        let image = try dataset.read(entry)
        for pair in views.pairs(of: image, repeats: repeats, using: &generator).enumerated() {
          pairs[pair.offset].append(pair.element)
        }
      }
      return PairBatch(stretched: pairs)
    }
  }

  /// How many pairs a pass has: every part of the epoch goes through the same images.
  public func pairs(inPart part: Int) -> Int { passes.images * repeats }

  public mutating func beginPass(part: Int) { passes.begin() }

  public mutating func nextBatch() throws -> PairBatch? { try passes.next() }
}

extension PublishedPatchViews {
  /// Pairs that share the first view: one crop, and so many second views of it.
  func pairs(
    of image: PatchImage, repeats: Int, using generator: inout SeededGenerator
  ) -> [PatchPair] {
    let (width, height) = (image.image.width, image.image.height)
    let first = draw(width: width, height: height, using: &generator)
    return (0..<repeats).map { number in
      guard number > 0 else { return pair(of: image, first) }
      var draw = draw(width: width, height: height, using: &generator)
      (draw.randomScale, draw.column, draw.row) = (first.randomScale, first.column, first.row)
      return pair(of: image, draw)
    }
  }
}

extension PairBatch {
  /// Pairs of one size for maps stretched to the input's, masks at its pixels: a list a repeat, whose
  /// first views are the same.
  init(stretched repeats: [[PatchPair]]) {
    let side = repeats[0][0].first.side
    let bands = repeats[0][0].first.bandCount
    let all = repeats.flatMap { $0 }
    func joined(_ pairs: [PatchPair], _ values: (PatchPair) -> [Float]) -> [Float] {
      var result: [Float] = []
      result.reserveCapacity(pairs.count * side * side * bands)
      for pair in pairs { result.append(contentsOf: values(pair)) }
      return result
    }
    let isWhole = all.allSatisfy { pair in pair.mask.allSatisfy { $0 == 1 } }
    self.init(
      first: Tensor(
        shape: [repeats[0].count, side, side, bands],
        values: joined(repeats[0], \.first.values)),
      second: Tensor(shape: [all.count, side, side, bands], values: joined(all, \.second.values)),
      matrices: Tensor(shape: [all.count, 2, 3], values: joined(all, \.matrix)),
      mask: isWhole
        ? nil : Tensor(shape: [all.count, side, side, 1], values: joined(all, \.mask)),
      repeats: repeats.count)
  }
}
