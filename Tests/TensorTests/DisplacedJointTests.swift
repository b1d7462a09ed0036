import TestSupport
import Testing

@testable import Tensor

/// Two maps and a box of displacements.
struct JointCase: Sendable, CustomStringConvertible {
  let shape: [Int]
  let halfSide: Int

  init(_ shape: [Int], halfSide: Int) {
    self.shape = shape
    self.halfSide = halfSide
  }

  /// Single pixels, maps smaller than the box, one class, and maps longer than the stretches a sum
  /// is cut into; many images, which are transformed in turn.
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
    JointCase([37, 3, 2, 3], halfSide: 1),
    JointCase([18, 2, 3, 17], halfSide: 2),
    JointCase([2, 7, 19, 24], halfSide: 3),
  ]

  var description: String { "\(shape), half-side \(halfSide)" }
}

@Suite struct DisplacedJointTests {
  let workers = Workers(threads: 2)

  /// How far off an element may be: a relative error, and that of transformed maps.
  private func expectJoint(
    _ joint: Tensor, of x1: ReferenceTensor, _ x2: ReferenceTensor, halfSide: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let expected = ReferenceDisplacedJoint.forward(x1, x2, halfSide: halfSide)
    #expect(joint.shape == expected.shape, sourceLocation: sourceLocation)
    let clusters = x1.shape[3]
    func squares(_ x: ReferenceTensor, _ cluster: Int) -> Double {
      stride(from: cluster, to: x.count, by: clusters).reduce(0) {
        $0 + x.values[$1] * x.values[$1]
      }
    }
    let norms = (0..<clusters).map { (squares(x1, $0) + squares(x2, $0)).squareRoot() }
    for (index, (value, wanted)) in zip(joint.values, expected.values).enumerated() {
      let (i, j) = (index / clusters % clusters, index % clusters)
      let allowed = 1e-5 * abs(wanted) + 3e-7 * norms[i] * norms[j]
      if !(abs(Double(value) - wanted) <= allowed) {
        Issue.record(
          "element \(index) is \(value), not \(wanted); \(allowed) is allowed",
          sourceLocation: sourceLocation)
        return
      }
    }
  }

  @Test(arguments: JointCase.all)
  func `forward sums the products at every displacement`(_ example: JointCase) {
    let x1 = ReferenceTensor.randomProbabilities(example.shape, seed: 81)
    let x2 = ReferenceTensor.randomProbabilities(example.shape, seed: 82)
    let joint = DisplacedJoint(halfSide: example.halfSide).forward(
      x1.tensor, x2.tensor, on: workers
    ).joint
    let expected = ReferenceDisplacedJoint.forward(x1, x2, halfSide: example.halfSide)
    expectClose(joint, expected, absolute: 1e-5, relative: 1e-5)
    expectJoint(joint, of: x1, x2, halfSide: example.halfSide)
  }

