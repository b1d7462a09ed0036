import Foundation
import IIC
import Tensor
import TestSupport
import Testing

@testable import Seg

@Suite struct ClassMixtureTests {
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

  /// Surroundings that say nothing: all alike.
  private func alike(_ count: Int) -> Tensor {
    Tensor(shape: [count, 2], repeating: 0.5)
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
    let expected: [Double] = [14.0 / 3, 2.0 / 3, 2.0 / 3, 8.0 / 3]
    expectClose(total, expected, absolute: 1e-6, relative: 0)
    let moments = GroupMoments(
      points, by: tensor([[1, 0], [0.5, 0.5], [0, 1]]), total: total, on: workers)
    expectClose(moments.shares, [0.5, 0.5], absolute: 1e-6, relative: 0)
    // Means (−2.5 / 1.5, −1 / 1.5) and (2.5 / 1.5, 1 / 1.5).
    let means: [Double] = [-5.0 / 3, -2.0 / 3, 5.0 / 3, 2.0 / 3]
    expectClose(moments.means.flatMap(\.self), means, absolute: 1e-6, relative: 0)
    let within: [Double] = [
      14.0 / 3 - 25.0 / 9, 2.0 / 3 - 10.0 / 9, 2.0 / 3 - 10.0 / 9, 8.0 / 3 - 4.0 / 9,
    ]
    expectClose(moments.within, within, absolute: 1e-5, relative: 0)
  }

  @Test func `clouds of unequal size and any shape are told apart`() {
    let (points, labels) = clouds(2000, seed: 1)
    // Two thirds of them right, the rest parted along the clouds' length.
    let begin = points.indices.map { $0 % 3 > 0 ? labels[$0] : (points[$0][0] > 0 ? 1 : 0) }
    let all = tensor(points)
    let mixture = ClassMixture(
      appearance: all, surroundings: alike(2000), start: start(begin, classes: 2), on: workers)
    let found = classes(mixture.probabilities)
    #expect(labels.indices.count { found[$0] == labels[$0] } > 1990)
  }

  @Test func `probabilities do not depend on the units, nor on the order of the classes`() {
    let (points, labels) = clouds(600, seed: 2)
    var generator = SeededGenerator(seed: 3)
    let begin = labels.map { Int.random(in: 0..<10, using: &generator) < 7 ? $0 : 1 - $0 }
    func probabilities(_ points: [[Float]], _ begin: [Int]) -> [Float] {
      let all = tensor(points)
      return ClassMixture(
        appearance: all, surroundings: alike(600), start: start(begin, classes: 2), on: workers
      ).probabilities.values
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
    let probabilities = ClassMixture(
      appearance: all, surroundings: alike(500), start: start(labels, classes: 3), on: workers
    ).probabilities
    #expect(probabilities.values.allSatisfy { $0.isFinite })
    let found = classes(probabilities)
    #expect(labels.indices.count { found[$0] == labels[$0] } > 490)
  }

  @Test func `an iteration worked out by hand`() {
    // One number of appearance; begun with the cells one and one, then two, in a class.
    let (appearance, bags): ([[Float]], [[Float]]) = (
      [[-3], [-1], [1], [3]], [[0.8, 0.2], [0.6, 0.4], [0.4, 0.6], [0, 1]]
    )
    let found = ClassMixture(
      appearance: tensor(appearance), surroundings: tensor(bags),
      start: start([0, 0, 1, 1], classes: 2), iterations: 1, on: workers
    ).probabilities.values
    // Means −2 and 2, variance inside 1; over-clusters' shares, with a hundredth of a cell as all
    // cells have it (.45, .55).
    let ridge: Double = 1e-6 + 1e-5
    let (first, second): (Double, Double) = (0.01 * 0.45, 0.01 * 0.55)
    let shares: [[Double]] = [
      [(1.4 + first) / 2.01, (0.6 + second) / 2.01],
      [(0.4 + first) / 2.01, (1.6 + second) / 2.01],
    ]
    for (cell, bag) in bags.enumerated() {
      let x = Double(appearance[cell][0])
      let scores = [-2.0, 2.0].enumerated().map { label, mean -> Double in
        let normal = (x * mean - mean * mean / 2) / (1 + ridge)
        let words = Double(bag[0]) * log(shares[label][0]) + Double(bag[1]) * log(shares[label][1])
        return normal + 3 * words
      }
      let likelihood = 1 / (1 + exp(scores[1] - scores[0]))
      expectClose(
        found[2 * cell..<2 * cell + 2].map(\.self), [likelihood, 1 - likelihood], absolute: 1e-5,
        relative: 0)
    }
  }

  @Test func `what looks alike is told apart by what lies around it`() {
    var generator = SeededGenerator(seed: 6)
    let labels = (0..<900).map { $0 % 3 == 0 ? 1 : 0 }
    let appearance = labels.map { _ in [generator.normal(), generator.normal()] }
    // Two over-clusters in each class, one of them in both, in unlike shares.
    let bags = labels.map { label -> [Float] in
      let part = generator.uniform(0...0.2)
      return label == 0 ? [0.7 + part, 0.3 - part, 0] : [0, 0.3 - part, 0.7 + part]
    }
    let begin = labels.map { Int.random(in: 0..<10, using: &generator) < 6 ? $0 : 1 - $0 }
    let found = classes(
      ClassMixture(
        appearance: tensor(appearance), surroundings: tensor(bags),
        start: start(begin, classes: 2), on: workers
      ).probabilities)
    #expect(labels.indices.count { found[$0] == labels[$0] } == 900)
  }

  @Test func `ground that is nearly all of one kind still has its other kinds`() {
    // One cloud of 96 per cent with a long tail, and two small ones beside it.
    var generator = SeededGenerator(seed: 7)
    let labels = (0..<3000).map { $0 % 50 == 0 ? 1 : ($0 % 50 == 1 ? 2 : 0) }
    let points = labels.map { label -> [Float] in
      let tail = generator.uniform(0...1) < 0.02 ? 4 * abs(generator.normal()) : 0
      return [
        generator.normal() + tail + (label == 1 ? 9 : 0),
        generator.normal() + (label == 2 ? 9 : 0),
      ]
    }
    let centre = (0..<2).map { axis in points.reduce(0) { $0 + $1[axis] } / 3000 }
    let all = tensor(points.map { [$0[0] - centre[0], $0[1] - centre[1]] })
    let means = KMeans.fit(
      rows: all.values, dimensions: 2, clusters: 3, generator: &generator, on: workers)
    let begin = means.assign(all.values, on: workers).map(Int.init)
    let found = classes(
      ClassMixture(
        appearance: all, surroundings: alike(3000), start: start(begin, classes: 3), on: workers
      ).probabilities)
    // K-means numbers clusters as it likes.
    let shared = (0..<3).map { kind in
      (0..<3).map { label in labels.indices.count { labels[$0] == kind && found[$0] == label } }
    }
    for kind in shared { #expect(Double(kind.max()!) > 0.95 * Double(kind.reduce(0, +))) }
    #expect(Set(shared.map { $0.firstIndex(of: $0.max()!) }).count == 3)
  }
}
