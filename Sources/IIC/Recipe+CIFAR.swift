extension Recipe {
  /// CIFAR-10 and CIFAR-100 by its twenty superclasses as published, and CIFAR-100.
  static let publishedCIFAR: [Recipe] = [
    Recipe(
      name: "cifar10",
      about: About(
        title: "CIFAR-10, two heads", publishedRun: 640, publishedPerCent: 61.7,
        source: "paper, table 1: sub-head of the lowest loss; mean of sub-heads 57.6 ± 5.0",
        hardware: "one GPU"),
      data: DataSettings(dataset: "cifar10", mode: .iid, trueClasses: 10),
      network: sobelNetwork(
        .clusterNet5gTwoHead, inputSize: 32, classes: 10, overclusters: 70,
        batchNormTracking: false),
      training: TrainingSettings(
        epochs: 2000, pairs: 660, repeats: 3, learningRate: 1e-4, firstHead: .overclustering,
        headA: .init(), headB: .init(passes: 2)),
      views: .sobel(SobelViewSettings(cropSize: 20))),
    Recipe(
      name: "cifar20",
      about: About(
        title: "CIFAR-100 by its twenty superclasses, two heads", publishedRun: 579,
        publishedPerCent: 25.7,
        source: "paper, table 1: sub-head of the lowest loss; mean of sub-heads 25.5 ± 0.46",
        hardware: "one GPU"),
      data: DataSettings(dataset: "cifar20", mode: .iid, trueClasses: 20),
      network: sobelNetwork(
        .clusterNet5gTwoHead, inputSize: 32, classes: 20, overclusters: 140),
      training: TrainingSettings(
        epochs: 2000, pairs: 1000, repeats: 5, learningRate: 1e-4, headA: .init()),
      views: .sobel(SobelViewSettings(cropSize: 20))),
    Recipe(
      name: "cifar100",
      about: About(
        title: "CIFAR-100, two heads",
        differences:
          "not published: the settings for the twenty superclasses, for a hundred classes"
      ),
      data: DataSettings(dataset: "cifar100", mode: .iid, trueClasses: 100),
      network: sobelNetwork(
        .clusterNet5gTwoHead, inputSize: 32, classes: 100, overclusters: 700),
      training: TrainingSettings(
        epochs: 2000, pairs: 1000, repeats: 5, learningRate: 1e-4, headA: .init()),
      views: .sobel(SobelViewSettings(cropSize: 20))),
    Recipe(
      name: "cifar10-plus",
      about: About(
        title: "CIFAR-10, over-clustering alone, test images apart", publishedRun: 652,
        source: "paper, figure 6", hardware: "one GPU"),
      data: DataSettings(dataset: "cifar10", mode: .iidPlus, trueClasses: 10),
      network: sobelNetwork(.clusterNet5g, inputSize: 32, classes: 140),
      training: TrainingSettings(epochs: 3200, pairs: 1320, repeats: 3, learningRate: 1e-4),
      views: .sobel(SobelViewSettings(cropSize: 20))),
    Recipe(
      name: "cifar20-plus",
      about: About(
        title: "CIFAR-100 by its superclasses, over-clustering alone, test images apart",
        publishedRun: 654, source: "paper, figure 6", hardware: "one GPU"),
      data: DataSettings(dataset: "cifar20", mode: .iidPlus, trueClasses: 20),
      network: sobelNetwork(.clusterNet6c, inputSize: 24, classes: 280, includeRGB: true),
      training: TrainingSettings(epochs: 3200, pairs: 2800, repeats: 5, learningRate: 1e-4),
      views: .sobel(SobelViewSettings(cropSize: 20))),
  ]

  /// A network of the published Sobel scripts, with five sub-heads unless told otherwise.
  static func sobelNetwork(
    _ architecture: ModelArchitecture, inputSize: Int, classes: Int, overclusters: Int? = nil,
    subHeads: Int = 5, width: Double = 1, includeRGB: Bool = false, batchNormTracking: Bool = true
  ) -> ModelConfiguration {
    // Published sizes, all legal.
    try! ModelConfiguration(
      architecture: architecture, inputChannels: includeRGB ? 5 : 2, inputSize: inputSize,
      classes: classes, overclusters: overclusters, subHeads: subHeads, width: width, sobel: true,
      includeRGB: includeRGB, batchNormTracking: batchNormTracking)
  }
}
