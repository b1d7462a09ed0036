public import Tensor

/// Training as a recipe says: what a run of it is made of, whatever the network.
public protocol RecipeTraining<Network>: Sendable {
  /// The network that learns.
  associatedtype Network: TrainableNetwork
  /// What it learns from.
  associatedtype Source: ResumableSource where Source.Batch == Network.Batch

  /// The recipe.
  var recipe: Recipe { get }
  /// Which heads learn when, and by what loss.
  var plan: TrainingPlan<Network> { get }

  /// A network before training, its weights drawn from the generator.
  func network(using generator: inout SeededGenerator) throws -> Network
  /// A network of the tensors that a state holds.
  func network(of tensors: [String: Tensor]) throws -> Network
  /// The batches that follow from the generator's state, made ahead by so many threads.
  func source(_ generator: SeededGenerator, threads: Int) throws -> Source
  /// How pixels become the network's input, for the model files.
  func input() throws -> ModelInput
}

extension RecipeTraining {
  /// A training in a folder.
  public typealias Run = TrainingRun<Network, Source>

  /// A run from its beginning, drawn from a seed. Its folder is not touched before it runs.
  ///
  /// Throws where the recipe's network or images are none that can be trained so.
  public func begin(in folder: RunFolder, seed: UInt64, threads: Int) throws -> Run {
    var generator = SeededGenerator(seed: seed)
    var networkGenerator = generator.split()
    return Run(
      in: folder, recipe: recipe, network: try network(using: &networkGenerator), plan: plan,
      source: try source(generator.split(), threads: threads), input: try input(), seed: seed)
  }

  /// A run that goes on from a state.
  ///
  /// Throws where the folder's files do not go together, and as ``begin(in:seed:threads:)`` does.
  public func resume(_ state: TrainingState, in folder: RunFolder, threads: Int) throws -> Run {
    try Run(
      resuming: state, in: folder, recipe: recipe, network: network(of: state.tensors), plan: plan,
      source: source(state.generator, threads: threads), input: input())
  }
}
