public import Tensor

/// The loss of whole images (paper equations 2 and 3): P = Σ x1 x2ᵀ / n, made symmetric, scored as
/// −Σ P (ln P − λ ln Pᵢ − λ ln Pⱼ).
public struct JointLoss: Sendable, Equatable {
  /// λ, the weight of the marginals' entropies; 1 makes the loss −I, mutual information.
  public var lambda: Double

  /// The loss with a λ.
  public init(lambda: Double = 1) {
    self.lambda = lambda
  }

  /// The loss of class probabilities x1 and x2 [n, k] of n pairs, with its gradients.
  public func evaluate(_ x1: Tensor, _ x2: Tensor, on workers: Workers) -> PairLoss {
    precondition(
      x1.shape == x2.shape && x1.shape.count == 2, "the loss of \(x1.shape) and \(x2.shape)")
    let clusters = x1.shape[1]
    let joint = Tensor.product(x1, transposed: true, x2, on: workers)
    let score = JointScore(
      joint: joint.values.map { Double($0) }, clusters: clusters, lambda: lambda)
    // Symmetric, so that it serves both views.
    let gradient = Tensor(shape: [clusters, clusters], values: score.gradient.map { Float($0) })
    return PairLoss(
      loss: score.loss,
      firstGradient: Tensor.product(x2, gradient, on: workers),
      secondGradient: Tensor.product(x1, gradient, on: workers))
  }
}
