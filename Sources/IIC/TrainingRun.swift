internal import Foundation
public import Tensor

/// A source of pairs whose next pass can be made again from a generator's state.
public protocol ResumablePairSource: PairSource {
  /// The state that the next pass is drawn from.
  var generator: SeededGenerator { get }
  /// How many pairs a pass has in a part of the epoch.
  func pairs(inPart part: Int) -> Int
}

/// Scores of a network, with whatever else is known of it after an epoch.
public struct NetworkScores: Sendable, Equatable {
  /// As it labels.
  public var evaluation: HeadEvaluation
  /// Normalised by each batch's statistics, where that was asked for.
  public var byBatchStatistics: HeadEvaluation?

  /// Scores.
  public init(_ evaluation: HeadEvaluation, byBatchStatistics: HeadEvaluation? = nil) {
    self.evaluation = evaluation
    self.byBatchStatistics = byBatchStatistics
  }
}

/// How pixels become a network's input, as model files record it.
public struct ModelInput: Sendable, Equatable {
  /// A scaling a band.
  public var bands: [BandScaling]
  /// How whole images are prepared; nil for networks that label pixels.
  public var images: ImagePreparation?

  /// Bands, and how images are prepared.
  public init(bands: [BandScaling], images: ImagePreparation? = nil) {
    self.bands = bands
    self.images = images
  }
}

/// What happens in a run.
public enum RunEvent: Sendable {
  /// The network is about to be scored after an epoch; 0 before training.
  case evaluationBegan(epoch: Int)
  /// A step of an epoch is over: how many of its pairs have been trained on, and the losses before.
  case step(epoch: Int, pairs: Int, of: Int, losses: [HeadLoss])
  /// An epoch is over and its files are written.
  case epochEnded(TrainingRecord)
}

/// A training in a folder: trains epoch by epoch, scores, keeps the best models, and can go on bit
/// for bit where it stopped.
public struct TrainingRun<Network: PairNetwork, Source: ResumablePairSource> {
  /// Its folder.
  public let folder: RunFolder
  /// Its recipe.
  public let recipe: Recipe
  /// Training as it stands.
  public private(set) var trainer: Trainer<Network>
  /// What every epoch so far came to.
  public private(set) var metrics: MetricsTable

  private var source: Source
  private let input: ModelInput
  private let seed: UInt64
  private var lowestLoss: Double?
  private var highestAccuracy: Double?
  private var isBegun: Bool

  /// A run from its beginning.
  ///
  /// - Parameters:
  ///   - network: before training.
  ///   - input: how pixels become the network's input, for the model files.
  ///   - seed: what network and source were drawn from; recorded.
  public init(
    in folder: RunFolder, recipe: Recipe, network: Network, plan: TrainingPlan<Network>,
    source: Source, input: ModelInput, seed: UInt64
  ) {
    self.folder = folder
    self.recipe = recipe
    trainer = Trainer(
      network: network, optimiser: AdamOptimiser(learningRate: recipe.training.learningRate),
      plan: plan)
    self.source = source
    self.input = input
    self.seed = seed
    metrics = MetricsTable(subHeads: network.configuration.subHeads)
    isBegun = false
  }

  /// A run that goes on.
  ///
  /// - Parameters:
  ///   - state: the folder's.
  ///   - network: of the state's tensors.
  ///   - source: drawn from the state's generator.
  /// - Throws: an ``IICError`` where the folder's files do not go together.
  public init(
    resuming state: TrainingState, in folder: RunFolder, recipe: Recipe, network: Network,
    plan: TrainingPlan<Network>, source: Source, input: ModelInput
  ) throws {
    self.folder = folder
    self.recipe = recipe
    trainer = Trainer(
      network: network, optimiser: try state.optimiser(for: network), plan: plan,
      completedEpochs: state.completedEpochs)
    self.source = source
    self.input = input
    seed = state.seed
    metrics = try MetricsTable(
      csv: folder.text(of: .metrics), subHeads: network.configuration.subHeads,
      throughEpoch: state.completedEpochs)
    lowestLoss = state.lowestLoss
    highestAccuracy = state.highestAccuracy
    isBegun = true
  }

