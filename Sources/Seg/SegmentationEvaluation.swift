public import IIC
public import Tensor

/// Scores of a network that labels pixels on a dataset's labelled images, as published: maps
/// stretched to the input's size, the most probable cluster a pixel, pixels without a class left out;
/// clusters of head B are given classes one-to-one, more clusters than classes many-to-one.
public struct SegmentationEvaluation: Sendable {
  /// Images that go through the network at once, where running statistics make the number
  /// indifferent.
  static let largestBatch = 8

  let dataset: PatchDataset
  let recipe: Recipe
  let workers: Workers

  /// An evaluation as a recipe says; nil where no image has labels.
  public init?(_ dataset: PatchDataset, recipe: Recipe, on workers: Workers) {
    guard !dataset.entries(of: dataset.assignmentLists(recipe.data.mode)).isEmpty,
      !dataset.classNames.isEmpty
    else { return nil }
    self.dataset = dataset
    self.recipe = recipe
    self.workers = workers
  }

  /// How many images go through the network.
  public var count: Int {
    let mode = recipe.data.mode
    let scored = mode == .iid ? [] : dataset.scoringLists(mode)
    return dataset.entries(of: dataset.assignmentLists(mode) + scored).count { $0.isLabelled }
  }

  /// The scores of the sub-heads of head B, or of the only head; where the recipe asks for it, those
  /// by each batch's statistics too.
  ///
  /// - Parameter observe: called with how many images are done, of how many.
  /// - Throws: `SegError` or `RasterError` where an image cannot be read, `IICError` where the network
  ///   comes to numbers that are not finite, and whatever `observe` throws.
  public func scores(
    of network: SegmentationNetwork, observe: (_ done: Int, _ of: Int) throws -> Void = { _, _ in }
  ) throws -> NetworkScores {
    let isTwice =
      recipe.evaluation.alsoByBatchStatistics && network.configuration.batchNormTracking
    let (once, all) = (count, isTwice ? 2 * count : count)
    let own = try confusions(of: network, head: .clustering) { try observe($0, all) }
    guard isTwice else { return NetworkScores(own.evaluation) }
    let untracked = try SegmentationNetwork(
      configuration: network.configuration.withoutTracking(), tensors: network.tensors)
    let other = try confusions(of: untracked, head: .clustering) { try observe(once + $0, all) }
    return NetworkScores(own.evaluation, byBatchStatistics: other.evaluation)
  }

  /// Compares clusters and classes at every pixel.
  ///
  /// - Parameter observe: called with how many of ``count`` images are done.
  /// - Throws: as ``scores(of:observe:)`` does.
  public func confusions(
    of network: SegmentationNetwork, head: HeadName,
    observe: (_ done: Int) throws -> Void = { _ in }
  ) throws -> ClusterConfusions {
    // Without running statistics batches are as large as in training: their own normalise them.
    let size =
      network.configuration.batchNormTracking
      ? min(recipe.training.pairs, Self.largestBatch) : recipe.training.pairs
    return try confusions(
      predictions: network.clusters(of: head), subHeads: network.configuration.subHeads,
      batchSize: size, observe: observe
    ) { try Self.clusters(of: $0.views, by: network, head, on: workers) }
  }

  /// Counts what `assign` makes of batches, a list of the pixels' clusters a sub-head.
  func confusions(
    predictions: Int, subHeads: Int, batchSize: Int, observe: (_ done: Int) throws -> Void,
    assign: (Batch) throws -> [[UInt16]]
  ) throws -> ClusterConfusions {
    let mode = recipe.data.mode
    var done = 0
    func count(_ lists: [String]) throws -> [ConfusionMatrix] {
      var matrices = [ConfusionMatrix](
        repeating: ConfusionMatrix(classes: dataset.classNames.count, predictions: predictions),
        count: subHeads)
      let batches = batches(
        of: dataset.entries(of: lists).filter(\.isLabelled), size: batchSize)
      while let batch = try batches.next() {
        for (index, clusters) in try assign(batch).enumerated() {
          matrices[index].add(
            truth: batch.labels, clusters: clusters, ignoredTruth: PatchImage.noLabel)
        }
        done += batch.views.shape[0]
        try observe(done)
      }
      return matrices
    }
    let assignment = try count(dataset.assignmentLists(mode))
    return ClusterConfusions(
      assignment: assignment,
      scored: mode == .iid ? nil : try count(dataset.scoringLists(mode)))
  }

  /// Views of images with the classes of their pixels.
  struct Batch: Sendable {
    /// [n, side, side, bands].
    let views: Tensor
    /// [n, side, side].
    let labels: [UInt8]
  }

  /// Views to be scored, made ahead.
  func batches(of entries: [PatchDataset.Entry], size: Int) -> OrderedPipeline<Batch> {
    let (dataset, views) = (dataset, recipe.patchViews(of: dataset))
    return OrderedPipeline(
      count: (entries.count + size - 1) / size, ahead: workers.threads + 1,
      threads: workers.threads
    ) {
      { number in
        let chosen = entries[number * size..<min((number + 1) * size, entries.count)]
        var values: [Float] = []
        var labels: [UInt8] = []
        for entry in chosen {
          let view = views.scoring(of: try dataset.read(entry))
          values += view.values
          labels += view.labels
        }
        let bands = dataset.bandNames.count
        return Batch(
          views: Tensor(shape: [chosen.count, views.side, views.side, bands], values: values),
          labels: labels)
      }
    }
  }

  /// The most probable cluster of each pixel [n, side, side], a list a sub-head; head A has up to
  /// 4,096 of them.
  ///
  /// - Throws: `IICError` where the network comes to numbers that are not finite.
  static func clusters(
    of views: Tensor, by network: SegmentationNetwork, _ head: HeadName, on workers: Workers
  ) throws -> [[UInt16]] {
    try network.publishedOutput(views, head: head, on: workers).map { map in
      let clusters = map.shape[3]
      return try map.checkedFinite().withSpan { values in
        (0..<values.count / clusters).map { pixel in
          var best = 0
          let first = pixel * clusters
          for cluster in 1..<clusters where values[first + cluster] > values[first + best] {
            best = cluster
          }
          return UInt16(best)
        }
      }
    }
  }
}
