public import Tensor

/// What a network learns by, one batch at a time.
public protocol LearningStep<Network>: Sendable {
  /// The network that learns.
  associatedtype Network: TrainableNetwork

  /// Takes the step, and returns the losses of the heads that learned as they were before it.
  ///
  /// Throws an ``IICError`` if a loss, or what the network makes of the batch, is not finite; its
  /// weights are then as they were.
  func take(
    on batch: Network.Batch, network: inout Network, optimiser: inout AdamOptimiser,
    workers: Workers
  ) throws -> [HeadLoss]
}

extension TrainingStep: LearningStep {}