  @Test(arguments: JointCase.all)
  func `gradients`(_ example: JointCase) {
    let x1 = ReferenceTensor.random(example.shape, seed: 83)
    let x2 = ReferenceTensor.random(example.shape, seed: 84)
    let side = 2 * example.halfSide + 1
    let dp = ReferenceTensor.random(
      [side, side, example.shape[3], example.shape[3]], seed: 85)
    let operation = DisplacedJoint(halfSide: example.halfSide)
    let tape = operation.forward(x1.tensor, x2.tensor, on: workers).tape
    let gradients = operation.inputGradients(dp.tensor, through: tape, on: workers)
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
  func `gradients are adjoint to the joint in every element`(
    _ example: JointCase
  ) {
    // The joint is linear in each map: ⟨dP, P⟩ = ⟨x1, dx1⟩ = ⟨x2, dx2⟩.
    let x1 = ReferenceTensor.randomProbabilities(example.shape, seed: 86)
    let x2 = ReferenceTensor.randomProbabilities(example.shape, seed: 87)
    let operation = DisplacedJoint(halfSide: example.halfSide)
    let (joint, tape) = operation.forward(x1.tensor, x2.tensor, on: workers)
    let dp = ReferenceTensor.random(joint.shape, seed: 88, in: 0.5...1)
    let gradients = operation.inputGradients(dp.tensor, through: tape, on: workers)
    let product = ReferenceTensor(joint).dot(dp)
    expectClose(ReferenceTensor(gradients.x1).dot(x1), product, absolute: 0, relative: 1e-5)
    expectClose(ReferenceTensor(gradients.x2).dot(x2), product, absolute: 0, relative: 1e-5)
  }

  /// Axes cut into one tile to many, the last one short, one of them of a single pixel.
  @Test(arguments: [(1, 1), (2, 1), (1, 3), (3, 2), (4, 5), (19, 1)], [1, 2, 3])
  func `however the maps are cut into tiles`(tiles: (rows: Int, columns: Int), threads: Int) {
    let workers = Workers(threads: threads)
    let shape = [2, 19, 23, 5]
    let x1 = ReferenceTensor.randomProbabilities(shape, seed: 91)
    let x2 = ReferenceTensor.randomProbabilities(shape, seed: 92)
    let tiling = FourierTiling(
      images: 2, clusters: 5,
      rows: FourierTiling.Axis(extent: 19, reach: 3, tiles: tiles.rows),
      columns: FourierTiling.Axis(extent: 23, reach: 3, tiles: tiles.columns))
    let spectra = DisplacedJointSpectra(x1.tensor, x2.tensor, tiling: tiling, on: workers)
    expectJoint(spectra.joint(on: workers), of: x1, x2, halfSide: 3)
    let dp = ReferenceTensor.random([7, 7, 5, 5], seed: 93).tensor
    let expected = ReferenceDisplacedJoint.inputGradients(ReferenceTensor(dp), x1, x2)
    let gradients = spectra.inputGradients(dp, on: workers)
    expectClose(
      gradients.x1, expected.x1, absolute: 1e-5, relative: 1e-5, "first map")
    expectClose(
      gradients.x2, expected.x2, absolute: 1e-5, relative: 1e-5, "second map")
  }

  /// Class 0 fills the left of both maps and class 1 the right, far apart, so that they never meet
  /// within the box though each meets itself everywhere.
  @Test
  func `classes that never meet have nothing in common`() {
    let shape = [2, 40, 61, 3]
    var x = ReferenceTensor(shape: shape)
    for image in 0..<2 {
      for row in 0..<40 {
        for column in 0..<61 {
          x[image, row, column, column < 25 ? 0 : column < 35 ? 2 : 1] = 1
        }
      }
    }
    let joint = DisplacedJoint(halfSide: 5).forward(x.tensor, x.tensor, on: workers)
      .joint
    expectJoint(joint, of: x, x, halfSide: 5)
    for displacement in 0..<121 {
      #expect(joint[displacement * 9 + 1] == 0)
      #expect(joint[displacement * 9 + 3] == 0)
      #expect(joint[displacement * 9] > 0)
    }
  }

  @Test(arguments: [1.0, 20.0])
  func `transformed maps keep small joint probabilities`(sharpness: Double) {
    // As large as sharply peaked maps of a training step come, against sums in Double.
    let shape = [1, 64, 50, 4]
    let x1 = ReferenceTensor.randomProbabilities(shape, seed: 94, sharpness: sharpness)
    let x2 = ReferenceTensor.randomProbabilities(shape, seed: 95, sharpness: sharpness)
    let joint = DisplacedJoint(halfSide: 4).forward(
      x1.tensor, x2.tensor, on: workers
    ).joint
    expectJoint(joint, of: x1, x2, halfSide: 4)
    let expected = ReferenceDisplacedJoint.forward(x1, x2, halfSide: 4)
    expectClose(joint, expected, absolute: 1e-6 * expected.largestMagnitude, relative: 1e-5)
  }

  @Test
  func `displacements under which nothing meets are exactly zero`() {
    // Only the top left corner of the first map and the bottom right one of the second.
    let full1 = ReferenceTensor.randomProbabilities([1, 30, 30, 3], seed: 96)
    let full2 = ReferenceTensor.randomProbabilities([1, 30, 30, 3], seed: 97)
    var (x1, x2) = (
      ReferenceTensor(shape: full1.shape), ReferenceTensor(shape: full2.shape)
    )
    for row in 0..<10 {
      for column in 0..<10 {
        for k in 0..<3 {
          x1[0, row, column, k] = full1[0, row, column, k]
          x2[0, row + 12, column + 12, k] = full2[0, row, column, k]
        }
      }
    }
    let joint = DisplacedJoint(halfSide: 4).forward(
      x1.tensor, x2.tensor, on: workers
    ).joint
    let expected = ReferenceDisplacedJoint.forward(x1, x2, halfSide: 4)
    #expect(expected.sum > 0)
    for (value, wanted) in zip(joint.values, expected.values) where wanted == 0 {
      #expect(value == 0)
    }
    expectJoint(joint, of: x1, x2, halfSide: 4)
  }

  @Test
  func `swapping the maps turns displacements round and transposes classes`() {
    let x1 = ReferenceTensor.randomProbabilities([2, 5, 6, 4], seed: 89).tensor
    let x2 = ReferenceTensor.randomProbabilities([2, 5, 6, 4], seed: 90).tensor
    let operation = DisplacedJoint(halfSide: 2)
    let one = ReferenceTensor(operation.forward(x1, x2, on: workers).joint)
    let other = ReferenceTensor(operation.forward(x2, x1, on: workers).joint)
    var turned = one
    for u in 0..<5 {
      for v in 0..<5 {
        for i in 0..<4 { for j in 0..<4 { turned[u, v, i, j] = one[4 - u, 4 - v, j, i] } }
      }
    }
    expectClose(other, turned, absolute: 2e-6, relative: 1e-5)
  }

  @Test
  func `a displacement by hand`() {
    // Class 0 at (0, 0) of the first map; class 1 at (1, 2) of the second: displacement (1, 2).
    var (x1, x2) = (Tensor(shape: [1, 2, 3, 2]), Tensor(shape: [1, 2, 3, 2]))
    x1[0] = 1
    x2[(1 * 3 + 2) * 2 + 1] = 0.5
    let joint = ReferenceTensor(
      DisplacedJoint(halfSide: 2).forward(x1, x2, on: workers).joint)
    expectClose(joint[2 + 1, 2 + 2, 0, 1], 0.5, absolute: 0, relative: 1e-6)
    #expect(joint.sum == joint[2 + 1, 2 + 2, 0, 1])
  }

  @Test
  func `agrees with another implementation`() throws {
    let golden = try GoldenFile("displaced_joint")
    #expect(!golden.cases.isEmpty)
    for name in golden.cases {
      let (x1, x2) = (golden["\(name).x1"].tensor, golden["\(name).x2"].tensor)
      let joint = golden["\(name).joint"]
      let operation = DisplacedJoint(halfSide: joint.shape[0] / 2)
      let result = operation.forward(x1, x2, on: workers)
      expectClose(result.joint, joint, absolute: 1e-5, relative: 1e-5, name)
      expectJoint(
        result.joint, of: ReferenceTensor(x1), ReferenceTensor(x2), halfSide: joint.shape[0] / 2)
      let gradients = operation.inputGradients(
        golden["\(name).joint_gradient"].tensor, through: result.tape, on: workers)
      expectClose(
        gradients.x1, golden["\(name).x1_gradient"], absolute: 1e-5, relative: 1e-5, name)
      expectClose(
        gradients.x2, golden["\(name).x2_gradient"], absolute: 1e-5, relative: 1e-5, name)
    }
  }
}
