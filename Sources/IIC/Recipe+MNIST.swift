extension Recipe {
  /// MNIST as published: run 685.
  static let mnist = Recipe(
    name: "mnist",
    about: About(
      title: "MNIST, two heads", publishedRun: 685, publishedPerCent: 99.2,
      source: "paper, table 1",
      differences: "the published program trained head B in head A's turn too and head A never; "
        + "this trains both, as the paper says (headAUntrained: true does as the program did)"),
    data: DataSettings(dataset: "mnist", mode: .iid, trueClasses: 10),
    network: greyNetwork(.clusterNet6cTwoHead, classes: 10, overclusters: 50),
    training: TrainingSettings(
      epochs: 3200, pairs: 700, repeats: 5, learningRate: 1e-4, headA: .init(),
      headB: .init(passes: 2)),
    views: .greyscale(GreyscaleViewSettings()))

  /// A network of the published greyscale script: one channel of 24 × 24 pixels, five sub-heads.
  static func greyNetwork(
    _ architecture: ModelArchitecture, classes: Int, overclusters: Int? = nil,
    batchNormTracking: Bool = false
  ) -> ModelConfiguration {
    // Published sizes, all legal.
    try! ModelConfiguration(
      architecture: architecture, inputChannels: 1, inputSize: 24, classes: classes,
      overclusters: overclusters, subHeads: 5, batchNormTracking: batchNormTracking)
  }
}
