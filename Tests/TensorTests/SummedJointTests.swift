import Tensor
import TestSupport
import Testing

@Suite struct SummedJointTests {
  @Test(arguments: JointCase.all, [1, 2, 3])
  func `the displaced joints' sum, and its gradients`(_ example: JointCase, threads: Int) {
    let workers = Workers(threads: threads)
    let x1 = ReferenceTensor.randomProbabilities(example.shape, seed: 101)
    let x2 = ReferenceTensor.randomProbabilities(example.shape, seed: 102)
    let k = example.shape[3]
    func sum(_ x1: ReferenceTensor, _ x2: ReferenceTensor) -> ReferenceTensor {
      let joints = ReferenceDisplacedJoint.forward(x1, x2, halfSide: example.halfSide)
      var sum = ReferenceTensor(shape: [k, k])
      for (index, value) in joints.values.enumerated() { sum.values[index % (k * k)] += value }
      return sum
    }
    let operation = SummedJoint(halfSide: example.halfSide)
    let (joint, tape) = operation.forward(x1.tensor, x2.tensor, on: workers)
    expectClose(joint, sum(x1, x2), absolute: 1e-6, relative: 1e-5)

    let dp = ReferenceTensor.random([k, k], seed: 103)
    let gradients = operation.inputGradients(dp.tensor, through: tape, on: workers)
    let side = 2 * example.halfSide + 1
    let sampled = min(x1.count, max(8, 4_000_000 / (x1.count * k * side * side)))
    let elements = (0..<sampled).map { $0 * x1.count / sampled }
    let expected1 = CentralDifference.gradient(
      of: { sum($0, x2).dot(dp) }, at: x1, elements: elements)
    let expected2 = CentralDifference.gradient(
      of: { sum(x1, $0).dot(dp) }, at: x2, elements: elements)
    #expect(gradients.x1.shape == example.shape)
    #expect(gradients.x2.shape == example.shape)
    expectClose(
      elements.map { gradients.x1[$0] }, elements.map { expected1.values[$0] },
      absolute: 1e-5, relative: 1e-5, "first map")
    expectClose(
      elements.map { gradients.x2[$0] }, elements.map { expected2.values[$0] },
      absolute: 1e-5, relative: 1e-5, "second map")
  }

  @Test func `sums by hand`() {
    // The first map's only pixel lies next to two of the second's three.
    let x1 = Tensor(shape: [1, 1, 4, 1], values: [0, 3, 0, 0])
    let x2 = Tensor(shape: [1, 1, 4, 1], values: [1, 2, 0, 8])
    let workers = Workers(threads: 2)
    #expect(SummedJoint(halfSide: 1).forward(x1, x2, on: workers).joint.values == [9])
    #expect(SummedJoint(halfSide: 2).forward(x1, x2, on: workers).joint.values == [33])
  }
}
