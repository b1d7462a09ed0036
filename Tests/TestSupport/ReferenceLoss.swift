internal import Foundation

/// The losses of Invariant Information Clustering (Ji, Henriques and Vedaldi 2019, equations 1–3
/// and 5): minus the mutual information of two views' classes, from their joint distribution.
///
/// k classes. A joint is brought to sum 1 and made symmetric, P ← (P + Pᵀ) / 2; then
///
///     loss = −Σ P (ln P − λ ln Pᵢ − λ ln Pⱼ)
///
/// with every probability, joint and marginal, first raised to at least `smallestProbability`.
public enum ReferenceLoss {
  /// Float64's machine epsilon, which smaller probabilities are raised to.
  public static let smallestProbability = 2.220446049250313e-16

  /// The loss of whole images: x1[n, k] and x2[n, k] are the class probabilities of the two views.
  public static func ofImages(
    _ x1: ReferenceTensor, _ x2: ReferenceTensor, lambda: Double = 1
  ) -> Double {
    precondition(x1.shape == x2.shape, "loss of views of shapes \(x1.shape) and \(x2.shape)")
    let classes = x1.shape[1]
    var joint = ReferenceTensor(shape: [classes, classes])
    for image in 0..<x1.shape[0] {
      for i in 0..<classes {
        for j in 0..<classes {
          joint[i, j] += x1[image, i] * x2[image, j]
        }
      }
    }
    return ofJoint(joint, lambda: lambda)
  }

  /// The loss of dense maps, over every displacement up to `halfSide` pixels each way.
  ///
  /// - Parameters:
  ///   - x1: class probabilities of the first view, [n, h, w, k].
  ///   - x2: class probabilities of the second view, in its own frame, [n, h, w, k].
  ///   - matrices: [n, 2, 3], each taking a place in the first view's frame to its place in the
  ///     second's, as `ReferenceAffineSampling` reads them; nil where both frames are the same.
  ///   - mask: [n, h, w], in the first view's frame: multiplied into both maps once they share it.
  ///   - halfSide: T, in pixels.
  ///   - collapsed: true sums the joints of all displacements and scores the sum; false scores
  ///     each displacement's joint and averages the scores.
  public static func ofMaps(
    _ x1: ReferenceTensor, _ x2: ReferenceTensor, matrices: ReferenceTensor? = nil,
    mask: ReferenceTensor? = nil, lambda: Double = 1, halfSide: Int, collapsed: Bool
  ) -> Double {
    var (first, second) = (x1, x2)
    if let matrices {
      second = ReferenceAffineSampling.forward(second, matrices: matrices)
    }
    if let mask {
      let classes = x1.shape[3]
      for index in first.values.indices {
        first.values[index] *= mask.values[index / classes]
        second.values[index] *= mask.values[index / classes]
      }
    }
    let joints = ReferenceDisplacedJoint.forward(first, second, halfSide: halfSide)
    return ofDisplacedJoints(joints, lambda: lambda, collapsed: collapsed)
  }

  /// The loss of the joints of all displacements, [2T + 1, 2T + 1, k, k], each of any sum.
  public static func ofDisplacedJoints(
    _ joints: ReferenceTensor, lambda: Double = 1, collapsed: Bool
  ) -> Double {
    let classes = joints.shape[3]
    let displacements = joints.shape[0] * joints.shape[1]
    let each = (0..<displacements).map { displacement in
      let start = displacement * classes * classes
      return ReferenceTensor(
        shape: [classes, classes],
        values: Array(joints.values[start..<(start + classes * classes)]))
    }
    if collapsed {
      let whole = each.dropFirst().reduce(each[0]) { $0.plus($1) }
      return ofJoint(whole, lambda: lambda)
    }
    return each.reduce(0) { $0 + ofJoint($1, lambda: lambda) } / Double(displacements)
  }

  /// The loss of one joint, [k, k], of any sum and not necessarily symmetric.
  public static func ofJoint(_ joint: ReferenceTensor, lambda: Double = 1) -> Double {
    let classes = joint.shape[0]
    let total = joint.sum
    var symmetric = ReferenceTensor(shape: joint.shape)
    for i in 0..<classes {
      for j in 0..<classes {
        symmetric[i, j] = (joint[i, j] + joint[j, i]) / 2 / total
      }
    }
    // The marginals are those of the joint before small probabilities are raised.
    let marginals = (0..<classes).map { i in
      (0..<classes).reduce(0) { $0 + symmetric[i, $1] }
    }
    var loss = 0.0
    for i in 0..<classes {
      for j in 0..<classes {
        let p = max(symmetric[i, j], smallestProbability)
        let pi = max(marginals[i], smallestProbability)
        let pj = max(marginals[j], smallestProbability)
        loss -= p * (log(p) - lambda * log(pi) - lambda * log(pj))
      }
    }
    return loss
  }
}
