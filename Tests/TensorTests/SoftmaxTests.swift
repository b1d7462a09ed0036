import Foundation
import Tensor
import TestSupport
import Testing

@Suite struct SoftmaxTests {
  let workers = Workers(threads: 2)

  static let shapes: [[Int]] = [
    [1, 1], [7, 1], [3, 5], [1, 1, 1, 3], [2, 3, 3, 16], [5, 33], [2, 5, 3, 24],
  ]

  @Test(arguments: shapes, [1.0, 20.0])
  func `forward divides each exponential by their sum`(_ shape: [Int], largest: Double) {
    let input = ReferenceTensor.random(shape, seed: 41, in: -largest...largest)
    let output = Softmax.forward(input.tensor, on: workers)
    expectClose(output, ReferenceSoftmax.forward(input), absolute: 1e-12, relative: 3e-6)
  }

  @Test(arguments: shapes)
  func `gradient`(_ shape: [Int]) {
    let input = ReferenceTensor.random(shape, seed: 42, in: -2...2)
    let dy = ReferenceTensor.random(shape, seed: 43)
    let output = Softmax.forward(input.tensor, on: workers)
    let gradient = Softmax.inputGradient(dy.tensor, output: output, on: workers)
    let expected = CentralDifference.gradient(
      of: { ReferenceSoftmax.forward($0).dot(dy) }, at: input)
    expectClose(gradient, expected, absolute: 1e-6, relative: 1e-5)
  }

  @Test func `the exponential is right to the last digits over its whole range`() {
    // The second class's probability over the first's is e^x.
    let logits = (0...8700).map { -Float($0) / 100 }
    let output = Softmax.forward(
      Tensor(shape: [logits.count, 2], values: logits.flatMap { [0, $0] }), on: workers)
    let ratios = logits.indices.map { Double(output[2 * $0 + 1]) / Double(output[2 * $0]) }
    expectClose(ratios, logits.map { exp(Double($0)) }, absolute: 0, relative: 1e-6)
  }

  @Test func `probabilities sum to one, however far apart the logits`() {
    let extremes: [Float] = [
      0, 1e4, -1e4, 3e38, -3e38, 88, -88, 104, -104, Float.leastNonzeroMagnitude,
    ]
    for left in extremes {
      for right in extremes {
        let output = Softmax.forward(
          Tensor(shape: [1, 3], values: [left, right, 0]), on: workers)
        let values = output.values
        #expect(values.allSatisfy { $0 >= 0 && $0 <= 1 }, "\(left), \(right): \(values)")
        expectClose(
          values.reduce(0) { $0 + Double($1) }, 1.0, absolute: 1e-6, relative: 0,
          "\(left), \(right)")
      }
    }
  }

  @Test func `a constant added to the logits changes nothing`() {
    let input = ReferenceTensor.random([4, 7], seed: 44).map { ($0 * 64).rounded() / 64 }
    let shifted = Softmax.forward(input.map { $0 + 512 }.tensor, on: workers)
    expectClose(
      shifted, ReferenceTensor(Softmax.forward(input.tensor, on: workers)), absolute: 1e-7,
      relative: 1e-6)
  }
}
