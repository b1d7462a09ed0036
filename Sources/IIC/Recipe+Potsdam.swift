extension Recipe {
  /// Potsdam as published: three classes and six, each with two heads and by over-clustering alone.
  static let publishedPotsdam: [Recipe] = {
    let coarse = potsdam(
      "potsdam-3",
      About(
        title: "Potsdam-3: roads and cars, buildings and clutter, vegetation and trees; two heads",
        publishedRun: 545, publishedPerCent: 65.1,
        source: "paper, table 4: the best epoch by accuracy; the last one's 62.9",
        hardware: "two GPUs", differences: lambdaNote),
      mode: .iid, classes: 3, clusters: (3, 24), pairs: 75, learningRate: 1e-5,
      headB: .init(lambda: 1.5))
    return [
      coarse,
      coarse.varied(
        "potsdam-3-no-lambda", "Potsdam-3 with λ = 1", run: 711, perCent: 63.9,
        source: "published log: the best epoch by accuracy"
      ) { $0.training.headB.lambda = 1 },
      potsdam(
        "potsdam",
        About(
          title: "Potsdam: six classes; two heads", publishedRun: 544, publishedPerCent: 45.4,
          source: "paper, table 4: the best epoch by accuracy; the last one's 42.6",
          hardware: "four GPUs"),
        mode: .iid, classes: 6, clusters: (6, 36), pairs: 60, learningRate: 1e-6,
        displacement: 5),
      potsdam(
        "potsdam-3-plus",
        About(
          title: "Potsdam-3, over-clustering alone, test images apart", publishedRun: 482,
          source: "paper, figure 7", hardware: "two GPUs"),
        mode: .iidPlus, classes: 3, clusters: (9, nil), pairs: 75, learningRate: 1e-5),
      potsdam(
        "potsdam-plus",
        About(
          title: "Potsdam, over-clustering alone, test images apart", publishedRun: 487,
          source: "paper, figure 7", hardware: "two GPUs"),
        mode: .iidPlus, classes: 6, clusters: (24, nil), pairs: 60, learningRate: 1e-5),
    ]
  }()

  private static func potsdam(
    _ name: String, _ about: About, mode: ClusteringMode, classes: Int,
    clusters: (classes: Int, overclusters: Int?), pairs: Int, learningRate: Double,
    headB: TrainingSettings.Turn = .init(), displacement: Int = 10
  ) -> Recipe {
    let hasTwoHeads = clusters.overclusters != nil
    return Recipe(
      name: name, about: about,
      data: DataSettings(
        dataset: "potsdam", mode: mode, trueClasses: classes, coarseLabels: classes == 3),
      // Published sizes, all legal: red, green, blue and infra-red.
      network: try! ModelConfiguration(
        architecture: hasTwoHeads ? .segmentationNet10aTwoHead : .segmentationNet10a,
        inputChannels: 4, inputSize: 200, classes: clusters.classes,
        overclusters: clusters.overclusters, subHeads: 1, includeRGB: true,
        batchNormTracking: true),
      training: TrainingSettings(
        epochs: 4800, pairs: pairs, repeats: 1, learningRate: learningRate,
        firstHead: hasTwoHeads ? .overclustering : .clustering,
        headA: hasTwoHeads ? .init() : nil, headB: headB),
      denseLoss: DenseLossSettings(displacement: displacement, collapsed: false),
      views: .patches(PatchViewSettings(jitter: .even(0.1))))
  }
}
