import Tensor
import TestSupport
import Testing

@testable import Seg

@Suite struct HeadFitTests {
  private let workers = Workers(threads: 2)

  private func predicted(_ features: Tensor, _ targets: Tensor) -> [Float] {
    let weights = HeadFit.weights(features, targets: targets, on: workers)
    #expect(weights.shape == [features.shape[1], targets.shape[1]])
    return Softmax.forward(Tensor.product(features, weights, on: workers), on: workers).values
  }

  @Test func `of cells that have a channel of their own, each gets the probabilities asked for`() {
    let features = Tensor(shape: [3, 3], values: [4, 0, 0, 0, 4, 0, 0, 0, 4])
    let targets: [Float] = [0.7, 0.2, 0.1, 0.1, 0.1, 0.8, 0.3, 0.4, 0.3]
    let result = predicted(features, Tensor(shape: [3, 3], values: targets))
    expectClose(result, targets.map(Double.init), absolute: 5e-3, relative: 0)
  }

  @Test func `cells alike get the mean of what is asked for them`() {
    let features = Tensor(shape: [4, 2], values: [1, 2, 1, 2, 1, 2, 1, 2])
    let targets = Tensor(shape: [4, 2], values: [1, 0, 1, 0, 1, 0, 0, 1])
    expectClose(
      predicted(features, targets), (0..<4).flatMap { _ in [0.75, 0.25] }, absolute: 5e-3,
      relative: 0)
  }

  @Test func `the features' unit does not matter, and classes apart are told apart`() {
    var generator = SeededGenerator(seed: 4)
    let kinds = (0..<300).map { _ in Int.random(in: 0..<3, using: &generator) }
    let values = kinds.flatMap { kind in
      (0..<5).map { max(0, ($0 == kind ? 3 : 1) + 0.3 * generator.normal()) }
    }
    let targets = Tensor(
      shape: [300, 3], values: kinds.flatMap { kind in (0..<3).map { $0 == kind ? 1 : 0 } })
    let result = predicted(Tensor(shape: [300, 5], values: values), targets)
    let correct = kinds.indices.count { cell in result[3 * cell + kinds[cell]] > 0.5 }
    #expect(correct >= 295)
    let scaled = predicted(Tensor(shape: [300, 5], values: values.map { 1000 * $0 }), targets)
    expectClose(scaled, result.map(Double.init), absolute: 1e-3, relative: 0)
  }

  @Test func `features that are all zero give no opinion`() {
    let result = predicted(
      Tensor(shape: [5, 2]), Tensor(shape: [5, 2], values: [1, 0, 1, 0, 1, 0, 1, 0, 1, 0]))
    #expect(result == [Float](repeating: 0.5, count: 10))
  }
}
