import Tensor
import TestSupport
import Testing

@Suite struct ResidualSumTests {
  let workers = Workers(threads: 2)
  static let shape = [2, 3, 5, 67]

  private func branch(_ y: ReferenceTensor, seed: UInt64) -> (ResidualSum.Branch, ReferenceTensor) {
    let scale = ReferenceTensor.random([67], seed: seed, in: -1...2)
    let shift = ReferenceTensor.random([67], seed: seed + 1)
    let branch = ResidualSum.Branch(
      y.tensor, statistics: BatchNormalisation.statistics(of: y.tensor, on: workers),
      scale: scale.tensor, shift: shift.tensor)
    let normalised = ReferenceBatchNormalisation.forward(
      y, scale: scale, shift: shift, rectified: false)
    return (branch, normalised)
  }

  @Test func `adds the shortcut and cuts at zero`() {
    let (first, normalised) = branch(.random(Self.shape, seed: 51, in: -2...4), seed: 52)
    let input = ReferenceTensor.random(Self.shape, seed: 54)
    let output = ResidualSum.forward(first, .identity(input.tensor), on: workers)
    let expected = normalised.plus(input).map { max(0, $0) }
    expectClose(output, expected, absolute: 1e-5, relative: 1e-5)
    #expect(output.values.contains(0))
  }

  @Test func `a projected shortcut is normalised by its own statistics`() {
    let (first, normalised) = branch(.random(Self.shape, seed: 55, in: -2...4), seed: 56)
    let (second, projected) = branch(.random(Self.shape, seed: 58, in: 1...3), seed: 59)
    let output = ResidualSum.forward(first, .projected(second), on: workers)
    let expected = normalised.plus(projected).map { max(0, $0) }
    expectClose(output, expected, absolute: 1e-5, relative: 1e-5)
  }

  @Test func `gradients pass where the sum was above zero`() {
    let output = Tensor(shape: [1, 1, 2, 2], values: [0, 1, 2, 0])
    let gradient = ResidualSum.gradient(
      Tensor(shape: [1, 1, 2, 2], values: [5, 6, -7, 8]), output: output, on: workers)
    #expect(gradient.values == [0, 6, -7, 0])
  }
}
