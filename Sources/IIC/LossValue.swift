public import Tensor

/// A loss of Invariant Information Clustering: minus the information, in nats, that two views'
/// clusters have of each other.
public struct LossValue: Sendable, Equatable {
  /// The loss that is trained.
  public var value: Double
  /// The same at λ = 1, for comparison: −I, between −ln k and 0.
  public var withoutLambda: Double

  /// A loss and what it is at λ = 1.
  public init(value: Double, withoutLambda: Double) {
    self.value = value
    self.withoutLambda = withoutLambda
  }

  /// The mean of several, 0 of none.
  public static func mean(of losses: some Collection<LossValue>) -> LossValue {
    let count = Double(max(1, losses.count))
    return LossValue(
      value: losses.reduce(0) { $0 + $1.value } / count,
      withoutLambda: losses.reduce(0) { $0 + $1.withoutLambda } / count)
  }
}

/// A loss of a pair of views with its gradients.
public struct PairLoss: Sendable {
  /// The loss.
  public var loss: LossValue
  /// The gradient of the first view's probabilities, of their shape.
  public var firstGradient: Tensor
  /// The gradient of the second view's probabilities, of their shape.
  public var secondGradient: Tensor
}
