extension Recipe {
  /// COCO-Stuff as published: three classes and fifteen, each with two heads and by over-clustering
  /// alone.
  static let publishedCOCOStuff: [Recipe] = {
    let few = cocoStuff(
      "coco-stuff-3",
      About(
        title: "COCO-Stuff-3: sky, plant, ground; two heads", publishedRun: 555,
        publishedPerCent: 72.3, source: "paper, table 4: the best epoch by accuracy",
        hardware: "four GPUs", differences: lambdaNote),
      data: ("coco-stuff-3", .iid, classes: 3, version: 6), clusters: (3, 15), pairs: 120,
      headB: .init(lambda: 1.5))
    let full = cocoStuff(
      "coco-stuff",
      About(
        title: "COCO-Stuff: fifteen classes; two heads", publishedRun: 512, publishedPerCent: 27.7,
        source: "paper, table 4: the best epoch by accuracy; the last one's 25.4",
        hardware: "four GPUs"),
      data: ("coco-stuff", .iid, classes: 15, version: 7), clusters: (15, 45), pairs: 60)
    return [
      few,
      few.varied(
        "coco-stuff-3-no-lambda", "COCO-Stuff-3 with λ = 1", run: 714, perCent: 69.1,
        source: "published log: the best epoch by accuracy"
      ) { $0.training.headB.lambda = 1 },
      full,
      cocoStuff(
        "coco-stuff-3-plus",
        About(
          title: "COCO-Stuff-3, over-clustering alone, validation images apart",
          publishedRun: 496, source: "paper, figure 7", hardware: "four GPUs"),
        data: ("coco-stuff-3", .iidPlus, classes: 3, version: 6), clusters: (15, nil), pairs: 180),
      cocoStuff(
        "coco-stuff-plus",
        About(
          title: "COCO-Stuff, over-clustering alone, validation images apart",
          publishedRun: 521, source: "paper, figure 7", hardware: "four GPUs"),
        data: ("coco-stuff", .iidPlus, classes: 15, version: 7), clusters: (45, nil), pairs: 90),
    ]
  }()

  /// Of the runs that tell three classes apart with two heads.
  static let lambdaNote =
    "the paper gives λ as 1.5, the published command only for head B, with 1 for head A; this "
    + "follows the command"

  private static func cocoStuff(
    _ name: String, _ about: About,
    data: (dataset: String, mode: ClusteringMode, classes: Int, version: Int),
    clusters: (classes: Int, overclusters: Int?), pairs: Int,
    headB: TrainingSettings.Turn = .init()
  ) -> Recipe {
    let hasTwoHeads = clusters.overclusters != nil
    return Recipe(
      name: name, about: about,
      data: DataSettings(
        dataset: data.dataset, mode: data.mode, trueClasses: data.classes, coarseLabels: true,
        curatedVersion: data.version),
      // Published sizes, all legal: blue, green and red before the two gradients.
      network: try! ModelConfiguration(
        architecture: hasTwoHeads ? .segmentationNet10aTwoHead : .segmentationNet10a,
        inputChannels: 5, inputSize: 128, classes: clusters.classes,
        overclusters: clusters.overclusters, subHeads: 1, sobel: true, includeRGB: true,
        batchNormTracking: true),
      training: TrainingSettings(
        epochs: 4800, pairs: pairs, repeats: 1, learningRate: 1e-4,
        firstHead: hasTwoHeads ? .overclustering : .clustering,
        headA: hasTwoHeads ? .init() : nil, headB: headB),
      denseLoss: DenseLossSettings(displacement: 10, collapsed: false),
      views: .patches(PatchViewSettings(preScale: 0.33)))
  }
}
