import Tensor
import TestSupport
import Testing

@testable import Seg

@Suite struct GaussianMixtureTests {
  private let workers = Workers(threads: 2)

  /// Points in two long clouds side by side, one four times as large, and which each is of; the
  /// points' mean is 0.
  private func clouds(_ count: Int, seed: UInt64) -> (points: [[Float]], labels: [Int]) {
    var generator = SeededGenerator(seed: seed)
    let labels = (0..<count).map { $0 % 5 == 0 ? 1 : 0 }
    let points = labels.map { label -> [Float] in
      let along = 6 * generator.normal()
      return [along, along + Float(label * 8) - 1.6 + generator.normal()]
    }
    let means = (0..<2).map { axis in points.reduce(0) { $0 + $1[axis] } / Float(count) }
    return (points.map { [$0[0] - means[0], $0[1] - means[1]] }, labels)
  }

  private func tensor(_ rows: [[Float]]) -> Tensor {
    Tensor(shape: [rows.count, rows[0].count], values: rows.flatMap(\.self))
  }

  private func start(_ labels: [Int], classes: Int) -> Tensor {
    tensor(labels.map { label in (0..<classes).map { $0 == label ? 1 : 0 } })
  }

  private func classes(_ probabilities: Tensor) -> [Int] {
    let count = probabilities.shape[1]
    let values = probabilities.values
    return (0..<probabilities.shape[0]).map { row in
      (0..<count).max { values[row * count + $0] < values[row * count + $1] }!
    }
  }

  @Test func `moments worked out by hand`() {
    let points = tensor([[-3, 0], [1, -2], [2, 2]])
    let total = GroupMoments.covariance(of: points, on: workers)
    expectClose(total, [14.0 / 3, 2.0 / 3, 2.0 / 3, 8.0 / 3], absolute: 1e-6, relative: 0)
    let moments = GroupMoments(
      points, by: tensor([[1, 0], [0.5, 0.5], [0, 1]]), total: total, on: workers)
    expectClose(moments.shares, [0.5, 0.5], absolute: 1e-6, relative: 0)
    // Means (−2.5 / 1.5, −1 / 1.5) and (2.5 / 1.5, 1 / 1.5).
    expectClose(
      moments.means.flatMap(\.self), [-5.0 / 3, -2.0 / 3, 5.0 / 3, 2.0 / 3], absolute: 1e-6,
      relative: 0)
    expectClose(
      moments.within,
      [14.0 / 3 - 25.0 / 9, 2.0 / 3 - 10.0 / 9, 2.0 / 3 - 10.0 / 9, 8.0 / 3 - 4.0 / 9],
      absolute: 1e-5, relative: 0)
  }

  @Test func `clouds of unequal size and any shape are told apart`() {
    let (points, labels) = clouds(2000, seed: 1)
    // Half and half along the clouds' length, a third of it turned the right way.
    let begin = points.indices.map { $0 % 3 == 0 ? labels[$0] : (points[$0][0] > 0 ? 1 : 0) }
    let all = tensor(points)
    let mixture = GaussianMixture(all, start: start(begin, classes: 2), on: workers)
    let found = classes(mixture.probabilities(of: all, on: workers))
    #expect(labels.indices.count { found[$0] == labels[$0] } > 1990)
  }

  @Test func `probabilities do not depend on the units, nor on the order of the classes`() {
    let (points, labels) = clouds(600, seed: 2)
    var generator = SeededGenerator(seed: 3)
    let begin = labels.map { Int.random(in: 0..<10, using: &generator) < 7 ? $0 : 1 - $0 }
    func probabilities(_ points: [[Float]], _ begin: [Int]) -> [Float] {
      let all = tensor(points)
      return GaussianMixture(all, start: start(begin, classes: 2), on: workers)
        .probabilities(of: all, on: workers).values
    }
    let usual = probabilities(points, begin)
    let turned = probabilities(
      points.map { [3 * $0[0] - $0[1], 0.2 * $0[0] + 0.5 * $0[1]] }, begin)
    expectClose(turned, usual.map(Double.init), absolute: 2e-2, relative: 0)
    let exchanged = probabilities(points, begin.map { 1 - $0 })
    expectClose(
      exchanged.indices.map { exchanged[$0 ^ 1] }, usual.map(Double.init), absolute: 1e-3,
      relative: 0)
  }

  @Test func `a class that loses all, and numbers that follow from others, do no harm`() {
    let (points, labels) = clouds(500, seed: 4)
    let all = tensor(points.map { [$0[0], $0[1], $0[0] - $0[1], 0] })
    let mixture = GaussianMixture(all, start: start(labels, classes: 3), on: workers)
    let probabilities = mixture.probabilities(of: all, on: workers)
    #expect(probabilities.values.allSatisfy { $0.isFinite })
    let found = classes(probabilities)
    #expect(labels.indices.count { found[$0] == labels[$0] } > 490)
  }
}
