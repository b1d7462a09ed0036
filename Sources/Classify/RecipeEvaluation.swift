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
  /// - Throws: ``ClassifyError`` where an image is smaller than the views' crops.
  public func scores(of network: ClusterNetwork) throws -> NetworkScores {
    let evaluation = try evaluation(of: network)
    guard recipe.evaluation.alsoByBatchStatistics, network.configuration.batchNormTracking else {
      return NetworkScores(evaluation)
    }
    let untracked = try ClusterNetwork(
      configuration: network.configuration.withoutTracking(), tensors: network.tensors)
    return NetworkScores(evaluation, byBatchStatistics: try self.evaluation(of: untracked))
  }

  /// Batches are as large as in training: where no running statistics are kept, their own normalise
  /// them.
  private func evaluation(of network: ClusterNetwork) throws -> HeadEvaluation {
    let evaluation = try ClusterEvaluation(
      of: network, head: .clustering, on: images, views: recipe.imageViews,
      batchSize: recipe.training.pairs, workers: workers)
    return HeadEvaluation(
      subHeads: evaluation.subHeads.map {
        HeadEvaluation.SubHead(
          accuracy: $0.accuracy, assignmentAccuracy: $0.assignmentAccuracy,
          normalisedMutualInformation: $0.normalisedMutualInformation,
          adjustedRandIndex: $0.adjustedRandIndex)
      })
  }
}
