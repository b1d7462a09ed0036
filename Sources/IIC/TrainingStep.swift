public import Tensor

/// What one head learns by.
public struct HeadObjective: Sendable, Equatable {
  /// The head.
  public var head: HeadName
  /// Its loss.
  public var loss: DenseJointLoss
  /// What the loss counts for beside other heads'.
  public var weight: Double

  /// A head with its loss.
  public init(head: HeadName, loss: DenseJointLoss, weight: Double = 1) {
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

/// One step of training on a batch of pairs: the network sees the first views, then the second
/// ones; the losses of the heads, each the mean over its sub-heads, are summed; backward; Adam.
public struct TrainingStep: Sendable, Equatable {
  /// The heads that learn in the step, all from one pass of the trunk a view.
  public var objectives: [HeadObjective]
  /// Where the losses are evaluated; masks hold on the same grid.
  public var grid: MapGrid

  /// A step. Traps if no head learns, or one twice.
  public init(objectives: [HeadObjective], grid: MapGrid) {
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
    on batch: PairBatch, network: inout SegmentationNetwork, optimiser: inout AdamOptimiser,
    workers: Workers
  ) throws -> [HeadLoss] {
    network.zeroGradients()
    let losses = try addGradients(of: batch, to: &network, on: workers)
    optimiser.step(&network, on: workers)
    return losses
  }

  /// The step without its last part: adds the gradients into the network's parameters (and moves
  /// its running statistics, once a view). Throws as ``take(on:network:optimiser:workers:)`` does.
  public func addGradients(
    of batch: PairBatch, to network: inout SegmentationNetwork, on workers: Workers
  ) throws -> [HeadLoss] {
    let heads = objectives.map(\.head)
    let (first, firstTape) = network.forward(batch.first, heads: heads, grid: grid, on: workers)
    let (second, secondTape) = network.forward(
      batch.second, heads: heads, grid: grid, on: workers)
    guard firstTape.isFinite && secondTape.isFinite else {
      throw Self.notFinite("what the network makes of the views")
    }
    var losses: [HeadLoss] = []
    var firstGradients: [Tensor] = []
    var secondGradients: [Tensor] = []
    for (index, objective) in objectives.enumerated() {
      let pairs = (0..<network.configuration.subHeads).map { subHead in
        evaluate(
          objective, first[index].subHead(subHead), second[index].subHead(subHead), batch,
          subHeads: network.configuration.subHeads, on: workers)
      }
      losses.append(HeadLoss(head: objective.head, subHeads: pairs.map(\.loss)))
      firstGradients.append(Tensor(subHeads: pairs.map(\.firstGradient)))
      secondGradients.append(Tensor(subHeads: pairs.map(\.secondGradient)))
    }
    for loss in losses where !loss.mean.value.isFinite {
      throw Self.notFinite("the loss of head \(loss.head.rawValue)")
    }
    network.backward(firstGradients, through: firstTape, on: workers)
    network.backward(secondGradients, through: secondTape, on: workers)
    return losses
  }

  private static func notFinite(_ subject: String) -> IICError {
    IICError(
      operation: "train", reason: "\(subject) is not finite",
      remedy: "lower the learning rate, and check that the input is scaled to about 0…1")
  }

  /// One sub-head's loss, its gradients those of the head's own maps and weighted as in the sum.
  private func evaluate(
    _ objective: HeadObjective, _ first: Tensor, _ second: Tensor, _ batch: PairBatch,
    subHeads: Int, on workers: Workers
  ) -> PairLoss {
    var result: PairLoss
    switch grid {
    case .trunkCells:
      result = objective.loss.evaluate(
        first, second, matrices: batch.matrices, mask: batch.mask, on: workers)
    case .stretched:
      func stretched(_ map: Tensor) -> Tensor {
        BilinearResize.forward(
          map, height: batch.first.shape[1], width: batch.first.shape[2], on: workers)
      }
      func shrunk(_ gradient: Tensor) -> Tensor {
        BilinearResize.inputGradient(
          gradient, inputHeight: first.shape[1], inputWidth: first.shape[2], on: workers)
      }
      result = objective.loss.evaluate(
        stretched(first), stretched(second), matrices: batch.matrices, mask: batch.mask,
        on: workers)
      result.firstGradient = shrunk(result.firstGradient)
      result.secondGradient = shrunk(result.secondGradient)
    }
    let share = Float(objective.weight / Double(subHeads))
    result.firstGradient.scale(by: share, on: workers)
    result.secondGradient.scale(by: share, on: workers)
    return result
  }
}
