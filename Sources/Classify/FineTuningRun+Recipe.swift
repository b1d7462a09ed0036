public import IIC

extension FineTuningRun {
  /// A recipe that fine-tunes, fitted to the model whose trunk it trains: its network and the views'
  /// sizes are the model's. Traps on another recipe.
  ///
  /// - Throws: `IICError` where the model is none of clusters on ClusterNet5g's trunk with Sobel, and
  ///   where the recipe asks for another network or other sizes.
  public static func recipe(_ recipe: Recipe, fittedTo model: ImageClassifier) throws -> Recipe {
    precondition(recipe.kind == .fineTuning, "a recipe of \(recipe.kind)")
    guard recipe.fineTuning?.penultimateFeatures == true else {
      throw IICError(
        operation: "use the recipe", path: recipe.name,
        reason: "`fineTuning.penultimateFeatures` is false",
        remedy: "give true: SupHead5 reads the features before the last group of blocks")
    }
    let network = try model.clusterNetwork().configuration
    let maker = recipe.fineTuning.map { ", such as one of the recipe \($0.trunk)" } ?? ""
    func refusal(_ reason: String) -> IICError {
      IICError(
        operation: "fine-tune the model", reason: reason,
        remedy: "name a ClusterNet5g model with Sobel\(maker)")
    }
    guard [.clusterNet5g, .clusterNet5gTwoHead].contains(network.architecture) else {
      throw refusal(
        "\(network.architecture.rawValue) has no features before its last group of blocks")
    }
    guard network.sobel else { throw refusal("it reads images as they are, not their gradients") }
    var sizes = recipe
    sizes.network = try ModelConfiguration(
      architecture: .clusterNet5g, inputChannels: network.inputChannels,
      inputSize: network.inputSize, classes: network.classes, subHeads: network.subHeads,
      width: network.width, sobel: network.sobel, includeRGB: network.includeRGB,
      batchNormTracking: network.batchNormTracking)
    sizes.views.sobel?.cropSize = model.views.preparation.cropSize
    sizes.data.shortestSide = model.views.preparation.shortestSide
    return try self.recipe(recipe, fittedTo: sizes)
  }

  /// A recipe that fine-tunes, with the network and the views' sizes of the one that a run began with.
  /// Traps on another recipe.
  ///
  /// - Throws: `IICError` where the recipe asks for another network or other sizes.
  public static func recipe(_ recipe: Recipe, fittedTo begun: Recipe) throws -> Recipe {
    precondition(recipe.kind == .fineTuning, "a recipe of \(recipe.kind)")
    var fitted = recipe
    fitted.network = begun.network
    if let cropSize = begun.views.sobel?.cropSize { fitted.views.sobel?.cropSize = cropSize }
    if fitted.data.shortestSide != nil { fitted.data.shortestSide = begun.data.shortestSide }
    // What a built-in recipe says stands for any model; what else is said was asked for.
    let builtIn = Recipe.builtIn.filter { $0.kind == .fineTuning }
    let own = builtIn.filter { $0.name == recipe.name }
    let unasked = (own.isEmpty ? builtIn : own).map { sizes(of: $0) }
    for (index, (given, needed)) in zip(sizes(of: recipe), sizes(of: fitted)).enumerated()
    where given.value != needed.value && !unasked.contains(where: { $0[index] == given }) {
      throw IICError(
        operation: "use the recipe", path: recipe.name,
        reason: "`\(given.key)` is \(given.value) where that of the trained trunk is "
          + needed.value,
        remedy: "leave it out: network and sizes are those of the model whose trunk is trained")
    }
    return try fitted.checked()
  }

  /// A setting by its key.
  private struct Setting: Equatable {
    let key: String
    let value: String
  }

  /// The settings of a recipe that are its trunk's.
  private static func sizes(of recipe: Recipe) -> [Setting] {
    let network = recipe.network
    return [
      Setting(key: "network.architecture", value: network.architecture.rawValue),
      Setting(key: "network.inputChannels", value: "\(network.inputChannels)"),
      Setting(key: "network.inputSize", value: "\(network.inputSize)"),
      Setting(key: "network.classes", value: "\(network.classes)"),
      Setting(key: "network.subHeads", value: "\(network.subHeads)"),
      Setting(key: "network.width", value: "\(network.width)"),
      Setting(key: "network.sobel", value: "\(network.sobel)"),
      Setting(key: "network.includeRGB", value: "\(network.includeRGB)"),
      Setting(key: "network.batchNormTracking", value: "\(network.batchNormTracking)"),
      Setting(
        key: "views.sobel.cropSize", value: recipe.views.sobel.map { "\($0.cropSize)" } ?? "null"),
      Setting(
        key: "data.shortestSide", value: recipe.data.shortestSide.map { "\($0)" } ?? "null"),
    ]
  }
}
