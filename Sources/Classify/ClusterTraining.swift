public import IIC
public import Tensor

/// Training of a recipe that clusters whole images: network, plan and pairs as it says.
public struct ClusterTraining: RecipeTraining {
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

  /// - Throws: `IICError` where the recipe's network is none that clusters whole images.
  public func network(using generator: inout SeededGenerator) throws -> ClusterNetwork {
    try ClusterNetwork(configuration: recipe.network, generator: &generator)
  }

  /// - Throws: `IICError` where a tensor is missing or has another shape.
  public func network(of tensors: [String: Tensor]) throws -> ClusterNetwork {
    try ClusterNetwork(configuration: recipe.network, tensors: tensors)
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

  /// The heads learn in turn, from pairs of views or from triplets.
  public var plan: TrainingPlan<ClusterNetwork> {
    TrainingPlan(recipe.training) { head, lambda in
      guard recipe.triplets == nil else { return TripletStep() }
      return TrainingStep(
        objectives: [HeadObjective(head: head, loss: JointLoss(lambda: lambda))])
    }
  }

  /// Triplets are of all images, also of those that train only an over-clustering head, as published.
  ///
  /// - Throws: ``ClassifyError`` where a split is not there or an image is too small.
  public func source(_ generator: SeededGenerator, threads: Int) throws -> ImagePairSource {
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
  ///
  /// - Throws: ``ClassifyError`` where a split is not there.
  public func input() throws -> ModelInput {
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
