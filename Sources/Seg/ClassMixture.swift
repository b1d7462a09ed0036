internal import Foundation
internal import Tensor

// n cells, d numbers of appearance, o over-clusters, k classes.

/// A mixture of classes, fitted by expectation-maximisation (Dempster, Laird and Rubin, 1977;
/// McLachlan and Peel, *Finite Mixture Models*, 2000, section 3.8). Each class is two things at once:
///
/// - a normal distribution of what a cell looks like; all classes have one covariance, so that
///   they know along which directions cells of one kind scatter;
/// - a distribution over the over-clusters that are found around a cell, as a bag of words tells a
///   text's topic: a town is roofs, trees and road in one mixture, a wood is not.
///
/// How likely a class is beforehand goes by the square root of its share, halfway between what
/// likelihood alone would have and clusters evenly used, as the method wants them. By the share
/// itself, one class may take nearly all of the ground and leave a few odd cells to the others; with
/// classes equally likely, a small one takes in a piece of a large one.
struct ClassMixture {
  /// [n, k]: the probability of each class at each cell.
  let probabilities: Tensor

  /// How many words a bag holds: the nine cells that the mean is over are not nine independent
  /// sights.
  private static let words: Float = 3

  /// Fits a mixture, beginning with the given probabilities of classes.
  ///
  /// - Parameters:
  ///   - appearance: [n, d], with mean 0. The mixture is the same in whatever units it is given.
  ///   - surroundings: [n, o]: the over-clusters around a cell, each row's sum 1.
  ///   - start: [n, k].
  ///   - iterations: The most there will be; it ends before when no class's share moves by more
  ///     than 1e-5.
  init(
    appearance: Tensor, surroundings: Tensor, start: Tensor, iterations: Int = 100,
    on workers: Workers
  ) {
    let surroundings = Self.withoutTraces(surroundings)
    let total = GroupMoments.covariance(of: appearance, on: workers)
    var probabilities = start
    var moments = GroupMoments(appearance, by: probabilities, total: total, on: workers)
    for _ in 0..<iterations {
      let normal = Self.normalScores(moments, cells: start.shape[0])
      let bags = Self.bagScores(surroundings, by: probabilities, on: workers)
      probabilities = Self.probabilities(
        appearance, normal: normal, surroundings, bags: bags, on: workers)
      let next = GroupMoments(appearance, by: probabilities, total: total, on: workers)
      let movement = zip(next.shares, moments.shares).map { abs($0 - $1) }.max() ?? 0
      moments = next
      if movement < 1e-5 { break }
    }
    self.probabilities = probabilities
  }

  /// The logarithms of the densities are linear: appearance and a 1, times `normal` [d + 1, k], plus
  /// surroundings times `bags` [o, k]. Softmax of them is the probability of the classes.
  private static func probabilities(
    _ appearance: Tensor, normal: Tensor, _ surroundings: Tensor, bags: Tensor,
    on workers: Workers
  ) -> Tensor {
    let (count, dimensions) = (appearance.shape[0], appearance.shape[1])
    let classes = normal.shape[1]
    var result = Tensor.product(appearance, normal.firstAxis(0..<dimensions), on: workers)
    result.add(Tensor.product(surroundings, bags, on: workers), scaledBy: words, on: workers)
    let constants = normal.firstAxis(dimensions..<dimensions + 1).values
    result.withMutableSpan { values in
      for cell in 0..<count {
        for label in 0..<classes { values[cell * classes + label] += constants[label] }
      }
    }
    return withoutTraces(Softmax.forward(result, on: workers))
  }

  /// Probabilities below a billionth made 0: products with numbers near the smallest of float32 take
  /// many times as long.
  private static func withoutTraces(_ probabilities: Tensor) -> Tensor {
    var result = probabilities
    result.withMutableSpan { values in
      for index in 0..<values.count where values[index] < 1e-9 { values[index] = 0 }
    }
    return result
  }

  /// The logarithm of each class's density and of its likelihood beforehand, less what all have in
  /// common: with W the common covariance, x · W⁻¹μ − ½ μ · W⁻¹μ + ½ ln share. A class that has come to less than one cell stays away.
  private static func normalScores(_ moments: GroupMoments, cells: Int) -> Tensor {
    let (classes, dimensions) = (moments.means.count, moments.means[0].count)
    let largest = (0..<dimensions).map { moments.within[$0 * (dimensions + 1)] }.max() ?? 0
    let factor = CholeskyFactor(
      moments.within, size: dimensions, ridge: 1e-6 + 1e-5 * max(largest, 0))
    var values = [Float](repeating: 0, count: (dimensions + 1) * classes)
    for (label, mean) in moments.means.enumerated() {
      guard moments.shares[label] * Double(cells) >= 1 else {
        values[dimensions * classes + label] = -1e9
        continue
      }
      let direction = factor.solved(mean)
      for (index, value) in direction.enumerated() {
        values[index * classes + label] = Float(value)
      }
      let length = zip(direction, mean).reduce(0) { $0 + $1.0 * $1.1 }
      values[dimensions * classes + label] = Float((log(moments.shares[label]) - length) / 2)
    }
    return Tensor(shape: [dimensions + 1, classes], values: values)
  }

  /// [o, k]: the logarithm of the over-clusters' shares around the cells of a class, with a
  /// hundredth of a cell that has them as all cells do, so that none is impossible.
  private static func bagScores(
    _ surroundings: Tensor, by probabilities: Tensor, on workers: Workers
  ) -> Tensor {
    let (count, classes) = (surroundings.shape[0], probabilities.shape[1])
    let sums = Tensor.product(surroundings, transposed: true, probabilities, on: workers).values
      .map(Double.init)
    let overclusters = sums.count / classes
    var totals = [Double](repeating: 0, count: classes)
    for index in sums.indices { totals[index % classes] += sums[index] }
    var values = [Float](repeating: 0, count: sums.count)
    for overcluster in 0..<overclusters {
      let row = overcluster * classes..<(overcluster + 1) * classes
      let everywhere = sums[row].reduce(0, +) / Double(count)
      for label in 0..<classes {
        let share =
          (sums[row.lowerBound + label] + 0.01 * everywhere) / (totals[label] + 0.01)
        values[row.lowerBound + label] = Float(log(max(share, 1e-6)))
      }
    }
    return Tensor(shape: [overclusters, classes], values: values)
  }
}
