public import IIC
internal import Raster
public import Tensor

extension SegmentationEvaluation {
  /// What k-means clusters, as the paper's table 4 has it.
  public enum KMeansRows: Sendable {
    /// Single pixels: their bands.
    case pixels
    /// Descriptors of the grey image's texture, as published every ten pixels, of bins of three:
    /// each sees ten pixels a side, and a patch is all covered.
    case denseSIFT
    /// The trunk's features at its cells; of a network that is not trained, random features.
    case features(SegmentationNetwork)
  }

  private static let sift = DenseSIFT(step: 10, binSize: 3)

  /// Pixels, descriptors or cells that the clusters are found in, at most, of all images that train.
  private static let largestSample = 65_536
  /// Images that they are drawn from, at most.
  private static let largestSampledCount = 1024

  /// Clusters by k-means what the training images show, and compares clusters and classes at every
  /// pixel of the labelled ones.
  ///
  /// - Parameters:
  ///   - clusters: how many; published are as many as classes.
  ///   - observe: called with how many images are done, of how many: those that show, then the
  ///     labelled ones.
  /// - Throws: `SegError` or `RasterError` where an image cannot be read, `IICError` where features are
  ///   not finite or too large, and whatever `observe` throws.
  public func kMeans(
    _ rows: KMeansRows, clusters: Int, generator: inout SeededGenerator,
    observe: (_ done: Int, _ of: Int) throws -> Void = { _, _ in }
  ) throws -> ClusterConfusions {
    let training = dataset.entries(of: dataset.trainingLists(recipe.data.mode))
    let sampled = min(training.count, Self.largestSampledCount)
    let all = sampled + count
    let sample = try sample(rows, of: training, using: &generator) { try observe($0, all) }
    let means = KMeans.fit(
      rows: sample.values, dimensions: sample.width, clusters: clusters,
      sampleLimit: Self.largestSample, generator: &generator, on: workers)
    return try confusions(
      predictions: clusters, subHeads: 1, batchSize: Self.largestBatch,
      observe: { try observe(sampled + $0, all) },
      assign: { batch in
        let labels = means.assign(try self.values(rows, of: batch.views).values, on: workers)
        return [Self.spread(labels, of: rows, to: batch.views.shape).map { UInt16($0) }]
      })
  }

  /// The scores of as many clusters of a trunk's features as its configuration says, found by k-means
  /// from a seed.
  ///
  /// Calls `observe` and throws as ``kMeans(_:clusters:generator:observe:)`` does.
  public func featureScores(
    of trunk: SegmentationNetwork, seed: UInt64,
    observe: (_ done: Int, _ of: Int) throws -> Void = { _, _ in }
  ) throws -> NetworkScores {
    var generator = SeededGenerator(seed: seed)
    return NetworkScores(
      try kMeans(
        .features(trunk), clusters: trunk.configuration.classes, generator: &generator,
        observe: observe
      ).evaluation)
  }

  /// All pixels, descriptors or cells of views, rows of the tensor's last extent. Throws `IICError`
  /// where features are not finite or too large.
  private func values(_ rows: KMeansRows, of views: Tensor) throws -> Tensor {
    switch rows {
    case .pixels: return views
    case .denseSIFT: return descriptors(of: views)
    case .features(let network):
      let features = network.trunkFeatures(views, on: workers)
      try features.withSpan { try KMeans.check($0) }
      return features
    }
  }

  /// Dense SIFT of views [n, side, side, bands] in grey (of colours, where the bands are, else of the
  /// first band), [n, rows, columns, 128].
  private func descriptors(of views: Tensor) -> Tensor {
    let (images, side, bands) = (views.shape[0], views.shape[1], views.shape[3])
    let colours = dataset.visibleBands ?? [0]
    let sift = Self.sift
    let descriptors = workers.map(0..<images) { image in
      var pixels: [UInt8] = []
      pixels.reserveCapacity(side * side * colours.count)
      views.withSpan { values in
        for pixel in image * side * side..<(image + 1) * side * side {
          for band in colours {
            pixels.append(UInt8(max(0, min(255 * values[pixel * bands + band], 255)).rounded()))
          }
        }
      }
      return sift.descriptors(
        of: ByteImage(width: side, height: side, channels: colours.count, pixels: pixels).inGrey())
    }
    let count = sift.count(along: side)
    return Tensor(
      shape: [images, count, count, DenseSIFT.dimensions],
      values: descriptors.flatMap { $0.map { Float($0) } })
  }

  /// Rows drawn evenly from all training images, or from some of them where these are enough.
  private func sample(
    _ rows: KMeansRows, of training: [PatchDataset.Entry], using generator: inout SeededGenerator,
    observe: (_ done: Int) throws -> Void
  ) throws -> (values: [Float], width: Int) {
    let entries = training.shuffled(using: &generator)
    let perImage = max(64, (Self.largestSample + entries.count - 1) / entries.count)
    var sample: [Float] = []
    var width = 1
    var done = 0
    let batches = batches(
      of: Array(entries.prefix(Self.largestSampledCount)), size: Self.largestBatch)
    while let batch = try batches.next() {
      let all = try values(rows, of: batch.views)
      width = all.shape[3]
      let own = all.shape[1] * all.shape[2]
      all.withSpan { values in
        for image in 0..<all.shape[0] {
          for _ in 0..<min(perImage, own) {
            let first = (image * own + Int.random(in: 0..<own, using: &generator)) * width
            for index in first..<first + width { sample.append(values[index]) }
          }
        }
      }
      done += all.shape[0]
      try observe(done)
      if sample.count >= Self.largestSample * width { break }
    }
    return (sample, width)
  }

  /// The clusters of descriptors or cells at the pixels nearest to them.
  private static func spread(
    _ labels: [UInt8], of rows: KMeansRows, to shape: [Int]
  ) -> [UInt8] {
    let side = shape[1]
    let (count, nearest): (Int, [Int])
    switch rows {
    case .pixels: return labels
    case .denseSIFT: (count, nearest) = (sift.count(along: side), sift.nearest(along: side))
    case .features:
      // Cell i lies at 2i + 4.5.
      let cells = TrunkGeometry.cells(along: side)
      (count, nearest) = (cells, (0..<side).map { min(max(($0 - 4) / 2, 0), cells - 1) })
    }
    var result: [UInt8] = []
    result.reserveCapacity(shape[0] * side * side)
    for image in 0..<shape[0] {
      for row in 0..<side {
        let first = (image * count + nearest[row]) * count
        for column in 0..<side { result.append(labels[first + nearest[column]]) }
      }
    }
    return result
  }
}
