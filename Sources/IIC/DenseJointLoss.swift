public import Tensor

/// The loss of segmentation (paper equation 5): the joint distribution of a place's cluster in one
/// view and, in the other, of every place within T of it.
public struct DenseJointLoss: Sendable, Equatable {
  /// What becomes of the joints of the (2T + 1)² displacements.
  public enum Form: String, Sendable, Codable, CaseIterable {
    /// They are summed, and the sum is scored.
    case collapsed
    /// Each is scored, and the scores are averaged.
    case uncollapsed
  }

  /// λ, the weight of the marginals' entropies; 1 makes the loss −I.
  public var lambda: Double
  /// T, in cells of the maps.
  public var halfSide: Int
  /// What becomes of the displacements' joints.
  public var form: Form

  /// A loss. Traps if `halfSide` is negative.
  public init(lambda: Double = 1, halfSide: Int, form: Form) {
    precondition(halfSide >= 0, "half-side \(halfSide)")
    self.lambda = lambda
    self.halfSide = halfSide
    self.form = form
  }

  /// The loss of class probabilities x1 and x2 [n, h, w, k], with its gradients.
  ///
  /// The sum that a joint is divided by takes part in the gradient. The published program holds the
  /// collapsed joint's constant; that moves the gradient by the same amount for every class of a
  /// place, which the softmax before it cancels.
  ///
  /// - Parameters:
  ///   - x1: the first view's map.
  ///   - x2: the second view's map, in the second view's frame.
  ///   - matrices: [n, 2, 3], where each place of the first view's frame lies in the second's
  ///     (places in −1…1, corners aligned; zeros outside); nil where the frames are the same.
  ///   - mask: [n, h, w, 1] in the first view's frame, multiplied into both maps; nil for all ones.
  public func evaluate(
    _ x1: Tensor, _ x2: Tensor, matrices: Tensor?, mask: Tensor?, on workers: Workers
  ) -> PairLoss {
    precondition(
      x1.shape == x2.shape && x1.shape.count == 4, "the loss of \(x1.shape) and \(x2.shape)")
    var first = x1
    var second = x2
    if let matrices { second = AffineSampling.forward(x2, matrices: matrices, on: workers) }
    if let mask {
      first.multiplyPixels(by: mask, on: workers)
      second.multiplyPixels(by: mask, on: workers)
    }
    let displacements = DisplacedJoint(halfSide: halfSide)
    let joint = displacements.forward(first, second, on: workers)
    let (loss, jointGradient) = score(joint)
    var (firstGradient, secondGradient) = displacements.inputGradients(
      jointGradient, first, second, on: workers)
    if let mask {
      firstGradient.multiplyPixels(by: mask, on: workers)
      secondGradient.multiplyPixels(by: mask, on: workers)
    }
    if let matrices {
      secondGradient = AffineSampling.inputGradient(
        secondGradient, matrices: matrices, inputShape: x2.shape, on: workers)
    }
    return PairLoss(loss: loss, firstGradient: firstGradient, secondGradient: secondGradient)
  }

  /// The loss of the joints [2T + 1, 2T + 1, k, k] of all displacements, and their gradient.
  private func score(_ joint: Tensor) -> (LossValue, Tensor) {
    let clusters = joint.shape[3]
    let size = clusters * clusters
    let displacements = joint.shape[0] * joint.shape[1]
    let values = joint.values.map { Double($0) }
    switch form {
    case .collapsed:
      var sum = [Double](repeating: 0, count: size)
      for (index, value) in values.enumerated() { sum[index % size] += value }
      let score = JointScore(joint: sum, clusters: clusters, lambda: lambda)
      let gradient = score.gradient.map { Float($0) }
      return (
        score.loss,
        Tensor(
          shape: joint.shape, values: (0..<values.count).map { gradient[$0 % size] })
      )
    case .uncollapsed:
      let scores = (0..<displacements).map { displacement in
        JointScore(
          joint: values[displacement * size..<(displacement + 1) * size], clusters: clusters,
          lambda: lambda)
      }
      let gradient = scores.flatMap { score in
        score.gradient.map { Float($0 / Double(displacements)) }
      }
      return (
        LossValue.mean(of: scores.map(\.loss)), Tensor(shape: joint.shape, values: gradient)
      )
    }
  }
}
