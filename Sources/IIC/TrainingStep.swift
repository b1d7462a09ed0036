public import Tensor

/// What one head learns by.
public struct HeadObjective<Loss: Sendable & Equatable>: Sendable, Equatable {
  /// The head.
  public var head: HeadName
  /// Its loss.
  public var loss: Loss
  /// What the loss counts for beside other heads'.
  public var weight: Double

  /// A head with its loss.
  public init(head: HeadName, loss: Loss, weight: Double = 1) {
    self.head = head
    self.loss = loss
    self.weight = weight
  }
}

/// The losses of a head's sub-heads.
public struct HeadLoss: Sendable, Equatable {
  /// The head.
  public var head: HeadName
  /// A loss a sub-head.
  public var subHeads: [LossValue]

  /// The mean over the sub-heads, which is what is trained.
  public var mean: LossValue { LossValue.mean(of: subHeads) }

  /// A head's losses.
  public init(head: HeadName, subHeads: [LossValue]) {
    self.head = head
    self.subHeads = subHeads
  }

  /// The sub-head with the lowest loss at λ = 1, the first of equals: the one to use.
  public var lowest: Int {
    subHeads.indices.min { subHeads[$0].withoutLambda < subHeads[$1].withoutLambda } ?? 0
  }
}

/// One step of training on a batch of pairs: the network sees the first and the second views, each
/// with statistics of its own; the losses of the heads, each the mean over its sub-heads, are summed; backward; Adam.
public struct TrainingStep<Network: PairNetwork>: Sendable, Equatable {
  /// The heads that learn in the step, all from one pass of the trunk a view.
  public var objectives: [HeadObjective<Network.Loss>]
  /// Where the losses are evaluated; masks hold on the same grid.
  public var grid: Network.Grid

  /// A step. Traps if no head learns, or one twice.
  public init(objectives: [HeadObjective<Network.Loss>], grid: Network.Grid) {
    precondition(
      !objectives.isEmpty && Set(objectives.map(\.head)).count == objectives.count,
      "a step of the heads \(objectives.map(\.head.rawValue))")
    self.objectives = objectives
    self.grid = grid
  }

  /// Takes the step, and returns each objective's losses as they were before it.
  ///
  /// Throws an ``IICError`` if a loss, or what the network makes of the views, is not finite; its
  /// weights are then as they were.
  public func take(
    on batch: PairBatch, network: inout Network, optimiser: inout AdamOptimiser,
    workers: Workers
  ) throws -> [HeadLoss] {
    network.zeroGradients(on: workers)
    let losses = try addGradients(of: batch, to: &network, on: workers)
    optimiser.step(&network, on: workers)
    return losses
  }

  /// The step without its last part: adds the gradients into the network's parameters (and moves
  /// its running statistics, once a view). Throws as ``take(on:network:optimiser:workers:)`` does.
  public func addGradients(
    of batch: PairBatch, to network: inout Network, on workers: Workers
  ) throws -> [HeadLoss] {
    let heads = objectives.map(\.head)
    let (outputs, pass) = network.forward(
      [ViewBatch(batch.first, repeats: batch.repeats), ViewBatch(batch.second)], heads: heads,
      grid: grid, on: workers)
    var tape = consume pass
    guard tape.isFinite else {
      throw IICError.notFinite("what the network makes of the views")
    }
    var losses: [HeadLoss] = []
    var firstGradients: [Tensor] = []
    var secondGradients: [Tensor] = []
    for (index, objective) in objectives.enumerated() {
      let subHeads = network.configuration.subHeads
      let firsts = outputs[0][index].repeated(batch.repeats, on: workers)
      let share = Float(objective.weight / Double(subHeads))
      let pairs = (0..<subHeads).map { subHead in
        var pair = Network.evaluate(
          objective.loss, firsts.subHead(subHead), outputs[1][index].subHead(subHead), of: batch,
          grid: grid, on: workers)
        pair.firstGradient.scale(by: share, on: workers)
        pair.secondGradient.scale(by: share, on: workers)
        return pair
      }
      losses.append(HeadLoss(head: objective.head, subHeads: pairs.map(\.loss)))
      firstGradients.append(
        Tensor(subHeads: pairs.map(\.firstGradient)).sumOfRepeats(batch.repeats, on: workers))
      secondGradients.append(Tensor(subHeads: pairs.map(\.secondGradient)))
    }
    for loss in losses where !loss.mean.value.isFinite {
      throw IICError.notFinite("the loss of head \(loss.head.rawValue)")
    }
    network.backward([firstGradients, secondGradients], through: &tape, on: workers)
    return losses
  }
}

extension TrainingStep where Network == ClusterNetwork {
  /// A step on pairs of whole images. Traps if no head learns, or one twice.
  public init(objectives: [HeadObjective<JointLoss>]) {
    self.init(objectives: objectives, grid: .wholeImage)
  }
}
