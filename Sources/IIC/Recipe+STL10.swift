extension Recipe {
  /// STL-10 as published: two heads, what the paper's table 2 leaves out of it, over-clustering, and
  /// training with labels.
  static let publishedSTL10: [Recipe] = {
    let whole = Recipe(
      name: "stl10",
      about: About(
        title: "STL-10, two heads", publishedRun: 569, publishedPerCent: 59.6,
        source: "paper, table 1: sub-head of the lowest loss; mean of sub-heads 59.8 ± 0.84",
        hardware: "one GPU (Tesla P40, 22.9 GB)"),
      data: DataSettings(dataset: "stl10", mode: .iid, trueClasses: 10, unlabelled: .mixed),
      network: sobelNetwork(.clusterNet5gTwoHead, inputSize: 64, classes: 10, overclusters: 70),
      training: TrainingSettings(
        epochs: 2000, pairs: 700, repeats: 5, learningRate: 1e-4, firstHead: .overclustering,
        headA: .init()),
      views: .sobel(SobelViewSettings(cropSize: 64)),
      evaluation: EvaluationSettings(alsoByBatchStatistics: true))
    return [
      whole,
      whole.varied("stl10-b-first", "STL-10, head B first and twice", run: 570) {
        $0.training.firstHead = .clustering
        $0.training.headB.passes = 2
      },
      whole.varied(
        "stl10-no-overclustering", "STL-10, both heads with as many clusters as classes",
        run: 692, perCent: 43.8, source: "paper, table 2"
      ) {
        $0.network = sobelNetwork(
          .clusterNet5gTwoHead, inputSize: 64, classes: 10, overclusters: 10)
      },
      whole.varied(
        "stl10-one-sub-head", "STL-10, a single sub-head a head", run: 693, perCent: 57.6,
        source: "paper, table 2"
      ) {
        $0.network = sobelNetwork(
          .clusterNet5gTwoHead, inputSize: 64, classes: 10, overclusters: 70, subHeads: 1)
      },
      whole.varied(
        "stl10-no-repeats", "STL-10, each image once a batch", run: 694, perCent: 47.0,
        source: "paper, table 2"
      ) { $0.training.repeats = 1 },
      whole.varied(
        "stl10-no-unlabelled", "STL-10, without its unlabelled images", run: 695, perCent: 49.9,
        source: "paper, table 2"
      ) { $0.data.unlabelled = .omitted },
      overclustering(
        "stl10-plus", "STL-10, over-clustering alone, test images apart", run: 653,
        source: "paper, figure 6", clusters: 140, pairs: 1400, hardware: "two GPUs"),
      overclustering(
        "stl10-features", "STL-10, over-clustering for features to fine-tune", run: 650,
        source: "paper, table 3", clusters: 70, pairs: 700, hardware: "one GPU"),
      fineTuning,
    ]
  }()

  private static func overclustering(
    _ name: String, _ title: String, run: Int, source: String, clusters: Int, pairs: Int,
    hardware: String
  ) -> Recipe {
    Recipe(
      name: name,
      about: About(title: title, publishedRun: run, source: source, hardware: hardware),
      data: DataSettings(dataset: "stl10", mode: .iidPlus, trueClasses: 10, unlabelled: .mixed),
      network: sobelNetwork(.clusterNet5g, inputSize: 64, classes: clusters),
      training: TrainingSettings(epochs: 3200, pairs: pairs, repeats: 5, learningRate: 1e-4),
      views: .sobel(SobelViewSettings(cropSize: 64)))
  }

  /// Batches and views are those that the trunk was trained with, as in the published program, but
  /// for what the second view has in addition.
  private static let fineTuning = Recipe(
    name: "stl10-fine-tuning",
    about: About(
      title: "STL-10, a head with labels on the trunk of stl10-features, all of it trained",
      publishedRun: 698, publishedPerCent: 88.8, source: "paper, table 3", hardware: "one GPU"),
    data: DataSettings(dataset: "stl10", mode: .iidPlus, trueClasses: 10, unlabelled: .omitted),
    network: sobelNetwork(.clusterNet5g, inputSize: 64, classes: 70),
    training: TrainingSettings(
      epochs: 8000, pairs: 700, repeats: 1, learningRate: 1e-3, learningRateFactor: 0.5),
    fineTuning: FineTuningSettings(
      trunk: "stl10-features", head: .supHead5, trunkLearningRate: 1e-4,
      penultimateFeatures: true),
    views: .sobel(
      SobelViewSettings(
        cropSize: 64, affine: .init(probability: 0.5),
        cutout: .init(probability: 0.5, largestPart: 0.7))))

  /// Another published run of almost the same settings.
  func varied(
    _ name: String, _ title: String, run: Int, perCent: Double? = nil, source: String? = nil,
    differences: String? = nil, _ change: (inout Recipe) -> Void
  ) -> Recipe {
    var copy = self
    copy.name = name
    copy.about = About(
      title: title, publishedRun: run, publishedPerCent: perCent, source: source,
      hardware: about.hardware, differences: differences)
    change(&copy)
    return copy
  }
}
