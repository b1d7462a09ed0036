import Tensor
import TestSupport
import Testing

/// Two maps and a box of displacements.
struct JointCase: Sendable, CustomStringConvertible {
  let shape: [Int]
  let halfSide: Int

  init(_ shape: [Int], halfSide: Int) {
    self.shape = shape
    self.halfSide = halfSide
  }

  /// Single pixels, maps smaller than the box, one class, and maps longer than the stretches a sum
  /// is cut into.
  static let all: [JointCase] = [
    JointCase([1, 1, 1, 3], halfSide: 0),
    JointCase([1, 1, 1, 3], halfSide: 2),
    JointCase([2, 5, 7, 3], halfSide: 1),
    JointCase([1, 3, 4, 5], halfSide: 5),
    JointCase([3, 4, 4, 1], halfSide: 1),
    JointCase([1, 6, 5, 33], halfSide: 1),
    JointCase([2, 9, 11, 16], halfSide: 2),
    JointCase([2, 41, 31, 3], halfSide: 2),
    JointCase([1, 37, 43, 5], halfSide: 0),
  ]

  var description: String { "\(shape), half-side \(halfSide)" }
}

@Suite struct DisplacedJointTests {
  let workers = Workers(threads: 2)

  @Test(arguments: JointCase.all)
  func `forward sums the products at every displacement`(_ example: JointCase) {
    let x1 = ReferenceTensor.randomProbabilities(example.shape, seed: 81)
    let x2 = ReferenceTensor.randomProbabilities(example.shape, seed: 82)
    let joint = DisplacedJoint(halfSide: example.halfSide).forward(
      x1.tensor, x2.tensor, on: workers)
    let expected = ReferenceDisplacedJoint.forward(x1, x2, halfSide: example.halfSide)
    expectClose(joint, expected, absolute: 1e-6, relative: 1e-5)
  }

  @Test(arguments: JointCase.all)
  func `gradients`(_ example: JointCase) {
    let x1 = ReferenceTensor.random(example.shape, seed: 83)
    let x2 = ReferenceTensor.random(example.shape, seed: 84)
    let side = 2 * example.halfSide + 1
    let dp = ReferenceTensor.random(
      [side, side, example.shape[3], example.shape[3]], seed: 85)
    let gradients = DisplacedJoint(halfSide: example.halfSide).inputGradients(
      dp.tensor, x1.tensor, x2.tensor, on: workers)
    func loss(_ x1: ReferenceTensor, _ x2: ReferenceTensor) -> Double {
      ReferenceDisplacedJoint.forward(x1, x2, halfSide: example.halfSide).dot(dp)
    }
    let cost = x1.count * example.shape[3] * side * side
    let sampled = min(x1.count, max(8, 4_000_000 / cost))
    let elements = (0..<sampled).map { $0 * x1.count / sampled }
    let expected1 = CentralDifference.gradient(
      of: { loss($0, x2) }, at: x1, elements: elements)
    let expected2 = CentralDifference.gradient(
      of: { loss(x1, $0) }, at: x2, elements: elements)
    #expect(gradients.x1.shape == example.shape)
    #expect(gradients.x2.shape == example.shape)
    // Each gradient is a sum of side² · k products of numbers up to 1.
    let absolute = 1e-6 * Double(side * side * example.shape[3]).squareRoot()
    expectClose(
      elements.map { gradients.x1[$0] }, elements.map { expected1.values[$0] },
      absolute: absolute, relative: 1e-5, "first map")
    expectClose(
      elements.map { gradients.x2[$0] }, elements.map { expected2.values[$0] },
      absolute: absolute, relative: 1e-5, "second map")
  }

  @Test(arguments: JointCase.all)
  func `gradients are adjoint to the joint in every element`(_ example: JointCase) {
    // The joint is linear in each map: ⟨dP, P⟩ = ⟨x1, dx1⟩ = ⟨x2, dx2⟩.
    let x1 = ReferenceTensor.randomProbabilities(example.shape, seed: 86)
    let x2 = ReferenceTensor.randomProbabilities(example.shape, seed: 87)
    let operation = DisplacedJoint(halfSide: example.halfSide)
    let joint = ReferenceTensor(operation.forward(x1.tensor, x2.tensor, on: workers))
    let dp = ReferenceTensor.random(joint.shape, seed: 88, in: 0.5...1)
    let gradients = operation.inputGradients(dp.tensor, x1.tensor, x2.tensor, on: workers)
    let product = joint.dot(dp)
    expectClose(ReferenceTensor(gradients.x1).dot(x1), product, absolute: 0, relative: 1e-5)
    expectClose(ReferenceTensor(gradients.x2).dot(x2), product, absolute: 0, relative: 1e-5)
  }

  @Test func `swapping the maps turns displacements round and transposes classes`() {
    let x1 = ReferenceTensor.randomProbabilities([2, 5, 6, 4], seed: 89).tensor
    let x2 = ReferenceTensor.randomProbabilities([2, 5, 6, 4], seed: 90).tensor
    let operation = DisplacedJoint(halfSide: 2)
    let one = ReferenceTensor(operation.forward(x1, x2, on: workers))
    let other = ReferenceTensor(operation.forward(x2, x1, on: workers))
    var turned = one
    for u in 0..<5 {
      for v in 0..<5 {
        for i in 0..<4 { for j in 0..<4 { turned[u, v, i, j] = one[4 - u, 4 - v, j, i] } }
      }
    }
    expectClose(other, turned, absolute: 1e-6, relative: 1e-5)
  }

  @Test func `a displacement by hand`() {
    // Class 0 at (0, 0) of the first map; class 1 at (1, 2) of the second: displacement (1, 2).
    var (x1, x2) = (Tensor(shape: [1, 2, 3, 2]), Tensor(shape: [1, 2, 3, 2]))
    x1[0] = 1
    x2[(1 * 3 + 2) * 2 + 1] = 0.5
    let joint = ReferenceTensor(DisplacedJoint(halfSide: 2).forward(x1, x2, on: workers))
    #expect(joint[2 + 1, 2 + 2, 0, 1] == 0.5)
    #expect(joint.sum == 0.5)
  }

  @Test func `agrees with another implementation`() throws {
    let golden = try GoldenFile("displaced_joint")
    #expect(!golden.cases.isEmpty)
    for name in golden.cases {
      let (x1, x2) = (golden["\(name).x1"].tensor, golden["\(name).x2"].tensor)
      let joint = golden["\(name).joint"]
      let operation = DisplacedJoint(halfSide: joint.shape[0] / 2)
      expectClose(
        operation.forward(x1, x2, on: workers), joint, absolute: 1e-6, relative: 1e-5, name)
      let gradients = operation.inputGradients(
        golden["\(name).joint_gradient"].tensor, x1, x2, on: workers)
      expectClose(
        gradients.x1, golden["\(name).x1_gradient"], absolute: 1e-5, relative: 1e-5, name)
      expectClose(
        gradients.x2, golden["\(name).x2_gradient"], absolute: 1e-5, relative: 1e-5, name)
    }
  }
}
