public import IIC
public import Tensor

/// Training of a recipe that clusters whole images: network, plan and pairs as it says.
public struct ClusterTraining: Sendable {
  /// A training in a folder.
  public typealias Run = TrainingRun<ClusterNetwork, ImagePairSource>

  /// The recipe.
  public let recipe: Recipe
  /// The images.
  public let images: DatasetImages

  /// Training of a recipe on a dataset's images.
  ///
  /// - Throws: ``ClassifyError`` where the images are not those that the recipe asks for.
  public init(_ recipe: Recipe, on images: DatasetImages) throws {
    precondition(recipe.kind == .clustering, "a recipe of \(recipe.kind)")
    self.recipe = recipe
    self.images = images
    let classes = images.description.classNames.count
    if let wanted = recipe.data.trueClasses, wanted != classes {
      throw refusal(
        "its images have \(classes) classes where `data.trueClasses` is \(wanted)",
        "correct that, or choose another dataset")
    }
    let channels = try images.training(recipe.data.mode, head: .clustering).channels
    let needed = recipe.network.includeRGB ? 5 : recipe.network.sobel ? 2 : 1
    guard recipe.network.inputChannels == needed else {
      throw refusal(
        "`network.inputChannels` is \(recipe.network.inputChannels) where the views have \(needed)",
        "give \(needed)")
    }
    guard !recipe.network.includeRGB || channels == 3 else {
      throw refusal(
        "its images are grey where `network.includeRGB` asks for colours", "give false")
    }
  }

  /// Which splits of a dataset a recipe needs.
  public static func splits(of description: DatasetDescription, for recipe: Recipe) -> [String] {
    description.splits.map(\.name).filter {
      $0 != "unlabelled" || recipe.data.unlabelled != .omitted
    }
  }

  /// A run from its beginning, drawn from a seed.
  ///
  /// - Throws: ``ClassifyError`` where a split is not there or an image is too small.
  public func begin(in folder: RunFolder, seed: UInt64, threads: Int) throws -> Run {
    var generator = SeededGenerator(seed: seed)
    var networkGenerator = generator.split()
    let network = try ClusterNetwork(configuration: recipe.network, generator: &networkGenerator)
    return Run(
      in: folder, recipe: recipe, network: network, plan: plan,
      source: try source(generator.split(), threads: threads), input: try input(), seed: seed)
  }

  /// A run that goes on from a state.
  ///
  /// - Throws: `IICError` where the folder's files do not go together, and as
  ///   ``begin(in:seed:threads:)`` does.
  public func resume(_ state: TrainingState, in folder: RunFolder, threads: Int) throws -> Run {
    try Run(
      resuming: state, in: folder, recipe: recipe,
      network: ClusterNetwork(configuration: recipe.network, tensors: state.tensors), plan: plan,
      source: source(state.generator, threads: threads), input: input())
  }

  /// The most images that a picture shows.
  private static let largestPictureCount = 5000

  /// Where images stand among the clusters of the first sub-head of head B, or of the only head, as
  /// of now: up to 5,000 of the images that name clusters, evenly spread.
  ///
  /// - Throws: ``ClassifyError`` where an image is smaller than the views' crops.
  public func progressionPicture(
    of network: ClusterNetwork, on workers: Workers
  ) throws -> ProgressionPicture {
    let all = try images.assignment(recipe.data.mode)
    let count = min(all.count, Self.largestPictureCount)
    return try ProgressionPicture(
      of: all.selecting((0..<count).map { $0 * all.count / count }),
      named: images.description.name, by: network, subHead: 0, views: recipe.imageViews,
      batchSize: recipe.training.pairs, on: workers)
  }

  private var plan: TrainingPlan<ClusterNetwork> {
    TrainingPlan(recipe.training) { head, lambda in
      guard recipe.triplets == nil else { return TripletStep() }
      return TrainingStep(
        objectives: [HeadObjective(head: head, loss: JointLoss(lambda: lambda))])
    }
  }

  /// Triplets are of all images, also of those that train only an over-clustering head, as published.
  private func source(_ generator: SeededGenerator, threads: Int) throws -> ImagePairSource {
    let usesUnlabelled = recipe.data.unlabelled != .omitted
    let isOfTriplets = recipe.triplets != nil
    let parts = try recipe.training.turns.map {
      try images.training(
        recipe.data.mode, head: isOfTriplets ? .overclustering : $0.head,
        usingUnlabelled: usesUnlabelled)
    }
    return try ImagePairSource(
      parts, named: images.description.name, views: recipe.imageViews,
      pairs: recipe.training.pairs, repeats: recipe.training.repeats, withOthers: isOfTriplets,
      threads: threads, generator: generator)
  }

  /// Views are bytes, which the network sees as 0…1. Images are scaled to the shorter side of those
  /// that it learns from.
  private func input() throws -> ModelInput {
    let names = recipe.network.includeRGB ? ["red", "green", "blue"] : ["grey"]
    let shortestSide = try images.training(recipe.data.mode, head: .clustering).shortestSide
    return ModelInput(
      bands: try names.map { try BandScaling(name: $0, offset: 0, scale: 255) },
      images: try recipe.imageViews.preparation(shortestSide: shortestSide))
  }

  private func refusal(_ reason: String, _ remedy: String) -> ClassifyError {
    ClassifyError(
      operation: "train on", path: images.description.name, reason: reason, remedy: remedy)
  }
}
