public import Tensor

/// One step of training by a pretext: a question on the images of a batch, backward, Adam.
public struct PretextStep: LearningStep, Equatable {
  /// What is asked.
  public let task: PretextTask

  /// A step.
  public init(task: PretextTask) { self.task = task }

  /// Takes the step; the loss, which has no λ, stands for that of head B.
  public func take(
    on batch: PretextBatch, network: inout PretextNetwork, optimiser: inout AdamOptimiser,
    workers: Workers
  ) throws -> [HeadLoss] {
    network.zeroGradients(on: workers)
    let loss = try network.addGradients(of: batch, by: task, on: workers)
    optimiser.step(&network, on: workers)
    return [
      HeadLoss(head: .clustering, subHeads: [LossValue(value: loss, withoutLambda: loss)])
    ]
  }
}
