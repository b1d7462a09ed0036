import IIC
import Seg
import Tensor

extension TrainingJob {
  /// Images of a picture that is made while training goes on.
  private static let imagesDrawn = 6

  /// Trains a network that labels pixels.
  ///
  /// - Throws: `IICError`, `SegError` or `RasterError`; the files of the last whole epoch stay.
  func trainSegmentation(
    on console: Console, interruption: Interruption
  ) throws -> TrainingReport {
    let dataset = try openPatches(on: console)
    let training = try SegmentationTraining(recipe, on: dataset)
    let workers = Workers(threads: threads)
    let evaluation = SegmentationEvaluation(dataset, recipe: recipe, on: workers)
    guard recipe.evaluation.pictureEvery == 0 || evaluation != nil else {
      throw CommandError(
        "cannot draw pictures of \(recipe.name): no image in \(data) has labels",
        remedy: "set pictureEvery to 0")
    }
    return try train(
      training,
      evaluate: { network, _ in
        try Self.scoring(on: console) { try evaluation?.scores(of: network, observe: $0) }
      },
      picture: { network in
        guard let evaluation else { preconditionFailure("no labels to draw") }
        return try evaluation.picture(
          of: network, head: .clustering, subHead: 0, images: Self.imagesDrawn,
          colours: dataset.colours)
      }, workers: workers, on: console, interruption: interruption)
  }

  /// Trains features of pixels by a pretext; where there are labels, k-means of them is scored.
  ///
  /// - Throws: `IICError`, `SegError` or `RasterError`; the files of the last whole epoch stay.
  func trainPretext(
    on console: Console, interruption: Interruption
  ) throws -> TrainingReport {
    let dataset = try openPatches(on: console)
    let training = try PretextTraining(recipe, on: dataset)
    let workers = Workers(threads: threads)
    let evaluation = SegmentationEvaluation(dataset, recipe: recipe, on: workers)
    return try train(
      training,
      evaluate: { network, seed in
        try Self.scoring(on: console) {
          try evaluation?.featureScores(of: network.trunk, seed: seed, observe: $0)
        }
      },
      picture: { _ in preconditionFailure("pictures of a network without heads") },
      workers: workers, on: console, interruption: interruption)
  }

  private func openPatches(on console: Console) throws -> PatchDataset {
    console.detail("reads the lists of \(recipe.data.dataset) in \(data)")
    return try PatchDataset.named(recipe.data, at: data)
  }
}
