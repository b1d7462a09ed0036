internal import Foundation
public import Tensor

/// All that a training needs to go on bit for bit as if it had never stopped: the contents of a
/// run's `state.safetensors`.
///
/// It holds the weights too, so that it never depends on another file that may be a step older.
public struct TrainingState: Sendable {
  /// How many epochs are over.
  public var completedEpochs: Int
  /// The network's parameters and running statistics, by published name, as held in memory.
  public var tensors: [String: Tensor]
  /// The optimiser's step size as it stands.
  public var learningRate: Double
  /// The optimiser's moments, by the parameter's name; none before the first step.
  public var moments: [String: AdamOptimiser.Moments]
  /// What the next pass of pairs is drawn from.
  public var generator: SeededGenerator
  /// The seed that the training began with.
  public var seed: UInt64
  /// How many threads computed it: with others, sums round differently.
  public var threads: Int
  /// The lowest loss of a sub-head of head B after any epoch, at λ = 1.
  public var lowestLoss: Double?
  /// The highest accuracy of a sub-head after any epoch.
  public var highestAccuracy: Double?

  /// The state of a training after its last epoch.
  public init<Network: TrainableNetwork>(
    of trainer: Trainer<Network>, generator: SeededGenerator, seed: UInt64, threads: Int,
    lowestLoss: Double?, highestAccuracy: Double?
  ) {
    completedEpochs = trainer.completedEpochs
    tensors = trainer.network.tensors
    learningRate = trainer.optimiser.learningRate
    moments = Dictionary(
      uniqueKeysWithValues: zip(trainer.network.parameters.map(\.name), trainer.optimiser.moments))
    self.generator = generator
    self.seed = seed
    self.threads = threads
    self.lowestLoss = lowestLoss
    self.highestAccuracy = highestAccuracy
  }

  /// The state of a supervised network's training after its last epoch. The learning rate is the
  /// head's.
  public init(
    of network: SupervisedNetwork, optimisers: SupervisedOptimisers, completedEpochs: Int,
    generator: SeededGenerator, seed: UInt64, threads: Int, lowestLoss: Double?,
    highestAccuracy: Double?
  ) {
    self.completedEpochs = completedEpochs
    tensors = network.tensors
    learningRate = optimisers.head.learningRate
    moments = Dictionary(
      uniqueKeysWithValues: zip(network.parameters.map(\.name), optimisers.moments))
    self.generator = generator
    self.seed = seed
    self.threads = threads
    self.lowestLoss = lowestLoss
    self.highestAccuracy = highestAccuracy
  }

  /// The optimiser as it stood, for a network of these parameters.
  ///
  /// Throws an ``IICError`` where moments are missing or of another shape.
  public func optimiser(for network: some ParameterisedNetwork) throws -> AdamOptimiser {
    var optimiser = AdamOptimiser(learningRate: learningRate)
    guard !moments.isEmpty else { return optimiser }
    optimiser.moments = try network.parameters.map { parameter in
      guard let moments = moments[parameter.name], moments.first.shape == parameter.value.shape
      else { throw Self.refusal("the moments of `\(parameter.name)` are not in its state") }
      return moments
    }
    return optimiser
  }

  private static let formatKey = "iic.state"
  private static let format = "1"

  /// Writes the state whole or not at all. Throws an ``IICError`` when that fails.
  public func write(to path: String) throws {
    var contents = Safetensors(tensors: [:])
    for (name, tensor) in tensors { contents.tensors["network.\(name)"] = tensor }
    for (name, moments) in moments {
      contents.tensors["first.\(name)"] = moments.first
      contents.tensors["second.\(name)"] = moments.second
      contents.integers["steps.\(name)"] = Int64(moments.steps)
    }
    contents.metadata = [
      Self.formatKey: Self.format, "epochs": "\(completedEpochs)",
      "learningRate": "\(learningRate)", "seed": "\(seed)", "threads": "\(threads)",
      // Four numbers: nothing that JSON cannot say.
      "generator": String(decoding: try! JSONEncoder().encode(generator), as: UTF8.self),
    ]
    contents.metadata["lowestLoss"] = lowestLoss.map { "\($0)" }
    contents.metadata["highestAccuracy"] = highestAccuracy.map { "\($0)" }
    try contents.write(to: path)
  }

  /// Reads a state. Throws an ``IICError`` for a file that is none.
  public init(reading path: String) throws {
    let contents = try Safetensors(reading: path)
    do {
      try self.init(contents)
    } catch let error as IICError {
      throw error.at(path: path)
    }
  }

  private init(_ contents: Safetensors) throws {
    let metadata = contents.metadata
    func value<Value>(_ key: String, _ convert: (String) -> Value?) throws -> Value {
      guard let value = metadata[key].flatMap(convert) else {
        throw Self.refusal("its metadata `\(key)` is missing or wrong")
      }
      return value
    }
    guard metadata[Self.formatKey] == Self.format else {
      throw Self.refusal("it is no state of a training, or one of another version")
    }
    completedEpochs = try value("epochs") {
      Int($0).flatMap { (0...Recipe.largestEpochCount).contains($0) ? $0 : nil }
    }
    learningRate = try value("learningRate") { Double($0).flatMap { $0.isFinite ? $0 : nil } }
    seed = try value("seed") { UInt64($0) }
    threads = try value("threads") { Int($0) }
    generator = try value("generator") {
      try? JSONDecoder().decode(SeededGenerator.self, from: Data($0.utf8))
    }
    lowestLoss = metadata["lowestLoss"].flatMap { Double($0) }
    highestAccuracy = metadata["highestAccuracy"].flatMap { Double($0) }
    tensors = [:]
    moments = [:]
    for (name, tensor) in contents.tensors {
      if name.hasPrefix("network.") {
        tensors[String(name.dropFirst("network.".count))] = tensor
      } else if name.hasPrefix("first.") {
        let parameter = String(name.dropFirst("first.".count))
        guard let second = contents.tensors["second.\(parameter)"], second.shape == tensor.shape,
          let steps = contents.integers["steps.\(parameter)"], (0...1 << 50).contains(steps)
        else { throw Self.refusal("the moments of `\(parameter)` are not whole") }
        moments[parameter] = AdamOptimiser.Moments(
          first: tensor, second: second, steps: Int(steps))
      }
    }
  }

  private static func refusal(_ reason: String) -> IICError {
    IICError(operation: "resume", reason: reason, remedy: "begin a new run")
  }
}
