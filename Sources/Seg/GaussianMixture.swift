internal import Foundation
internal import Tensor

// n points, d numbers each, k classes.

/// A mixture of normal distributions of one covariance, fitted by expectation-maximisation
/// (Dempster, Laird and Rubin, 1977; McLachlan and Peel, *Finite Mixture Models*, 2000, section
/// 3.8).
///
/// Unlike k-means, it lets classes be of any size, and knows along which directions points scatter
/// within a class. The likelihood is the same in whatever units the points are given.
struct GaussianMixture {
  /// [d + 1, k]: a point's score for each class is linear: its numbers and a 1, times this. Softmax
  /// of the scores is the probability of the classes.
  private let scores: Tensor

  /// Fits a mixture, beginning with the given probabilities of classes.
  ///
  /// - Parameters:
  ///   - points: [n, d], with mean 0.
  ///   - start: [n, k].
  ///   - iterations: The most there will be; it ends before when no class's share moves by more
  ///     than 1e-5.
  init(_ points: Tensor, start: Tensor, iterations: Int = 100, on workers: Workers) {
    let total = GroupMoments.covariance(of: points, on: workers)
    var probabilities = start
    var moments = GroupMoments(points, by: probabilities, total: total, on: workers)
    var scores = Self.scores(moments)
    for _ in 0..<iterations {
      probabilities = Self.probabilities(of: points, scores: scores, on: workers)
      let next = GroupMoments(points, by: probabilities, total: total, on: workers)
      let movement = zip(next.shares, moments.shares).map { abs($0 - $1) }.max() ?? 0
      moments = next
      scores = Self.scores(moments)
      if movement < 1e-5 { break }
    }
    self.scores = scores
  }

  /// The probabilities [n, k] of the classes at points [n, d].
  func probabilities(of points: Tensor, on workers: Workers) -> Tensor {
    Self.probabilities(of: points, scores: scores, on: workers)
  }

  private static func probabilities(
    of points: Tensor, scores: Tensor, on workers: Workers
  ) -> Tensor {
    let (count, classes) = (points.shape[0], scores.shape[1])
    var result = Tensor.product(
      points, scores.firstAxis(0..<points.shape[1]), on: workers)
    let constants = scores.firstAxis(points.shape[1]..<points.shape[1] + 1).values
    result.withMutableSpan { values in
      for point in 0..<count {
        for label in 0..<classes { values[point * classes + label] += constants[label] }
      }
    }
    return Softmax.forward(result, on: workers)
  }

  /// The logarithm of share · density, less what all classes have in common: with W the common
  /// covariance, x · W⁻¹μ − ½ μ · W⁻¹μ + ln share.
  private static func scores(_ moments: GroupMoments) -> Tensor {
    let (classes, dimensions) = (moments.means.count, moments.means[0].count)
    let largest = (0..<dimensions).map { moments.within[$0 * (dimensions + 1)] }.max() ?? 0
    let factor = CholeskyFactor(
      moments.within, size: dimensions, ridge: 1e-6 + 1e-5 * max(largest, 0))
    var values = [Float](repeating: 0, count: (dimensions + 1) * classes)
    for (label, mean) in moments.means.enumerated() {
      let direction = factor.solved(mean)
      for (index, value) in direction.enumerated() {
        values[index * classes + label] = Float(value)
      }
      let length = zip(direction, mean).reduce(0) { $0 + $1.0 * $1.1 }
      values[dimensions * classes + label] = Float(
        log(max(moments.shares[label], 1e-9)) - length / 2)
    }
    return Tensor(shape: [dimensions + 1, classes], values: values)
  }
}
