import Tensor
import TestSupport
import Testing

/// Batch normalisation against its definition in Double.
@Suite struct BatchNormalisationTests {
  let workers = Workers(threads: 2)

  /// Single pixels, odd sizes, and channels on both sides of the blocks they are summed in.
  static let shapes: [[Int]] = [
    [1, 1, 1, 1], [1, 1, 1, 5], [2, 1, 1, 3], [1, 3, 5, 5], [2, 7, 3, 16], [3, 5, 5, 33],
    [1, 5, 3, 65], [2, 3, 3, 129],
  ]

  private struct Example {
    let input: ReferenceTensor
    let scale: ReferenceTensor
    let shift: ReferenceTensor
    let outputGradient: ReferenceTensor

    init(_ shape: [Int]) {
      input = .random(shape, seed: 21, in: -2...3)
      scale = .random([shape[3]], seed: 22, in: 0.5...1.5)
      shift = .random([shape[3]], seed: 23)
      outputGradient = .random(shape, seed: 24)
    }
  }

  @Test(arguments: shapes)
  func `statistics are each channel's mean and biased variance`(_ shape: [Int]) {
    let example = Example(shape)
    let statistics = BatchNormalisation.statistics(of: example.input.tensor, on: workers)
    let expected = ReferenceBatchNormalisation.statistics(of: example.input)
    expectClose(statistics.mean, expected.mean.values, absolute: 1e-6, relative: 1e-6)
    expectClose(statistics.variance, expected.variance.values, absolute: 1e-6, relative: 1e-6)
    #expect(statistics.count == shape[0] * shape[1] * shape[2])
  }

  @Test func `statistics by hand`() {
    let input = Tensor(shape: [1, 2, 2, 2], values: [1, 10, 2, 10, 3, 10, 6, 10])
    let statistics = BatchNormalisation.statistics(of: input, on: workers)
    #expect(statistics.mean == [3, 10])
    #expect(statistics.variance == [3.5, 0])
    #expect(statistics.count == 4)
  }

  @Test func `a mean far from zero leaves the variance its digits`() {
    let input = ReferenceTensor.random([2, 31, 33, 3], seed: 25, in: 5000...5001)
    let statistics = BatchNormalisation.statistics(of: input.tensor, on: workers)
    let expected = ReferenceBatchNormalisation.statistics(of: input)
    expectClose(statistics.mean, expected.mean.values, absolute: 0, relative: 1e-6)
    expectClose(statistics.variance, expected.variance.values, absolute: 0, relative: 1e-5)
  }

  @Test func `one pixel far from the others leaves the variance its digits`() {
    var input = ReferenceTensor.random([2, 31, 33, 3], seed: 26)
    for channel in 0..<3 { input.values[channel] = 30 }
    let statistics = BatchNormalisation.statistics(of: input.tensor, on: workers)
    let expected = ReferenceBatchNormalisation.statistics(of: input)
    expectClose(statistics.mean, expected.mean.values, absolute: 1e-5, relative: 1e-5)
    expectClose(statistics.variance, expected.variance.values, absolute: 0, relative: 1e-5)
  }

  @Test(arguments: shapes, [false, true])
  func `forward by the batch's own statistics`(_ shape: [Int], rectified: Bool) {
    let example = Example(shape)
    let input = example.input.tensor
    let output = BatchNormalisation.apply(
      input, statistics: BatchNormalisation.statistics(of: input, on: workers),
      scale: example.scale.tensor, shift: example.shift.tensor, rectified: rectified, on: workers)
    let expected = ReferenceBatchNormalisation.forward(
      example.input, scale: example.scale, shift: example.shift, rectified: rectified)
    // A channel with one pixel is divided by √epsilon: its rounding grows as much.
    let absolute = shape.dropLast().reduce(1, *) == 1 ? 1e-4 : 5e-6
    expectClose(output, expected, absolute: absolute, relative: 1e-6)
  }

  @Test(arguments: [false, true])
  func `forward by other statistics and another epsilon`(rectified: Bool) {
    let example = Example([2, 5, 3, 17])
    let mean = ReferenceTensor.random([17], seed: 27)
    let variance = ReferenceTensor.random([17], seed: 28, in: 0.2...2)
    let output = BatchNormalisation.apply(
      example.input.tensor,
      statistics: ChannelStatistics(
        mean: mean.tensor.values, variance: variance.tensor.values, count: 30),
      scale: example.scale.tensor, shift: example.shift.tensor, rectified: rectified, epsilon: 0.25,
      on: workers)
    let expected = ReferenceBatchNormalisation.apply(
      example.input, mean: mean, variance: variance, scale: example.scale, shift: example.shift,
      rectified: rectified, epsilon: 0.25)
    expectClose(output, expected, absolute: 5e-6, relative: 1e-6)
  }

