public import IIC
public import Tensor

/// Training of features of pixels by a pretext, as a recipe says: the baselines "Isola 2016" and
/// "Doersch 2015" of the paper's table 4.
public struct PretextTraining: RecipeTraining {
  /// The recipe.
  public let recipe: Recipe
  /// The images.
  public let dataset: PatchDataset
  private let pretext: Recipe.PretextSettings

  /// Training of a recipe on a dataset's images. Traps on a recipe without pretext.
  ///
  /// - Throws: ``SegError`` where the images are not those that the recipe asks for.
  public init(_ recipe: Recipe, on dataset: PatchDataset) throws {
    guard let pretext = recipe.pretext else { preconditionFailure("a recipe of \(recipe.kind)") }
    try dataset.check(for: recipe)
    self.recipe = recipe
    self.dataset = dataset
    self.pretext = pretext
  }

  /// - Throws: `IICError` where the recipe's network is no trunk alone.
  public func network(using generator: inout SeededGenerator) throws -> PretextNetwork {
    try PretextNetwork(configuration: recipe.network, settings: pretext, generator: &generator)
  }

  /// - Throws: `IICError` where a tensor is missing or has another shape.
  public func network(of tensors: [String: Tensor]) throws -> PretextNetwork {
    try PretextNetwork(configuration: recipe.network, settings: pretext, tensors: tensors)
  }

  /// The one head answers the pretext's question.
  public var plan: TrainingPlan<PretextNetwork> {
    TrainingPlan(recipe.training) { _, _ in PretextStep(task: pretext.task) }
  }

  /// The images of the recipe's mode, each with a question a batch.
  public func source(_ generator: SeededGenerator, threads: Int) -> PretextSource {
    PretextSource(dataset, recipe: recipe, threads: threads, generator: generator)
  }

  /// - Throws: `IICError` where the images' bands have no scaling.
  public func input() throws -> ModelInput { try dataset.modelInput() }
}
