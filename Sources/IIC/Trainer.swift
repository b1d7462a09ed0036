public import Tensor

/// What happens in training, as it happens.
public enum TrainingEvent: Sendable, Equatable {
  /// An epoch begins, with this learning rate. Epochs count from 1.
  case epochBegan(epoch: Int, learningRate: Double)
  /// A step has been taken: the epoch's part and pass and the pass's step, each from 0, and the
  /// losses before it.
  case step(epoch: Int, part: Int, pass: Int, step: Int, losses: [HeadLoss])
  /// An epoch is over.
  case epochEnded(EpochSummary)
}

/// What an epoch came to.
public struct EpochSummary: Sendable, Equatable {
  /// Its number, from 1.
  public var epoch: Int
  /// How many steps were taken.
  public var steps: Int
  /// Each head's losses, the mean over the steps in which it learned; A before B.
  public var losses: [HeadLoss]
}

/// Trains a network epoch by epoch. A value: what it holds is all that continuing needs, besides the
/// source of batches.
public struct Trainer<Network: TrainableNetwork>: Sendable {
  /// The network as it stands.
  public var network: Network
  /// The optimiser as it stands.
  public var optimiser: AdamOptimiser
  /// How an epoch is made up.
  public let plan: TrainingPlan<Network>
  /// How many epochs are over.
  public private(set) var completedEpochs: Int

  /// A trainer that goes on after `completedEpochs`, with a network and an optimiser as they were
  /// then.
  public init(
    network: Network, optimiser: AdamOptimiser, plan: TrainingPlan<Network>,
    completedEpochs: Int = 0
  ) {
    self.network = network
    self.optimiser = optimiser
    self.plan = plan
    self.completedEpochs = completedEpochs
  }

  /// Trains one epoch on batches from `source`.
  ///
  /// Throws an ``IICError`` when a loss is not finite or a pass has no batch, and whatever the
  /// source or the observers throw; an observer that throws ends the training there.
  ///
  /// - Parameter networkObserver: called after each step with the network as it is then.
  @discardableResult
  public mutating func trainEpoch(
    from source: inout some BatchSource<Network.Batch>, on workers: Workers,
    observer: (TrainingEvent) throws -> Void = { _ in },
    networkObserver: (Network) throws -> Void = { _ in }
  ) throws -> EpochSummary {
    let epoch = completedEpochs + 1
    if plan.learningRateDrops.contains(epoch) {
      optimiser.learningRate *= plan.learningRateFactor
    }
    try observer(.epochBegan(epoch: epoch, learningRate: optimiser.learningRate))
    var means = LossMeans()
    for (part, passes) in plan.parts.enumerated() {
      for pass in 0..<passes.passes {
        try source.beginPass(part: part)
        var step = 0
        while let batch = try source.nextBatch() {
          let losses = try passes.step.take(
            on: batch, network: &network, optimiser: &optimiser, workers: workers)
          means.include(losses)
          try observer(
            .step(epoch: epoch, part: part, pass: pass, step: step, losses: losses))
          try networkObserver(network)
          step += 1
        }
        guard step > 0 else {
          throw IICError(
            operation: "train", reason: "there is not one batch",
            remedy: "give more data, or a smaller batch")
        }
      }
    }
    completedEpochs = epoch
    let summary = EpochSummary(epoch: epoch, steps: means.steps, losses: means.losses)
    try observer(.epochEnded(summary))
    return summary
  }
}

/// Mean losses of each head over steps.
struct LossMeans: Sendable {
  private(set) var steps = 0
  private var sums: [HeadName: (losses: [LossValue], steps: Int)] = [:]

  mutating func include(_ losses: [HeadLoss]) {
    steps += 1
    for loss in losses {
      guard let (sum, count) = sums[loss.head] else {
        sums[loss.head] = (loss.subHeads, 1)
        continue
      }
      let added = zip(sum, loss.subHeads).map {
        LossValue(value: $0.value + $1.value, withoutLambda: $0.withoutLambda + $1.withoutLambda)
      }
      sums[loss.head] = (added, count + 1)
    }
  }

  /// The means, A before B.
  var losses: [HeadLoss] {
    HeadName.allCases.compactMap { head in
      sums[head].map { sum, count in
        let scale = 1 / Double(count)
        return HeadLoss(
          head: head,
          subHeads: sum.map {
            LossValue(value: $0.value * scale, withoutLambda: $0.withoutLambda * scale)
          })
      }
    }
  }
}
