public import IIC
internal import Tensor

/// Training of features of pixels by a pretext, as a recipe says: the baselines "Isola 2016" and
/// "Doersch 2015" of the paper's table 4.
public struct PretextTraining: Sendable {
  /// A training in a folder.
  public typealias Run = TrainingRun<PretextNetwork, PretextSource>

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

  /// A run from its beginning, drawn from a seed.
  ///
  /// - Throws: `IICError` where the recipe's network is no trunk alone.
  public func begin(in folder: RunFolder, seed: UInt64, threads: Int) throws -> Run {
    var generator = SeededGenerator(seed: seed)
    var networkGenerator = generator.split()
    let network = try PretextNetwork(
      configuration: recipe.network, settings: pretext, generator: &networkGenerator)
    return Run(
      in: folder, recipe: recipe, network: network, plan: plan,
      source: source(generator.split(), threads: threads), input: try dataset.modelInput(),
      seed: seed)
  }

  /// A run that goes on from a state.
  ///
  /// - Throws: `IICError` where the folder's files do not go together.
  public func resume(_ state: TrainingState, in folder: RunFolder, threads: Int) throws -> Run {
    try Run(
      resuming: state, in: folder, recipe: recipe,
      network: PretextNetwork(
        configuration: recipe.network, settings: pretext, tensors: state.tensors),
      plan: plan, source: source(state.generator, threads: threads), input: dataset.modelInput())
  }

  private var plan: TrainingPlan<PretextNetwork> {
    TrainingPlan(recipe.training) { _, _ in PretextStep(task: pretext.task) }
  }

  private func source(_ generator: SeededGenerator, threads: Int) -> PretextSource {
    PretextSource(dataset, recipe: recipe, threads: threads, generator: generator)
  }
}
