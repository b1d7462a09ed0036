extension Recipe {
  /// MNIST as published.
  static let publishedMNIST: [Recipe] = [
    Recipe(
      name: "mnist",
      about: About(
        title: "MNIST, two heads", publishedRun: 685, publishedPerCent: 99.2,
        source: "paper, table 1: sub-head of the lowest loss; mean of sub-heads 98.4 ± 0.65",
        hardware: "one GPU", differences: headAUntrainedNote),
      data: DataSettings(dataset: "mnist", mode: .iid, trueClasses: 10),
      network: greyNetwork(.clusterNet6cTwoHead, classes: 10, overclusters: 50),
      training: TrainingSettings(
        epochs: 3200, pairs: 700, repeats: 5, learningRate: 1e-4, headA: .init(),
        headB: .init(passes: 2)),
      views: .greyscale(GreyscaleViewSettings())),
    Recipe(
      name: "mnist-plus",
      about: About(
        title: "MNIST, over-clustering alone, test images apart", publishedRun: 665,
        source: "paper, figure 6", hardware: "one GPU"),
      data: DataSettings(dataset: "mnist", mode: .iidPlus, trueClasses: 10),
      network: greyNetwork(.clusterNet6c, classes: 25, batchNormTracking: true),
      training: TrainingSettings(epochs: 3200, pairs: 350, repeats: 5, learningRate: 1e-4),
      views: .greyscale(GreyscaleViewSettings())),
    Recipe(
      name: "mnist-progression",
      about: About(
        title: "MNIST, two heads, with a picture of the images' places every 1,000 batches",
        publishedRun: 726, source: "paper, figure 3", hardware: "one GPU",
        differences: headAUntrainedNote),
      data: DataSettings(dataset: "mnist", mode: .iid, trueClasses: 10),
      network: greyNetwork(.clusterNet6cTwoHead, classes: 10, overclusters: 50),
      training: TrainingSettings(
        epochs: 7, pairs: 700, repeats: 5, learningRate: 1e-4, headA: .init(),
        headB: .init(passes: 2)),
      views: .greyscale(GreyscaleViewSettings()),
      evaluation: EvaluationSettings(pictureEvery: 1000)),
  ]

  private static let headAUntrainedNote =
    "the published program trained head B in head A's turn too and head A never; this trains both, "
    + "as the paper says (headAUntrained: true does as the program did)"

  /// A network of the published greyscale script: one channel of 24 × 24 pixels, five sub-heads.
  private static func greyNetwork(
    _ architecture: ModelArchitecture, classes: Int, overclusters: Int? = nil,
    batchNormTracking: Bool = false
  ) -> ModelConfiguration {
    // Published sizes, all legal.
    try! ModelConfiguration(
      architecture: architecture, inputChannels: 1, inputSize: 24, classes: classes,
      overclusters: overclusters, subHeads: 5, batchNormTracking: batchNormTracking)
  }
}
