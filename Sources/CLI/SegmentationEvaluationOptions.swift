import ArgumentParser
import IIC
import Raster
import Seg
import Tensor

/// How a model that labels pixels is scored on a dataset of patches.
struct SegmentationEvaluationOptions: ParsableArguments {
  static let datasets = ["potsdam", "coco-stuff", "coco-stuff-3", "segmentation"]

  @Option(
    help: ArgumentHelp(
      "Draw images beside truth and prediction into this PNG file.", valueName: "path"))
  var picture: String?

  @Option(help: ArgumentHelp("How many images to draw.", valueName: "n"))
  var pictures = 6

  func validate() throws {
    guard (1...200).contains(pictures) else {
      throw ValidationError("--pictures \(pictures): give 1 to 200")
    }
  }

  /// Scores a model that training wrote, by the recipe that it holds.
  func evaluate(
    _ file: ModelFile, at path: String, data: String, clusters: ClusterEvaluationOptions,
    common: CommonOptions, on console: Console
  ) throws -> SegmentationEvaluationReport {
    if let picture { try OutputPath.check(picture, overwrite: common.overwrite, inputs: [path]) }
    guard var recipe = try file.recipe.map({ try Recipe(yaml: $0) }) else {
      throw CommandError(
        "cannot score \(path): it holds no recipe, which says how images are cut",
        remedy: "give a model that iic train wrote, or label a raster with it and give --truth")
    }
    guard !clusters.kMeans.contains(.outputs) else {
      throw CommandError(
        "cannot cluster what \(path) puts out: it labels pixels",
        remedy: "leave --k-means outputs out")
    }
    recipe.data.dataset = clusters.dataset ?? recipe.data.dataset
    recipe.data.mode = clusters.mode ?? recipe.data.mode
    recipe.training.pairs = clusters.batch ?? recipe.training.pairs
    let dataset = try PatchDataset.named(recipe.data, at: data)
    let workers = Workers(threads: common.threadCount)
    // Refuses data of other bands or classes than the recipe's.
    try dataset.check(for: recipe)
    guard let evaluation = SegmentationEvaluation(dataset, recipe: recipe, on: workers) else {
      throw CommandError(
        "cannot score \(path) on \(data): no image has labels",
        remedy: "put rasters of the same names into its folder `labels`")
    }
    let network = try SegmentationNetwork(
      configuration: file.configuration, tensors: file.tensors)
    let head = try scoredHead(of: network, at: path, clusters)
    var progress = ProgressLine("labelling", of: evaluation.count, unit: "images", on: console)
    let confusions: ClusterConfusions
    if let head {
      confusions = try evaluation.confusions(of: network, head: head) {
        progress.update(done: $0)
      }
    } else {
      var generator = SeededGenerator(seed: common.seed)
      confusions = try evaluation.kMeans(
        .features(network), clusters: network.configuration.classes, generator: &generator
      ) { progress.update(done: $0, of: $1) }
    }
    progress.finish()
    let subHead = head == .overclustering ? file.overclusterSubHead : file.subHead
    var report = SegmentationEvaluationReport(
      confusions, model: path, recipe: recipe, dataset: dataset, head: head, subHead: subHead,
      images: evaluation.count)
    for baseline in clusters.kMeans {
      console.say("clustering \(baseline.rawValue) by k-means")
      var generator = SeededGenerator(seed: common.seed)
      let rows: SegmentationEvaluation.KMeansRows =
        switch baseline {
        case .pixels: .pixels
        case .denseSIFT: .denseSIFT
        case .features: .features(network)
        case .randomFeatures: .features(try randomNetwork(like: network, seed: common.seed))
        case .outputs: preconditionFailure("outputs of pixels")
        }
      report.add(
        try evaluation.kMeans(rows, clusters: dataset.classNames.count, generator: &generator),
        of: baseline.rawValue)
    }
    if let picture, let head {
      try evaluation.picture(
        of: network, head: head, subHead: subHead,
        classOfCluster: confusions.classOfCluster(subHead: subHead), images: pictures,
        colours: dataset.colours
      ).write(to: picture, overwrite: common.overwrite)
    }
    return report
  }

  /// The head asked for, or head B; nil of a trunk alone, whose features k-means clusters.
  private func scoredHead(
    of network: SegmentationNetwork, at path: String, _ clusters: ClusterEvaluationOptions
  ) throws -> HeadName? {
    guard !network.heads.isEmpty else {
      guard clusters.head == nil, picture == nil else {
        throw CommandError(
          "cannot score a head of \(path) or draw what it labels: it has features alone",
          remedy: "leave --head and --picture out")
      }
      return nil
    }
    let head = clusters.head ?? .clustering
    guard network.heads.contains(head) else {
      throw CommandError(
        "cannot score head \(head.rawValue) of \(path): it has only head B",
        remedy: "leave --head out")
    }
    return head
  }

  /// A network of the same shape that was never trained, normalised by each batch's statistics.
  private func randomNetwork(
    like network: SegmentationNetwork, seed: UInt64
  ) throws -> SegmentationNetwork {
    var generator = SeededGenerator(seed: seed)
    return try SegmentationNetwork(
      configuration: network.configuration.withoutTracking(), generator: &generator)
  }
}