  /// Trains until the recipe's epochs are over.
  ///
  /// - Parameters:
  ///   - evaluate: scores the network; nil where there are no labels.
  ///   - report: what to write to `report.html` after each epoch.
  ///   - observe: called as it goes on; what it throws ends the run there.
  /// - Throws: an ``IICError`` where training comes to no numbers or a file cannot be written, and
  ///   what the source or the closures throw.
  public mutating func run(
    on workers: Workers, evaluate: (Network) throws -> NetworkScores?,
    report: (MetricsTable) throws -> String?, observe: (RunEvent) throws -> Void
  ) throws {
    if !isBegun {
      try observe(.evaluationBegan(epoch: 0))
      let scores = try evaluate(trainer.network)
      let record = TrainingRecord(
        epoch: 0, learningRate: trainer.optimiser.learningRate, evaluation: scores?.evaluation,
        evaluationByBatchStatistics: scores?.byBatchStatistics)
      try finish(record, on: workers, report: report)
      isBegun = true
      try observe(.epochEnded(record))
    }
    while trainer.completedEpochs < recipe.training.epochs {
      let record = try trainEpoch(on: workers, evaluate: evaluate, observe: observe)
      try finish(record, on: workers, report: report)
      try observe(.epochEnded(record))
    }
  }

  private mutating func trainEpoch(
    on workers: Workers, evaluate: (Network) throws -> NetworkScores?,
    observe: (RunEvent) throws -> Void
  ) throws -> TrainingRecord {
    let parts = trainer.plan.parts.enumerated().map { (source.pairs(inPart: $0), $1.passes) }
    let pairs = parts.reduce(0) { $0 + $1.0 * $1.1 }
    let batchPairs = recipe.training.pairs
    var done = 0
    let start = ContinuousClock.now
    let summary = try trainer.trainEpoch(from: &source, on: workers) { event in
      guard case .step(let epoch, let part, _, let step, let losses) = event else { return }
      // The last batch of a pass may be smaller.
      let left = parts[part].0 - step * batchPairs
      done += min(batchPairs, left)
      try observe(.step(epoch: epoch, pairs: done, of: pairs, losses: losses))
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    try observe(.evaluationBegan(epoch: summary.epoch))
    let scores = try evaluate(trainer.network)
    return TrainingRecord(
      epoch: summary.epoch, learningRate: trainer.optimiser.learningRate, losses: summary.losses,
      evaluation: scores?.evaluation, evaluationByBatchStatistics: scores?.byBatchStatistics,
      pairs: pairs, seconds: seconds)
  }

  /// Writes an epoch's files, the state last: what is in the folder is then never older than it.
  private mutating func finish(
    _ record: TrainingRecord, on workers: Workers, report: (MetricsTable) throws -> String?
  ) throws {
    metrics.add(record)
    let chosen = record.best?.subHead ?? 0
    if let loss = record.best?.loss, loss < lowestLoss ?? .infinity {
      lowestLoss = loss
      try write(.model, subHead: chosen)
    }
    if record.epoch > 0, let evaluation = record.evaluation {
      let best = evaluation.bestByAssignment
      let accuracy = evaluation.subHeads[best].assignmentAccuracy
      if accuracy > highestAccuracy ?? -1 {
        highestAccuracy = accuracy
        try write(.bestAccuracy, subHead: best)
      }
    }
    try write(.latest, subHead: chosen)
    try folder.write(metrics.csv, to: .metrics)
    if let page = try report(metrics) { try folder.write(page, to: .report) }
    try TrainingState(
      of: trainer, generator: source.generator, seed: seed, threads: workers.threads,
      lowestLoss: lowestLoss, highestAccuracy: highestAccuracy
    ).write(to: folder.path(of: .state))
  }

  private func write(_ file: RunFolder.File, subHead: Int) throws {
    try ModelFile(
      configuration: trainer.network.configuration, tensors: trainer.network.tensors,
      bands: input.bands, recipe: recipe.yaml, subHead: subHead, images: input.images
    ).write(to: folder.path(of: file))
  }
}
