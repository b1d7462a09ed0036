internal import Foundation

/// The loss of one k × k joint distribution, and its gradient (paper equations 2 and 3):
/// −Σ P (ln P − λ ln Pᵢ − λ ln Pⱼ), P normalised and made symmetric first.
struct JointScore: Sendable {
  /// Float64's epsilon: smaller probabilities, joint or marginal, are raised to it, and pass no
  /// gradient.
  static let smallestProbability = 0x1p-52

  let loss: LossValue
  /// The gradient with respect to each element of the joint as given, row-major.
  let gradient: [Double]

  /// Scores a joint of k × k sums, row-major, neither normalised nor symmetric. One that is zero
  /// throughout, as when everything is masked, says nothing: its loss and gradient are zero.
  init(joint counts: [Double], clusters k: Int, lambda: Double) {
    precondition(counts.count == k * k, "\(counts.count) elements of a joint of \(k) clusters")
    let total = counts.reduce(0, +)
    guard total != 0 else {
      loss = LossValue(value: 0, withoutLambda: 0)
      gradient = [Double](repeating: 0, count: k * k)
      return
    }
    var p = [Double](repeating: 0, count: k * k)
    var marginal = [Double](repeating: 0, count: k)
    for i in 0..<k {
      for j in 0..<k {
        p[i * k + j] = (counts[i * k + j] + counts[j * k + i]) / 2 / total
        marginal[i] += p[i * k + j]
      }
    }
    let floor = Self.smallestProbability
    let logMarginal = marginal.map { log(max($0, floor)) }
    var loss = LossValue(value: 0, withoutLambda: 0)
    var gradient = [Double](repeating: 0, count: k * k)
    // Σ over the raised joint's row, which weighs ln Pᵢ; by symmetry the column's too.
    var row = [Double](repeating: 0, count: k)
    for i in 0..<k {
      for j in 0..<k {
        let element = i * k + j
        let raised = max(p[element], floor)
        let logJoint = log(raised)
        let marginals = logMarginal[i] + logMarginal[j]
        row[i] += raised
        loss.value -= raised * (logJoint - lambda * marginals)
        loss.withoutLambda -= raised * (logJoint - marginals)
        if p[element] >= floor { gradient[element] = lambda * marginals - logJoint - 1 }
      }
    }
    let ofMarginal = (0..<k).map { marginal[$0] >= floor ? lambda * row[$0] / marginal[$0] : 0 }
    var projection = 0.0
    for i in 0..<k {
      for j in 0..<k {
        gradient[i * k + j] += ofMarginal[i] + ofMarginal[j]
        projection += gradient[i * k + j] * p[i * k + j]
      }
    }
    // The gradient is symmetric already; through the division by the total:
    self.loss = loss
    self.gradient = gradient.map { ($0 - projection) / total }
  }
}
