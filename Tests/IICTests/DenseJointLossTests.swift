import Foundation
import IIC
import Tensor
import TestSupport
import Testing

@Suite struct DenseJointLossTests {
  typealias Form = DenseJointLoss.Form
  let workers = Workers(threads: 2)

  @Test(arguments: Form.allCases)
  func withoutDisplacementItIsTheLossOfThePixels(form: Form) {
    let x1 = ReferenceTensor.randomProbabilities([2, 3, 4, 5], seed: 1).tensor
    let x2 = ReferenceTensor.randomProbabilities([2, 3, 4, 5], seed: 2).tensor
    let dense = DenseJointLoss(lambda: 1.2, halfSide: 0, form: form)
      .evaluate(x1, x2, matrices: nil, mask: nil, on: workers)
    let flat = JointLoss(lambda: 1.2)
      .evaluate(x1.reshaped(to: [24, 5]), x2.reshaped(to: [24, 5]), on: workers)
    expectClose(dense.loss.value, flat.loss.value, absolute: 1e-6, relative: 0)
    expectClose(
      dense.firstGradient, flat.firstGradient.reshaped(to: x1.shape), absolute: 1e-7,
      relative: 1e-4)
    expectClose(
      dense.secondGradient, flat.secondGradient.reshaped(to: x2.shape), absolute: 1e-7,
      relative: 1e-4)
  }

  @Test func aShiftWithinTheBoxIsFoundUncollapsed() {
    // A row of clusters 0, 1, 0, 1, … and the same moved by one pixel: under every displacement
    // each cluster meets one only, itself or the other.
    let columns = (0..<80).map { index in index / 2 % 2 == index % 2 ? 1.0 : 0.0 }
    let moved = columns.map { 1 - $0 }
    let x1 = ReferenceTensor(shape: [1, 1, 40, 2], values: columns).tensor
    let x2 = ReferenceTensor(shape: [1, 1, 40, 2], values: moved).tensor
    func loss(_ form: Form) -> Double {
      DenseJointLoss(halfSide: 1, form: form)
        .evaluate(x1, x2, matrices: nil, mask: nil, on: workers).loss.value
    }
    // One row alone: of the nine displacements the six vertical ones meet nothing and say nothing.
    expectClose(loss(.uncollapsed), -3 * log(2.0) / 9, absolute: 1e-3, relative: 0)
    // Summed up, 40 pairs disagree and 78 agree, all evenly between the clusters.
    let (apart, same) = (40.0 / 118, 78.0 / 118)
    let expected = -(apart * log(apart / 2) + same * log(same / 2)) - 2 * log(2.0)
    expectClose(loss(.collapsed), expected, absolute: 1e-6, relative: 0)
  }

  @Test(arguments: Form.allCases)
  func whatIsMaskedSaysNothing(form: Form) {
    let x1 = ReferenceTensor.randomProbabilities([1, 4, 5, 3], seed: 3)
    let x2 = ReferenceTensor.randomProbabilities([1, 4, 5, 3], seed: 4)
    let mask = ReferenceTensor.randomMask([1, 4, 5, 1], seed: 5)
    var (other1, other2) = (x1, x2)
    for index in x1.values.indices where mask.values[index / 3] == 0 {
      other1.values[index] = 0.9
      other2.values[index] = 0.2
    }
    let loss = DenseJointLoss(halfSide: 1, form: form)
    let result = loss.evaluate(
      x1.tensor, x2.tensor, matrices: nil, mask: mask.tensor, on: workers)
    let altered = loss.evaluate(
      other1.tensor, other2.tensor, matrices: nil, mask: mask.tensor, on: workers)
    #expect(mask.sum > 0 && mask.sum < 20)
    #expect(result.loss == altered.loss)
    for index in x1.values.indices where mask.values[index / 3] == 0 {
      #expect(result.firstGradient[index] == 0)
      #expect(result.secondGradient[index] == 0)
    }
  }

  @Test(arguments: Form.allCases)
  func nothingButMaskedPixelsIsNoLossAndNoGradient(form: Form) {
    let x = ReferenceTensor.randomProbabilities([1, 4, 4, 3], seed: 6).tensor
    let result = DenseJointLoss(halfSide: 1, form: form).evaluate(
      x, x, matrices: nil, mask: Tensor(shape: [1, 4, 4, 1]), on: workers)
    #expect(result.loss == LossValue(value: 0, withoutLambda: 0))
    #expect(result.firstGradient.values.allSatisfy { $0 == 0 })
    #expect(result.secondGradient.values.allSatisfy { $0 == 0 })
  }

  @Test(arguments: Form.allCases, [0, 1, 2])
  func gradientsAreTheDifferences(form: Form, halfSide: Int) {
    let x1 = ReferenceTensor.randomProbabilities([2, 4, 5, 3], seed: 7)
    let x2 = ReferenceTensor.randomProbabilities([2, 4, 5, 3], seed: 8)
    let mask = ReferenceTensor.randomMask([2, 4, 5], seed: 9, probability: 0.8)
    // The first image flipped, the second turned by about 10° and shrunk.
    let matrices = ReferenceTensor(
      shape: [2, 2, 3], values: [-1, 0, 0, 0, 1, 0, 0.9, -0.17, 0.05, 0.15, 0.92, 0])
    func reference(_ x1: ReferenceTensor, _ x2: ReferenceTensor) -> Double {
      ReferenceLoss.ofMaps(
        x1, x2, matrices: matrices, mask: mask, lambda: 1.3, halfSide: halfSide,
        collapsed: form == .collapsed)
    }
    let result = DenseJointLoss(lambda: 1.3, halfSide: halfSide, form: form).evaluate(
      x1.tensor, x2.tensor, matrices: matrices.tensor,
      mask: mask.reshaped(to: [2, 4, 5, 1]).tensor, on: workers)
    expectClose(result.loss.value, reference(x1, x2), absolute: 1e-6, relative: 1e-6)
    expectClose(
      result.firstGradient, CentralDifference.gradient(of: { reference($0, x2) }, at: x1),
      absolute: 1e-6, relative: 1e-4)
    expectClose(
      result.secondGradient, CentralDifference.gradient(of: { reference(x1, $0) }, at: x2),
      absolute: 1e-6, relative: 1e-4)
  }

  @Test(arguments: [Form.collapsed, .uncollapsed])
  func agreesWithAnotherImplementation(form: Form) throws {
    let golden = try GoldenFile(form == .collapsed ? "losses_collapsed" : "losses_uncollapsed")
    #expect(!golden.cases.isEmpty)
    for name in golden.cases {
      let mask = golden["\(name).mask"]
      let result = DenseJointLoss(
        lambda: Double(golden["\(name).lambda"].scalar),
        halfSide: Int(golden["\(name).half_side"].scalar), form: form
      ).evaluate(
        golden["\(name).x1"].tensor, golden["\(name).x2"].tensor,
        matrices: golden["\(name).matrices"].tensor,
        mask: mask.tensor.reshaped(to: mask.shape + [1]), on: workers)
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
