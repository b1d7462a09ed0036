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
      first = first.withPixelsMultiplied(by: mask, on: workers)
      second = second.withPixelsMultiplied(by: mask, on: workers)
    }
    var (loss, firstGradient, secondGradient) = score(first, second, on: workers)
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

  /// The loss of maps in one frame, with their gradients.
  private func score(
    _ first: Tensor, _ second: Tensor, on workers: Workers
  ) -> (LossValue, Tensor, Tensor) {
    // One displacement alone is the same in either form.
    if form == .collapsed || halfSide == 0 {
      let operation = SummedJoint(halfSide: halfSide)
      let (joint, tape) = operation.forward(first, second, on: workers)
      let score = JointScore(
        joint: joint.values.map { Double($0) }, clusters: joint.shape[0], lambda: lambda)
      let gradients = operation.inputGradients(
        Tensor(shape: joint.shape, values: score.gradient.map { Float($0) }), through: tape,
        on: workers)
      return (score.loss, gradients.x1, gradients.x2)
    }
    let operation = DisplacedJoint(halfSide: halfSide)
    let (joints, tape) = operation.forward(first, second, on: workers)
    let (loss, jointGradient) = meanScore(joints, on: workers)
    let gradients = operation.inputGradients(jointGradient, through: tape, on: workers)
    return (loss, gradients.x1, gradients.x2)
  }

  /// The mean loss of the joints [2T + 1, 2T + 1, k, k] of all displacements, and their gradient.
  private func meanScore(_ joints: Tensor, on workers: Workers) -> (LossValue, Tensor) {
    let clusters = joints.shape[3]
    let size = clusters * clusters
    let displacements = joints.shape[0] * joints.shape[1]
    let values = joints.values
    let lambda = lambda
    let scores = workers.map(0..<displacements) { displacement in
      let joint = values[displacement * size..<(displacement + 1) * size].map { Double($0) }
      let score = JointScore(joint: joint, clusters: clusters, lambda: lambda)
      let share = 1 / Double(displacements)
      return (loss: score.loss, gradient: score.gradient.map { Float($0 * share) })
    }
    return (
      LossValue.mean(of: scores.map(\.loss)),
      Tensor(shape: joints.shape, values: scores.flatMap(\.gradient))
    )
  }
}
