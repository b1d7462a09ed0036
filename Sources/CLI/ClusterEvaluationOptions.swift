import ArgumentParser
import Classify
import IIC
import Tensor

/// How a model's clusters are scored against labelled images.
struct ClusterEvaluationOptions: ParsableArguments {
  /// What k-means clusters, to compare with.
  enum Baseline: String, ExpressibleByArgument, CaseIterable {
    /// What the model's trunk makes of the images.
    case features
    /// What a trunk of the same shape makes of them that was never trained.
    case randomFeatures = "random-features"
    /// What the model's head puts out before its softmax.
    case outputs
    /// The images' pixels as they are.
    case pixels
    /// Dense SIFT of the images; for models that label pixels.
    case denseSIFT = "dense-sift"
  }

  @Option(
    help: ArgumentHelp(
      "Which dataset it is: \(ClusterEvaluationOptions.names) (default: what the model learned from).",
      valueName: "name"))
  var dataset: String?

  @Option(help: "Whether test images name clusters too (default: as the model was trained).")
  var mode: ClusteringMode?

  @Option(help: "The head: B for clusters, A for over-clusters (default: B).")
  var head: HeadName?

  @Option(
    help: """
      Cluster features, those of a random network, what the head puts out (of models that tell \
      images apart), pixels, or dense SIFT (of models that label pixels) by k-means too; repeatable.
      """)
  var kMeans: [Baseline] = []

  @Option(
    help: ArgumentHelp(
      "Images that go through the network at once (default: as in the model's training).",
      valueName: "n"))
  var batch: Int?

  private static let names =
    ImageDataset.all.map(\.description.name).joined(separator: ", ") + ", images, "
    + SegmentationEvaluationOptions.datasets.joined(separator: ", ")

  private static func noDescriptors(of subject: String) -> CommandError {
    CommandError(
      "cannot cluster dense SIFT beside \(subject): it tells whole images apart, not pixels",
      remedy: "give --k-means pixels, features or random-features")
  }

  /// An option that was given, if any was.
  var given: String? { allGiven.first }

  private var allGiven: [String] {
    [
      ("--dataset", dataset != nil), ("--mode", mode != nil), ("--head", head != nil),
      ("--k-means", !kMeans.isEmpty), ("--batch", batch != nil),
    ].filter(\.1).map(\.0)
  }

  func validate() throws {
    if let batch, !(1...4096).contains(batch) {
      throw ValidationError("--batch \(batch): give 1 to 4096")
    }
    if let dataset, dataset.lowercased() != "images", ImageDataset.named(dataset) == nil,
      !SegmentationEvaluationOptions.datasets.contains(dataset)
    {
      throw ValidationError("--dataset \(dataset): give one of \(Self.names)")
    }
  }

  func evaluate(
    _ model: String, data: String, common: CommonOptions, on console: Console
  ) throws -> ModelEvaluation {
    let classifier = try ImageClassifier(reading: model)
    if case .classes(let network) = classifier.network {
      return .classes(
        try evaluate(network, of: classifier, model, data: data, common: common, on: console))
    }
    guard !kMeans.contains(.denseSIFT) else { throw Self.noDescriptors(of: model) }
    let head = head ?? .clustering
    let subHead = try classifier.file.chosenSubHead(of: head, nil, model: model, on: console)
    // A model of another program's, or of another version's, may have a recipe that says nothing.
    let recipe = classifier.file.recipe.flatMap { try? Recipe(yaml: $0) }
    let mode = mode ?? recipe?.data.mode ?? .iid
    let batchSize = batch ?? min(recipe?.training.pairs ?? 500, 4096)
    let workers = Workers(threads: common.threadCount)
    let loaded = try load(
      data, as: dataset ?? recipe?.data.dataset ?? "images", for: classifier,
      threads: workers.threads, on: console)
    let images = try ClusterEvaluation.Images(loaded, mode: mode)
    if kMeans.contains(.pixels) {
      // Before the scoring, which takes long.
      let all = try ImageSet.joined([loaded.assignment(mode), loaded.scoring(mode)])
      try KMeansBaseline.Rows.checkPixels(of: all, named: loaded.description.name)
    }
    var progress = ProgressLine("assigning", of: images.count, unit: "images", on: console)
    let evaluation = try ClusterEvaluation(
      of: try classifier.clusterNetwork(), head: head, on: images, views: classifier.views,
      batchSize: batchSize, workers: workers
    ) { progress.update(done: $0) }
    progress.finish()
    var report = ClusterEvaluationReport(
      evaluation, model: model, digest: try classifier.file.digest,
      description: loaded.description, data: data, mode: mode, subHead: subHead)
    // Triplets learn outputs, not clusters: those are found by k-means, as published.
    let isByOutputs = recipe?.triplets?.kMeans == true && !kMeans.contains(.outputs)
    for baseline in (isByOutputs ? [.outputs] : []) + kMeans {
      report.add(
        try kMeansBaseline(
          baseline, loaded, mode, classifier, (head, subHead), batchSize, workers, common.seed,
          on: console),
        of: baseline.rawValue)
    }
    return .clusters(report)
  }

