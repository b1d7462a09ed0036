import IIC
import Tensor
import TestSupport
import Testing

/// The golden batches, one after the other.
private struct GoldenPairs: PairSource {
  var batches: [PairBatch]
  var next = 0
  var parts: [Int] = []

  init() throws { batches = try [GoldenNetwork.batch(0), GoldenNetwork.batch(1)] }

  mutating func beginPass(part: Int) {
    next = 0
    parts.append(part)
  }

  mutating func nextBatch() -> PairBatch? {
    guard next < batches.count else { return nil }
    defer { next += 1 }
    return batches[next]
  }
}

@Suite struct TrainerTests {
  let workers = Workers(threads: 2)
  static let loss = DenseJointLoss(halfSide: 1, form: .uncollapsed)

  static func plan() -> TrainingPlan<SegmentationNetwork> {
    let settings = Recipe.TrainingSettings(
      epochs: 2, pairs: 2, repeats: 1, learningRate: 1e-3, learningRateDrops: [2],
      firstHead: .overclustering, headA: .init(), headB: .init(passes: 2))
    return TrainingPlan(settings) { head, _ in
      TrainingStep(objectives: [HeadObjective(head: head, loss: loss)], grid: .stretched)
    }
  }

  static func trainer() throws -> Trainer<SegmentationNetwork> {
    Trainer(
      network: try GoldenNetwork.network(), optimiser: AdamOptimiser(learningRate: 1e-3),
      plan: plan())
  }

  @Test func headsLearnInTurnAndEventsSaySo() throws {
    var trainer = try Self.trainer()
    var source = try GoldenPairs()
    var events: [TrainingEvent] = []
    let summary = try trainer.trainEpoch(from: &source, on: workers) { events.append($0) }
    #expect(source.parts == [0, 1, 1])
    #expect(events.first == .epochBegan(epoch: 1, learningRate: 1e-3))
    #expect(events.last == .epochEnded(summary))
    var places: [[Int]] = []
    var losses: [HeadName: [Double]] = [:]
    for case .step(let epoch, let part, let pass, let step, let heads) in events {
      places.append([epoch, part, pass, step])
      #expect(heads.count == 1)
      losses[heads[0].head, default: []].append(heads[0].mean.value)
    }
    #expect(
      places == [
        [1, 0, 0, 0], [1, 0, 0, 1], [1, 1, 0, 0], [1, 1, 0, 1], [1, 1, 1, 0], [1, 1, 1, 1],
      ])
    #expect(losses[.overclustering]?.count == 2 && losses[.clustering]?.count == 4)
    #expect(summary.steps == 6)
    #expect(summary.losses.map(\.head) == [.overclustering, .clustering])
    for loss in summary.losses {
      let each = losses[loss.head]!
      expectClose(
        loss.mean.value, each.reduce(0, +) / Double(each.count), absolute: 1e-12, relative: 1e-12)
    }
    // The first steps are those of the golden series, which begins in the same way.
    let golden = try GoldenFile("network_steps")["alternating.losses"]
    expectClose(
      losses[.overclustering]! + losses[.clustering]!.prefix(2),
      golden.values.prefix(4).map { Double($0) }, absolute: 3e-5, relative: 3e-5)

    try trainer.trainEpoch(from: &source, on: workers) { events.append($0) }
    #expect(events.contains(.epochBegan(epoch: 2, learningRate: 1e-4)))
  }

  @Test func goesOnFromWhereItStoodBitForBit() throws {
    var source = try GoldenPairs()
    var whole = try Self.trainer()
    for _ in 0..<2 { try whole.trainEpoch(from: &source, on: workers) }

    var begun = try Self.trainer()
    try begun.trainEpoch(from: &source, on: workers)
    // As from a checkpoint: tensors by name, moments, and the count of epochs.
    var optimiser = AdamOptimiser(learningRate: begun.optimiser.learningRate)
    optimiser.moments = begun.optimiser.moments
    var resumed = Trainer(
      network: try SegmentationNetwork(
        configuration: begun.network.configuration, tensors: begun.network.tensors),
      optimiser: optimiser, plan: Self.plan(), completedEpochs: begun.completedEpochs)
    try resumed.trainEpoch(from: &source, on: workers)
    #expect(resumed.completedEpochs == 2)
    #expect(
      resumed.network.tensors.mapValues(\.values) == whole.network.tensors.mapValues(\.values))
    #expect(
      resumed.network.tensors.mapValues(\.values) != begun.network.tensors.mapValues(\.values))
  }

  @Test func anObserverThatThrowsEndsIt() throws {
    var trainer = try Self.trainer()
    var source = try GoldenPairs()
    var steps = 0
    #expect(throws: CancellationError.self) {
      try trainer.trainEpoch(from: &source, on: workers) { event in
        guard case .step = event else { return }
        steps += 1
        if steps == 2 { throw CancellationError() }
      }
    }
    #expect(steps == 2)
    #expect(trainer.completedEpochs == 0)
  }

  @Test func noPairsAreRefused() throws {
    var trainer = try Self.trainer()
    var source = try GoldenPairs()
    source.batches = []
    #expect(throws: IICError.self) { try trainer.trainEpoch(from: &source, on: workers) }
  }
}
