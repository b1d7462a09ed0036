public import IIC
public import Tensor

/// Scores of a network in training, on the images and in the way that its recipe says.
public struct RecipeEvaluation: Sendable {
  private let recipe: Recipe
  private let images: ClusterEvaluation.Images
  private let workers: Workers

  /// An evaluation on a dataset's images; nil where they have no labels.
  ///
  /// - Throws: ``ClassifyError`` where a split is not there.
  public init?(_ images: DatasetImages, recipe: Recipe, on workers: Workers) throws {
    guard try images.assignment(recipe.data.mode).labels != nil else { return nil }
    self.recipe = recipe
    self.images = try ClusterEvaluation.Images(images, mode: recipe.data.mode)
    self.workers = workers
  }

  /// The scores of the sub-heads of head B, or of the only head; where the recipe asks for it, those
  /// by each batch's statistics too.
  ///
  /// - Parameter observe: called with how many images are done, of how many.
  /// - Throws: ``ClassifyError`` where an image is smaller than the views' crops, `IICError` where the
  ///   network comes to numbers that are not finite, and whatever `observe` throws.
  public func scores(
    of network: ClusterNetwork, observe: (_ done: Int, _ of: Int) throws -> Void = { _, _ in }
  ) throws -> NetworkScores {
    let isTwice =
      recipe.evaluation.alsoByBatchStatistics && network.configuration.batchNormTracking
    let all = isTwice ? 2 * images.count : images.count
    let evaluation = try evaluation(of: network) { try observe($0, all) }
    guard isTwice else { return NetworkScores(evaluation) }
    let untracked = try ClusterNetwork(
      configuration: network.configuration.withoutTracking(), tensors: network.tensors)
    let other = try self.evaluation(of: untracked) { try observe(images.count + $0, all) }
    return NetworkScores(evaluation, byBatchStatistics: other)
  }

  /// Batches are as large as in training: where no running statistics are kept, their own normalise
  /// them.
  private func evaluation(
    of network: ClusterNetwork, observe: (_ done: Int) throws -> Void
  ) throws -> HeadEvaluation {
    guard recipe.triplets?.kMeans != true else {
      return try kMeansEvaluation(of: network, observe: observe)
    }
    return try ClusterEvaluation(
      of: network, head: .clustering, on: images, views: recipe.imageViews,
      batchSize: recipe.training.pairs, workers: workers, observe: observe
    ).scores
  }

  /// The scores of clusters that k-means finds in what the head puts out, as many as classes. The
  /// same network always has the same ones.
  private func kMeansEvaluation(
    of network: ClusterNetwork, observe: (_ done: Int) throws -> Void
  ) throws -> HeadEvaluation {
    func rows(_ set: ImageSet, after done: Int) throws -> [KMeansBaseline.Rows] {
      try KMeansBaseline.Rows.outputs(
        of: network, head: .clustering, for: set, named: images.name, views: recipe.imageViews,
        batchSize: recipe.training.pairs, on: workers
      ) { try observe(done + $0) }
    }
    let fitted = try rows(images.assignment, after: 0)
    let scored = try images.scoring.map { try rows($0, after: images.assignment.count) }
    return HeadEvaluation(
      subHeads: fitted.indices.map { subHead in
        var generator = SeededGenerator(seed: 0)
        return KMeansBaseline(
          of: fitted[subHead], scoring: scored?[subHead], classes: images.classes,
          generator: &generator, on: workers
        ).scores
      })
  }
}