  private func evaluate(
    _ network: SupervisedNetwork, of classifier: ImageClassifier, _ model: String, data: String,
    common: CommonOptions, on console: Console
  ) throws -> SupervisedEvaluationReport {
    if let option = allGiven.first(where: { $0 != "--dataset" && $0 != "--mode" }) {
      throw CommandError(
        "\(option) is about clusters, and \(model) learned from labels", remedy: "leave it out")
    }
    let recipe = classifier.file.recipe.flatMap { try? Recipe(yaml: $0) }
    let workers = Workers(threads: common.threadCount)
    let loaded = try load(
      data, as: dataset ?? recipe?.data.dataset ?? "images", for: classifier,
      threads: workers.threads, on: console)
    let classes = loaded.description.classNames
    let learned = classifier.file.classes?.map(\.name)
    guard learned.map({ $0 == classes }) ?? (classes.count == network.configuration.classes) else {
      throw CommandError(
        "cannot score \(model) on \(data): it learned other classes "
          + "(\((learned ?? ["\(network.configuration.classes) of them"]).joined(separator: ", ")))",
        remedy: "name images of the same classes")
    }
    let images = try loaded.scoring(mode ?? recipe?.data.mode ?? .iid)
    let preparation = classifier.views.preparation
    var views = SobelViews(
      inputSize: classifier.views.inputSize, cropSize: preparation.cropSize)
    views.includesRGB = classifier.views.channels == 3
    var progress = ProgressLine("scoring", of: images.count, unit: "images", on: console)
    let evaluation = try TenCropEvaluation(
      of: network, on: images, named: loaded.description.name, views: views, workers: workers
    ) { progress.update(done: $0) }
    progress.finish()
    return SupervisedEvaluationReport(
      evaluation, model: model, digest: try classifier.file.digest, data: data, classes: classes)
  }

  private func load(
    _ path: String, as dataset: String, for classifier: ImageClassifier, threads: Int,
    on console: Console
  ) throws -> DatasetImages {
    if let known = ImageDataset.named(dataset) {
      return try known.load(
        from: path, splits: known.description.splits.filter(\.isLabelled).map(\.name))
    }
    let folder = try ImageFolder(at: path)
    var progress = ProgressLine("reading", of: folder.entries.count, unit: "images", on: console)
    let loaded = try folder.load(
      shortestSide: classifier.views.preparation.shortestSide, threads: threads
    ) { progress.update(done: $0) }
    progress.finish()
    for problem in loaded.skipped { console.warn("\(problem.path): \(problem.reason)") }
    return loaded.dataset
  }

  private func kMeansBaseline(
    _ baseline: Baseline, _ loaded: DatasetImages, _ mode: ClusteringMode,
    _ classifier: ImageClassifier, _ chosen: (head: HeadName, subHead: Int), _ batchSize: Int,
    _ workers: Workers, _ seed: UInt64, on console: Console
  ) throws -> KMeansBaseline {
    let name = loaded.description.name
    func rows(_ images: ImageSet) throws -> KMeansBaseline.Rows {
      switch baseline {
      case .pixels: return try KMeansBaseline.Rows(pixelsOf: images, named: name)
      case .denseSIFT: throw Self.noDescriptors(of: name)
      case .outputs:
        var progress = ProgressLine(
          "computing outputs", of: images.count, unit: "images", on: console)
        let rows = try KMeansBaseline.Rows.outputs(
          of: classifier.clusterNetwork(), head: chosen.head, for: images, named: name,
          views: classifier.views, batchSize: batchSize, on: workers
        ) { progress.update(done: $0) }
        progress.finish()
        return rows[chosen.subHead]
      case .features, .randomFeatures:
        var network = try classifier.clusterNetwork()
        if baseline == .randomFeatures {
          var generator = SeededGenerator(seed: seed)
          network = try ClusterNetwork(
            configuration: network.configuration.withoutTracking(), generator: &generator)
        }
        var progress = ProgressLine(
          "computing features", of: images.count, unit: "images", on: console)
        let rows = try KMeansBaseline.Rows(
          featuresOf: images, named: name, by: network, views: classifier.views,
          batchSize: batchSize, on: workers
        ) { progress.update(done: $0) }
        progress.finish()
        return rows
      }
    }
    let fitted = try rows(loaded.assignment(mode))
    let scored = mode == .iid ? nil : try rows(loaded.scoring(mode))
    console.say("clustering \(baseline.rawValue) by k-means")
    var generator = SeededGenerator(seed: seed)
    return KMeansBaseline(
      of: fitted, scoring: scored, classes: loaded.description.classNames.count,
      generator: &generator, on: workers)
  }
}

extension ClusteringMode: ExpressibleByArgument {
  /// Reads `IID` or `IID+`, in capitals or not.
  public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}