  @Test(arguments: shapes, [false, true])
  func `gradients, those of scale and shift added to what is there`(
    _ shape: [Int], rectified: Bool
  ) {
    let example = Example(shape)
    let input = example.input.tensor
    let channels = shape[3]
    let scaleBefore = ReferenceTensor.random([channels], seed: 29)
    let shiftBefore = ReferenceTensor.random([channels], seed: 30)
    var (scaleGradient, shiftGradient) = (scaleBefore.tensor, shiftBefore.tensor)
    let inputGradient = BatchNormalisation.gradient(
      example.outputGradient.tensor, input: input,
      statistics: BatchNormalisation.statistics(of: input, on: workers),
      scale: example.scale.tensor, shift: example.shift.tensor, scaleGradient: &scaleGradient,
      shiftGradient: &shiftGradient, rectified: rectified, on: workers)

    func loss(
      _ input: ReferenceTensor, _ scale: ReferenceTensor, _ shift: ReferenceTensor
    ) -> Double {
      ReferenceBatchNormalisation.forward(input, scale: scale, shift: shift, rectified: rectified)
        .dot(example.outputGradient)
    }
    let (x, scale, shift) = (example.input, example.scale, example.shift)
    let expectedInput = CentralDifference.gradient(of: { loss($0, scale, shift) }, at: x)
    expectClose(
      inputGradient, expectedInput, absolute: 2e-5 * max(1, expectedInput.largestMagnitude),
      relative: 1e-5, "input")
    let expectedScale = CentralDifference.gradient(of: { loss(x, $0, shift) }, at: scale)
    expectClose(
      scaleGradient, expectedScale.plus(scaleBefore), absolute: 2e-5, relative: 1e-5, "scale")
    let expectedShift = CentralDifference.gradient(of: { loss(x, scale, $0) }, at: shift)
    expectClose(
      shiftGradient, expectedShift.plus(shiftBefore), absolute: 1e-5, relative: 1e-5, "shift")
  }

  @Test(arguments: shapes, [false, true])
  func `an output gradient that others hold is left as it was`(_ shape: [Int], rectified: Bool) {
    let example = Example(shape)
    let input = example.input.tensor
    let statistics = BatchNormalisation.statistics(of: input, on: workers)
    func gradient(_ outputGradient: consuming Tensor) -> Tensor {
      var (scaleGradient, shiftGradient) = (
        Tensor(shape: [shape[3]]), Tensor(shape: [shape[3]])
      )
      return BatchNormalisation.gradient(
        outputGradient, input: input, statistics: statistics, scale: example.scale.tensor,
        shift: example.shift.tensor, scaleGradient: &scaleGradient, shiftGradient: &shiftGradient,
        rectified: rectified, on: workers)
    }
    let held = example.outputGradient.tensor
    let apart = gradient(held)
    #expect(held.values == example.outputGradient.tensor.values)
    #expect(apart.values == gradient(example.outputGradient.tensor).values)
  }

  @Test func `the gradient of the input does not change a channel's sum`() {
    // The output is the same when a constant is added to a channel, so its gradient sums to zero.
    let example = Example([2, 9, 7, 5])
    let input = example.input.tensor
    var (scaleGradient, shiftGradient) = (Tensor(shape: [5]), Tensor(shape: [5]))
    let gradient = ReferenceTensor(
      BatchNormalisation.gradient(
        example.outputGradient.tensor, input: input,
        statistics: BatchNormalisation.statistics(of: input, on: workers),
        scale: example.scale.tensor, shift: example.shift.tensor, scaleGradient: &scaleGradient,
        shiftGradient: &shiftGradient, rectified: true, on: workers))
    let mean = ReferenceBatchNormalisation.statistics(of: gradient).mean
    expectClose(
      mean.values, [Double](repeating: 0, count: 5),
      absolute: 1e-6 * gradient.largestMagnitude, relative: 0)
    #expect(gradient.largestMagnitude > 0.1)
  }
}
