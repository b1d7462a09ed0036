public import IIC
public import Tensor

/// Batches for training by a pretext, as published: each image once a pass, in random order, the last
/// smaller batch kept; a crop with its colours jittered, flipped half of the time; one question for
/// all images of a batch.
///
/// For ``PretextTask/doersch`` two of the three visible colours of each image, drawn at random, become
/// noise about the mean of the third, of a hundredth of its standard deviation, so that the lens's
/// chromatic aberration does not tell the answer; where the network reads gradients, these stay.
public struct PretextSource: ResumableSource {
  private var passes: PatchPasses<PretextBatch>

  /// The state that the next pass is drawn from.
  public var generator: SeededGenerator { passes.generator }

  /// A source of the images that a recipe trains on. Traps unless the recipe has a pretext, and where
  /// there is no image.
  ///
  /// - Parameter threads: how many batches are made at once, at least 1.
  public init(
    _ dataset: PatchDataset, recipe: Recipe, threads: Int, generator: SeededGenerator
  ) {
    guard let pretext = recipe.pretext else { preconditionFailure("a recipe of \(recipe.kind)") }
    let views = recipe.patchViews(of: dataset)
    let network = recipe.network
    let drops = pretext.task == .doersch && (!network.sobel || network.includeRGB)
    passes = PatchPasses(
      over: dataset.entries(of: dataset.trainingLists(recipe.data.mode)),
      imagesPerBatch: recipe.training.pairs, isShuffled: true, threads: threads,
      generator: generator
    ) { entries, generator in
      let question = PretextQuestion.draw(
        pretext.task, side: views.side, patchSide: pretext.patchSide, using: &generator)
      var (values, shown, mask): ([Float], [Float], [Float]) = ([], [], [])
      for entry in entries {
        var view = views.single(of: try dataset.read(entry), using: &generator)
        mask += view.mask
        if drops, let colours = dataset.visibleBands {
          let own = view.patch.values
          view.patch.dropColours(colours, using: &generator)
          if network.sobel {
            shown += view.patch.pixels(of: colours.sorted())
            view.patch.values = own
          }
        }
        values += view.patch.values
      }
      let shape = [entries.count, views.side, views.side]
      return PretextBatch(
        views: Tensor(shape: shape + [dataset.bandNames.count], values: values),
        colours: shown.isEmpty ? nil : Tensor(shape: shape + [3], values: shown),
        mask: mask.allSatisfy { $0 == 1 } ? nil : Tensor(shape: shape + [1], values: mask),
        question: question, dropout: generator.split())
    }
  }

  /// Each image has one pair of patches.
  public func pairs(inPart part: Int) -> Int { passes.images }

  public mutating func beginPass(part: Int) { passes.begin() }

  public mutating func nextBatch() throws -> PretextBatch? { try passes.next() }
}

extension PatchDataset {
  /// Red, green and blue among the bands, where they are known.
  var visibleBands: [Int]? {
    guard case .visible(let red, let green, let blue) = jitterBands else { return nil }
    return [red, green, blue]
  }
}

extension PublishedPatchViews {
  /// The second view alone, as the published program gives it to networks that learn from no pairs,
  /// with the mask in its frame but for affine maps.
  func single(
    of image: PatchImage, using generator: inout SeededGenerator
  ) -> (patch: Patch, mask: [Float]) {
    let draw = draw(width: image.image.width, height: image.image.height, using: &generator)
    let pair = pair(of: image, draw)
    guard draw.flips else { return (pair.second, pair.mask) }
    let mask = (0..<side).flatMap { row in
      pair.mask[row * side..<(row + 1) * side].reversed()
    }
    return (pair.second, mask)
  }
}

extension Patch {
  /// The values of some bands at every pixel.
  func pixels(of bands: [Int]) -> [Float] {
    (0..<side * side).flatMap { pixel in bands.map { values[pixel * bandCount + $0] } }
  }

  /// Puts noise in place of all of these bands but one, which is drawn at random.
  mutating func dropColours(_ bands: [Int], using generator: inout SeededGenerator) {
    let kept = bands[Int.random(in: 0..<bands.count, using: &generator)]
    let own = pixels(of: [kept])
    let mean = own.reduce(0, +) / Float(own.count)
    let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(own.count)
    let deviation = variance.squareRoot() / 100
    for pixel in 0..<side * side {
      for band in bands where band != kept {
        values[pixel * bandCount + band] = mean + deviation * generator.normal()
      }
    }
  }
}
