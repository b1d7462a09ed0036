internal import Tensor

// n points, d numbers each, k groups.

/// Shares, means and the common covariance of groups of points, each point shared among the groups
/// by its probabilities.
struct GroupMoments {
  /// The share of all points in each group.
  let shares: [Double]
  /// [k, d]: the groups' means.
  let means: [[Double]]
  /// [d, d]: the covariance about the means of the groups, over all points.
  let within: [Double]

  /// Of points [n, d] with mean 0, by probabilities [n, k].
  init(_ points: Tensor, by probabilities: Tensor, total: [Double], on workers: Workers) {
    let (count, dimensions) = (points.shape[0], points.shape[1])
    let groups = probabilities.shape[1]
    let ones = Tensor(shape: [count, 1], repeating: 1)
    let weights = Tensor.product(probabilities, transposed: true, ones, on: workers)
      .values.map(Double.init)
    let sums = Tensor.product(probabilities, transposed: true, points, on: workers)
      .values.map(Double.init)
    shares = weights.map { $0 / Double(count) }
    let means = (0..<groups).map { group in
      (0..<dimensions).map { sums[group * dimensions + $0] / max(weights[group], 1e-9) }
    }
    self.means = means
    var within = total
    for group in 0..<groups {
      for row in 0..<dimensions {
        let scaled = weights[group] / Double(count) * means[group][row]
        for column in 0..<dimensions {
          within[row * dimensions + column] -= scaled * means[group][column]
        }
      }
    }
    self.within = within
  }

  /// [d, d]: the covariance of points [n, d] with mean 0.
  static func covariance(of points: Tensor, on workers: Workers) -> [Double] {
    let count = Double(points.shape[0])
    return Tensor.product(points, transposed: true, points, on: workers).values
      .map { Double($0) / count }
  }
}
