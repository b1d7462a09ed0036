/// What an epoch came to: a row of a run's `metrics.csv`.
public struct TrainingRecord: Sendable, Equatable {
  /// The epoch, from 1; 0 for the network before training.
  public var epoch: Int
  /// Adam's step size in it.
  public var learningRate: Double
  /// Each head's losses, the mean over the epoch's steps; none before training.
  public var losses: [HeadLoss]
  /// Scores after it; nil without labels.
  public var evaluation: HeadEvaluation?
  /// The same, normalising by each batch's statistics; nil where that was not asked for.
  public var evaluationByBatchStatistics: HeadEvaluation?
  /// Pairs of views it was trained on.
  public var pairs: Int
  /// What training it took, in seconds.
  public var seconds: Double
  /// How much of that steps waited for their batches.
  public var secondsWaiting: Double

  /// An epoch.
  public init(
    epoch: Int, learningRate: Double, losses: [HeadLoss] = [], evaluation: HeadEvaluation? = nil,
    evaluationByBatchStatistics: HeadEvaluation? = nil, pairs: Int = 0, seconds: Double = 0,
    secondsWaiting: Double = 0
  ) {
    self.epoch = epoch
    self.learningRate = learningRate
    self.losses = losses
    self.evaluation = evaluation
    self.evaluationByBatchStatistics = evaluationByBatchStatistics
    self.pairs = pairs
    self.seconds = seconds
    self.secondsWaiting = secondsWaiting
  }

  /// The losses of a head; nil where it did not learn.
  public func losses(of head: HeadName) -> HeadLoss? { losses.first { $0.head == head } }

  /// The sub-head of head B with the lowest loss, and that loss at λ = 1: what is chosen without
  /// labels. Nil before training.
  public var best: (subHead: Int, loss: Double)? {
    losses(of: .clustering).map { ($0.lowest, $0.subHeads[$0.lowest].withoutLambda) }
  }

  /// The accuracy of the sub-head with the lowest loss: no label chose it.
  public var accuracyByLoss: Double? {
    guard let evaluation, let best else { return nil }
    return evaluation.subHeads[best.subHead].accuracy
  }
}
