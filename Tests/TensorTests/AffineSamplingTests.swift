import Tensor
import TestSupport
import Testing

/// Images and the maps they are seen through.
struct AffineCase: Sendable, CustomStringConvertible {
  let description: String
  let shape: [Int]
  /// A matrix an image, row-major.
  let matrices: [[Double]]

  var matrixTensor: ReferenceTensor {
    // As Float holds them, so that both sides see the same map.
    ReferenceTensor(
      shape: [shape[0], 2, 3], values: matrices.flatMap { $0 }.map { Double(Float($0)) })
  }

  init(_ description: String, _ shape: [Int], _ matrices: [Double]...) {
    self.description = "\(description), \(shape)"
    self.shape = shape
    self.matrices = matrices
  }

  static let all: [AffineCase] = [
    AffineCase("identity", [1, 5, 7, 3], [1, 0, 0, 0, 1, 0]),
    AffineCase("flip", [1, 5, 6, 3], [-1, 0, 0, 0, 1, 0]),
    AffineCase(
      "a map an image", [3, 7, 9, 5], [0.9, -0.31, 0.17, 0.23, 1.1, -0.13],
      [-1.2, 0.1, 0.05, -0.2, 0.83, 0.4], [1, 0, 0.5, 0, 1, -0.37]),
    AffineCase("larger", [1, 9, 8, 16], [0.47, 0.02, 0.1, -0.03, 0.52, 0.2]),
    AffineCase("smaller", [1, 8, 9, 2], [1.9, 0.3, 0.1, -0.2, 2.3, -0.1]),
    AffineCase("quarter turn", [1, 7, 7, 33], [0, -1, 0, 1, 0, 0]),
    AffineCase("quarter turn of no square", [1, 5, 8, 3], [0, -1, 0, 1, 0, 0]),
    AffineCase(
      "flips", [4, 5, 6, 8], [1, 0, 0, 0, 1, 0], [-1, 0, 0, 0, 1, 0], [1, 0, 0, 0, -1, 0],
      [-1, 0, 0, 0, -1, 0]),
    AffineCase(
      "turned, some flipped too", [4, 6, 6, 16], [0, 1, 0, 1, 0, 0], [0, 1, 0, -1, 0, 0],
      [0, -1, 0, 1, 0, 0], [0, -1, 0, -1, 0, 0]),
    AffineCase(
      "a flip beside other maps", [3, 5, 5, 3], [0.9, 0.1, 0, 0, 1, 0], [-1, 0, 0, 0, 1, 0],
      [1, 0, 0.25, 0, 1, 0]),
    AffineCase("partly outside", [1, 6, 5, 3], [1, 0, 1.1, 0, 1, -0.9]),
    AffineCase("wholly outside", [1, 6, 5, 3], [1, 0, 7, 0, 1, 0]),
    AffineCase("one pixel", [2, 1, 1, 3], [1, 0, 0, 0, 1, 0], [0.5, 0.2, 0.1, 0.3, 0.7, -0.4]),
    AffineCase("one row", [1, 1, 7, 3], [0.7, 0, 0.2, 0, 1, 0]),
    AffineCase("one column", [1, 6, 1, 3], [1, 0, 0, 0, -0.8, 0.1]),
  ]
}

@Suite struct AffineSamplingTests {
  let workers = Workers(threads: 2)

  @Test(arguments: AffineCase.all)
  func `forward interpolates at the mapped place`(_ example: AffineCase) {
    let input = ReferenceTensor.random(example.shape, seed: 61)
    let matrices = example.matrixTensor
    let output = AffineSampling.forward(input.tensor, matrices: matrices.tensor, on: workers)
    let expected = ReferenceAffineSampling.forward(input, matrices: matrices)
    expectClose(output, expected, absolute: 2e-5, relative: 0)
  }

  @Test(arguments: AffineCase.all)
  func `gradient`(_ example: AffineCase) {
    let input = ReferenceTensor.random(example.shape, seed: 62)
    let dy = ReferenceTensor.random(example.shape, seed: 63)
    let matrices = example.matrixTensor
    let gradient = AffineSampling.inputGradient(
      dy.tensor, matrices: matrices.tensor, inputShape: example.shape, on: workers)
    let expected = CentralDifference.gradient(
      of: { ReferenceAffineSampling.forward($0, matrices: matrices).dot(dy) }, at: input)
    expectClose(gradient, expected, absolute: 3e-5, relative: 0)
  }

  @Test func `a flip reverses each row`() {
    let input = Tensor(shape: [1, 2, 3, 1], values: [1, 2, 3, 4, 5, 6])
    let flip = Tensor(shape: [1, 2, 3], values: [-1, 0, 0, 0, 1, 0])
    let output = AffineSampling.forward(input, matrices: flip, on: workers)
    #expect(output.values == [3, 2, 1, 6, 5, 4])
    let gradient = AffineSampling.inputGradient(
      output, matrices: flip, inputShape: [1, 2, 3, 1], on: workers)
    #expect(gradient.values == input.values)
  }

  @Test func `a translation by half a pixel takes the mean, and zero beyond the border`() {
    // Three columns lie 1 apart in [−1, 1]; 0.5 is half a column.
    let input = Tensor(shape: [1, 1, 3, 1], values: [2, 4, 8])
    let shift = Tensor(shape: [1, 2, 3], values: [1, 0, 0.5, 0, 1, 0])
    let output = AffineSampling.forward(input, matrices: shift, on: workers)
    expectClose(output.values, [3, 6, 4] as [Float], absolute: 1e-6, relative: 0)
  }

  @Test func `a map and its inverse bring the middle of a smooth image back`() {
    let shape = [1, 33, 33, 1]
    var smooth = ReferenceTensor(shape: shape)
    for y in 0..<33 { for x in 0..<33 { smooth[0, y, x, 0] = 0.01 * Double(x) - 0.02 * Double(y) } }
    let there = Tensor(shape: [1, 2, 3], values: [0.8, -0.6, 0.1, 0.6, 0.8, 0.05])
    let back = Tensor(shape: [1, 2, 3], values: [0.8, 0.6, -0.11, -0.6, 0.8, 0.02])
    let mapped = AffineSampling.forward(smooth.tensor, matrices: there, on: workers)
    let returned = ReferenceTensor(AffineSampling.forward(mapped, matrices: back, on: workers))
    for y in 10..<23 {
      for x in 10..<23 {
        expectClose(
          returned[0, y, x, 0], smooth[0, y, x, 0], absolute: 1e-5, relative: 0, "(\(y), \(x))")
      }
    }
  }
}
