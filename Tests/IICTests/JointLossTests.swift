import Foundation
import IIC
import Tensor
import TestSupport
import Testing

@Suite struct JointLossTests {
  let workers = Workers(threads: 2)

  func evaluate(_ x1: ReferenceTensor, _ x2: ReferenceTensor, lambda: Double = 1) -> PairLoss {
    JointLoss(lambda: lambda).evaluate(x1.tensor, x2.tensor, on: workers)
  }

  @Test func viewsThatAgreeOnTwoEqualClustersHaveOneBit() {
    let x = ReferenceTensor(shape: [4, 2], values: [1, 0, 0, 1, 1, 0, 0, 1])
    let loss = evaluate(x, x).loss
    // P = diag(½, ½), so the loss is −ln 2.
    expectClose(loss.value, -log(2.0), absolute: 1e-12, relative: 0)
    #expect(loss.value == loss.withoutLambda)
  }

  @Test func viewsThatAlwaysDisagreeHaveAsMuch() {
    let x1 = ReferenceTensor(shape: [2, 2], values: [1, 0, 0, 1])
    let x2 = ReferenceTensor(shape: [2, 2], values: [0, 1, 1, 0])
    expectClose(evaluate(x1, x2).loss.value, -log(2.0), absolute: 1e-12, relative: 0)
  }

  @Test func independentViewsHaveNone() {
    let x1 = ReferenceTensor(shape: [4, 2], values: [1, 0, 1, 0, 0, 1, 0, 1])
    let x2 = ReferenceTensor(shape: [4, 2], values: [1, 0, 0, 1, 1, 0, 0, 1])
    expectClose(evaluate(x1, x2).loss.value, 0, absolute: 1e-12, relative: 0)
  }

  @Test func oneClusterForAllHasNone() {
    let x = ReferenceTensor(shape: [3, 2], values: [1, 0, 1, 0, 1, 0])
    expectClose(evaluate(x, x).loss.value, 0, absolute: 1e-12, relative: 0)
  }

  @Test func lambdaWeighsTheMarginals() {
    // Of P = diag(¾, ¼): −Σ P ln P + 2λ Σ P ln P, and H = −Σ P ln P.
    let x = ReferenceTensor(shape: [4, 2], values: [1, 0, 1, 0, 1, 0, 0, 1])
    let entropy = -(0.75 * log(0.75) + 0.25 * log(0.25))
    let loss = evaluate(x, x, lambda: 1.5).loss
    expectClose(loss.value, entropy - 3 * entropy, absolute: 1e-12, relative: 0)
    expectClose(loss.withoutLambda, -entropy, absolute: 1e-12, relative: 0)
  }

  @Test func asymmetricPairByHand() {
    // x1 x2ᵀ made symmetric is [[0.125, 0.25], [0.25, 0.375]].
    let x1 = ReferenceTensor(shape: [1, 2], values: [0.25, 0.75])
    let x2 = ReferenceTensor(shape: [1, 2], values: [0.5, 0.5])
    let (a, b, d) = (0.125, 0.25, 0.375)
    let (first, second) = (a + b, b + d)
    var expected = -a * (log(a) - 2 * log(first)) - d * (log(d) - 2 * log(second))
    expected -= 2 * b * (log(b) - log(first) - log(second))
    expectClose(evaluate(x1, x2).loss.value, expected, absolute: 1e-12, relative: 0)
  }

  @Test func renamingClustersChangesNothing() {
    let x1 = ReferenceTensor.randomProbabilities([9, 4], seed: 1)
    let x2 = ReferenceTensor.randomProbabilities([9, 4], seed: 2)
    let order = [2, 0, 3, 1]
    func renamed(_ x: ReferenceTensor) -> ReferenceTensor {
      ReferenceTensor(
        shape: x.shape, values: x.values.indices.map { x.values[$0 / 4 * 4 + order[$0 % 4]] })
    }
    let (plain, other) = (
      evaluate(x1, x2, lambda: 1.3), evaluate(renamed(x1), renamed(x2), lambda: 1.3)
    )
    expectClose(other.loss.value, plain.loss.value, absolute: 1e-7, relative: 0)
    expectClose(
      other.firstGradient, renamed(ReferenceTensor(plain.firstGradient)), absolute: 1e-7,
      relative: 1e-5)
  }

  @Test func viewsMayChangePlaces() {
    let x1 = ReferenceTensor.randomProbabilities([9, 4], seed: 3)
    let x2 = ReferenceTensor.randomProbabilities([9, 4], seed: 4)
    let (plain, swapped) = (evaluate(x1, x2), evaluate(x2, x1))
    expectClose(swapped.loss.value, plain.loss.value, absolute: 1e-7, relative: 0)
    expectClose(swapped.firstGradient, plain.secondGradient, absolute: 1e-7, relative: 1e-5)
    expectClose(swapped.secondGradient, plain.firstGradient, absolute: 1e-7, relative: 1e-5)
  }

  @Test(arguments: [1.0, 1.4])
  func gradientsAreTheDifferences(lambda: Double) {
    let x1 = ReferenceTensor.randomProbabilities([7, 5], seed: 5)
    let x2 = ReferenceTensor.randomProbabilities([7, 5], seed: 6)
    let result = evaluate(x1, x2, lambda: lambda)
    let first = CentralDifference.gradient(
      of: { ReferenceLoss.ofImages($0, x2, lambda: lambda) }, at: x1)
    let second = CentralDifference.gradient(
      of: { ReferenceLoss.ofImages(x1, $0, lambda: lambda) }, at: x2)
    expectClose(result.firstGradient, first, absolute: 1e-6, relative: 1e-5)
    expectClose(result.secondGradient, second, absolute: 1e-6, relative: 1e-5)
  }

  @Test func notANumberIsNotTakenForNothing() {
    let x = ReferenceTensor(shape: [1, 2], values: [.nan, 1])
    #expect(evaluate(x, x).loss.value.isNaN)
  }

  @Test func agreesWithAnotherImplementation() throws {
    let golden = try GoldenFile("losses_image")
    #expect(!golden.cases.isEmpty)
    for name in golden.cases {
      let result = JointLoss(lambda: Double(golden["\(name).lambda"].scalar)).evaluate(
        golden["\(name).x1"].tensor, golden["\(name).x2"].tensor, on: workers)
      expectClose(
        result.loss.value, Double(golden["\(name).loss"].scalar), absolute: 1e-6, relative: 1e-6,
        name)
      expectClose(
        result.loss.withoutLambda, Double(golden["\(name).loss_no_lambda"].scalar),
        absolute: 1e-6, relative: 1e-6, name)
      expectClose(
        result.firstGradient, golden["\(name).x1_gradient"], absolute: 1e-6, relative: 1e-5, name)
      expectClose(
        result.secondGradient, golden["\(name).x2_gradient"], absolute: 1e-6, relative: 1e-5,
        name)
    }
  }
}
