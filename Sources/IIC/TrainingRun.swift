internal import Foundation
public import Tensor

/// A training in a folder: trains epoch by epoch, scores, keeps the best models, and can go on bit
/// for bit where it stopped.
public struct TrainingRun<Network: TrainableNetwork, Source: ResumableSource>
where Source.Batch == Network.Batch {
  /// Its folder.
  public let folder: RunFolder
  /// Its recipe.
  public let recipe: Recipe
  /// Training as it stands.
  public private(set) var trainer: Trainer<Network>
  /// What every epoch so far came to.
  public private(set) var metrics: MetricsTable
  /// What network and source were drawn from.
  public let seed: UInt64

  private var source: Source
  private let input: ModelInput
  private var lowestLoss: Double?
  private var highestAccuracy: Double?
  private var isBegun: Bool

  /// A run from its beginning, of whose folder nothing is touched before ``run(on:_:)``.
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
    let subHeads = network.configuration.subHeads
    // A run that was stopped before its first scores has no table yet.
    metrics =
      state.completedEpochs == 0 && !folder.has(.metrics)
      ? MetricsTable(subHeads: subHeads)
      : try MetricsTable(
        csv: folder.text(of: .metrics), subHeads: subHeads, throughEpoch: state.completedEpochs)
    lowestLoss = state.lowestLoss
    highestAccuracy = state.highestAccuracy
    isBegun = true
  }

  /// Trains until the recipe's epochs are over. A run from its beginning first makes its folder, in
  /// place of what was there.
  ///
  /// Throws an ``IICError`` where training comes to no numbers or a file cannot be written, and what
  /// the source or an action throws, which ends the run there.
  public mutating func run(on workers: Workers, _ actions: RunActions<Network>) throws {
    if !isBegun {
      try folder.begin(recipe)
      // The first scores may take long: one that is stopped there goes on from the same weights.
      try writeState(on: workers)
      isBegun = true
    }
    if metrics.rows.isEmpty {
      try actions.observe(.evaluationBegan(epoch: 0))
      let scores = try actions.evaluate(trainer.network)
      let record = TrainingRecord(
        epoch: 0, learningRate: trainer.optimiser.learningRate, evaluation: scores?.evaluation,
        evaluationByBatchStatistics: scores?.byBatchStatistics)
      if recipe.evaluation.pictureEvery > 0 { try actions.picture(trainer.network, 0) }
      try finish(record, on: workers, report: actions.report)
      try actions.observe(.epochEnded(record))
    }
    while trainer.completedEpochs < recipe.training.epochs {
      let record = try trainEpoch(on: workers, actions)
      try finish(record, on: workers, report: actions.report)
      try actions.observe(.epochEnded(record))
    }
  }

  private mutating func trainEpoch(
    on workers: Workers, _ actions: RunActions<Network>
  ) throws -> TrainingRecord {
    let batchPairs = recipe.training.pairs
    let parts = trainer.plan.parts.enumerated().map { (source.pairs(inPart: $0), $1.passes) }
    let pairs = parts.reduce(0) { $0 + $1.0 * $1.1 }
    let batches = parts.reduce(0) { $0 + ($1.0 + batchPairs - 1) / batchPairs * $1.1 }
    let pictureEvery = recipe.evaluation.pictureEvery
    var donePairs = 0
    var doneBatches = trainer.completedEpochs * batches
    let start = ContinuousClock.now
    var timed = TimedSource(source: source)
    let summary = try trainer.trainEpoch(
      from: &timed, on: workers,
      observer: { event in
        guard case .step(let epoch, let part, _, let step, let losses) = event else { return }
        // The last batch of a pass may be smaller.
        donePairs += min(batchPairs, parts[part].0 - step * batchPairs)
        try actions.observe(.step(epoch: epoch, pairs: donePairs, of: pairs, losses: losses))
      },
      networkObserver: { network in
        doneBatches += 1
        if pictureEvery > 0, doneBatches.isMultiple(of: pictureEvery) {
          try actions.picture(network, doneBatches)
        }
      })
    source = timed.source
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    try actions.observe(.evaluationBegan(epoch: summary.epoch))
    let scores = try actions.evaluate(trainer.network)
    return TrainingRecord(
      epoch: summary.epoch, learningRate: trainer.optimiser.learningRate, losses: summary.losses,
      evaluation: scores?.evaluation, evaluationByBatchStatistics: scores?.byBatchStatistics,
      pairs: pairs, seconds: seconds, secondsWaiting: timed.waiting / .seconds(1))
  }

  /// Writes an epoch's files, the state last: what is in the folder is then never older than it.
  private mutating func finish(
    _ record: TrainingRecord, on workers: Workers, report: (MetricsTable) throws -> String?
  ) throws {
    metrics.add(record)
    let chosen = record.best?.subHead ?? 0
    let overclusters = record.losses(of: .overclustering)?.lowest
    if let loss = record.best?.loss, loss < lowestLoss ?? .infinity {
      lowestLoss = loss
      try write(.model, subHead: chosen, overclusterSubHead: overclusters)
    }
    if record.epoch > 0, let evaluation = record.evaluation {
      let best = evaluation.bestByAssignment
      let accuracy = evaluation.subHeads[best].assignmentAccuracy
      if accuracy > highestAccuracy ?? -1 {
        highestAccuracy = accuracy
        try write(.bestAccuracy, subHead: best, overclusterSubHead: overclusters)
      }
    }
    try write(.latest, subHead: chosen, overclusterSubHead: overclusters)
    try folder.write(metrics.csv, to: .metrics)
    if let page = try report(metrics) { try folder.write(page, to: .report) }
    try writeState(on: workers)
  }

  private func writeState(on workers: Workers) throws {
    try TrainingState(
      of: trainer, generator: source.generator, seed: seed, threads: workers.threads,
      lowestLoss: lowestLoss, highestAccuracy: highestAccuracy
    ).write(to: folder.path(of: .state))
  }

  private func write(
    _ file: RunFolder.File, subHead: Int, overclusterSubHead: Int?
  ) throws {
    let configuration = trainer.network.configuration
    let names = Set(configuration.tensorDescriptions.map(\.name))
    try ModelFile(
      configuration: configuration,
      tensors: trainer.network.tensors.filter { names.contains($0.key) },
      bands: input.bands, recipe: recipe.yaml, subHead: subHead,
      overclusterSubHead: overclusterSubHead,
      images: input.images
    ).write(to: folder.path(of: file))
  }
}

/// A source of batches that counts how long they were waited for.
private struct TimedSource<Source: BatchSource>: BatchSource {
  var source: Source
  var waiting = Duration.zero

  mutating func beginPass(part: Int) throws { try source.beginPass(part: part) }

  mutating func nextBatch() throws -> Source.Batch? {
    let asked = ContinuousClock.now
    defer { waiting += ContinuousClock.now - asked }
    return try source.nextBatch()
  }
}
