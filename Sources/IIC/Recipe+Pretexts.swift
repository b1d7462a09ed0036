extension Recipe {
  /// The paper's baselines of features learned by a pretext (table 4), on the datasets of its
  /// segmentation. The program was published, the commands were not: what they would say is taken
  /// from those of the method's own runs.
  static let publishedPretexts: [Recipe] = [
    pretext(publishedPotsdam[0], .isola, "Potsdam-3", perCent: 63.9),
    pretext(publishedPotsdam[2], .isola, "Potsdam", perCent: 44.9),
    pretext(publishedCOCOStuff[0], .isola, "COCO-Stuff-3", perCent: 54.0),
    pretext(publishedCOCOStuff[2], .isola, "COCO-Stuff", perCent: 24.3),
    pretext(publishedPotsdam[0], .doersch, "Potsdam-3", perCent: 49.6),
    pretext(publishedPotsdam[2], .doersch, "Potsdam", perCent: 37.2),
    pretext(publishedCOCOStuff[0], .doersch, "COCO-Stuff-3", perCent: 47.5),
    pretext(publishedCOCOStuff[2], .doersch, "COCO-Stuff", perCent: 23.1),
  ]

  /// A recipe of clusters turned into one of a pretext: data, views and images a batch are its own.
  private static func pretext(
    _ base: Recipe, _ task: PretextTask, _ title: String, perCent: Double
  ) -> Recipe {
    let network = base.network
    let question =
      switch task {
      case .isola: "whether two patches touch (Isola 2016)"
      case .doersch: "where one patch lies of another (Doersch 2015)"
      }
    return Recipe(
      name: "\(base.name)-\(task.rawValue)",
      about: About(
        title: "\(title): features that tell \(question), clustered by k-means; a baseline",
        publishedPerCent: perCent, source: "paper, table 4",
        differences: "patches and epochs are the published program's defaults; its commands were "
          + "not published: images a batch, views and step size are those of \(base.name)"),
      data: base.data,
      // Published sizes, all legal.
      network: try! ModelConfiguration(
        architecture: .segmentationNet10aTrunk, inputChannels: network.inputChannels,
        inputSize: network.inputSize, classes: network.classes, subHeads: 1, sobel: network.sobel,
        includeRGB: network.includeRGB, batchNormTracking: true),
      training: TrainingSettings(
        epochs: 3200, pairs: base.training.pairs, repeats: 1,
        learningRate: base.training.learningRate),
      pretext: PretextSettings(task: task), views: base.views)
  }
}
