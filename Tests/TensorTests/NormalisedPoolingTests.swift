import Tensor
import TestSupport
import Testing

/// Normalisation, ReLU and pooling at once, against the three one after another in Double.
@Suite struct NormalisedPoolingTests {
  let workers = Workers(threads: 2)

  /// Sizes the windows divide and do not, with padding, and channels on both sides of a block.
  static let cases: [PoolingCase] = [
    PoolingCase([2, 4, 6, 3], size: 2, stride: 2),
    PoolingCase([1, 5, 7, 5], size: 2, stride: 2),
    PoolingCase([3, 8, 6, 2], size: 2, stride: 2, padding: 1),
    PoolingCase([2, 7, 5, 67], size: 2, stride: 2, padding: 1),
    PoolingCase([2, 10, 8, 130], size: 3, stride: 3),
    PoolingCase([1, 8, 11, 4], size: 3, stride: 3, padding: 1),
  ]

  private struct Example {
    let input: ReferenceTensor
    let scale: ReferenceTensor
    let shift: ReferenceTensor
    let windows: ReferencePooling
    let pooling: MaxPooling

    init(_ shape: PoolingCase) {
      input = .randomDistinct(shape.shape, seed: 41).map { Double(Float(3 * $0 + 0.5)) }
      // A scale below zero turns the order of the pixels round.
      scale = .random([shape.shape[3]], seed: 42, in: -1...2)
      shift = .random([shape.shape[3]], seed: 43)
      windows = ReferencePooling(
        size: shape.size, stride: shape.stride, padding: shape.padding)
      pooling = MaxPooling(size: shape.size, stride: shape.stride, padding: shape.padding)
    }

    func output(
      _ input: ReferenceTensor, _ scale: ReferenceTensor, _ shift: ReferenceTensor
    ) -> ReferenceTensor {
      windows.maximum(
        ReferenceBatchNormalisation.forward(input, scale: scale, shift: shift, rectified: true))
    }

    func statistics(on workers: Workers) -> ChannelStatistics {
      BatchNormalisation.statistics(of: input.tensor, on: workers)
    }
  }

  @Test(arguments: cases)
  func `forward is the largest of the normalised`(_ shape: PoolingCase) {
    let example = Example(shape)
    let output = BatchNormalisation.applyPooled(
      example.input.tensor, statistics: example.statistics(on: workers),
      scale: example.scale.tensor, shift: example.shift.tensor, pooling: example.pooling,
      on: workers)
    expectClose(
      output, example.output(example.input, example.scale, example.shift), absolute: 1e-5,
      relative: 1e-5)
  }

  @Test(arguments: cases)
  func `gradients are the differences`(_ shape: PoolingCase) {
    let example = Example(shape)
    let dy = ReferenceTensor.random(
      example.output(example.input, example.scale, example.shift).shape, seed: 44)
    let before = ReferenceTensor.random(example.scale.shape, seed: 45)
    var (scaleGradient, shiftGradient) = (before.tensor, before.tensor)
    let gradient = BatchNormalisation.pooledGradient(
      dy.tensor, input: example.input.tensor, statistics: example.statistics(on: workers),
      scale: example.scale.tensor, shift: example.shift.tensor, scaleGradient: &scaleGradient,
      shiftGradient: &shiftGradient, pooling: example.pooling, on: workers)
    let count = example.input.count
    let elements = (0..<min(count, 60)).map { $0 * count / min(count, 60) }
    let expected = CentralDifference.gradient(
      of: { example.output($0, example.scale, example.shift).dot(dy) }, at: example.input,
      elements: elements, step: 1e-6)
    expectClose(
      elements.map { gradient[$0] }, elements.map { expected.values[$0] }, absolute: 2e-5,
      relative: 1e-4)
    expectClose(
      scaleGradient,
      CentralDifference.gradient(
        of: { example.output(example.input, $0, example.shift).dot(dy) }, at: example.scale,
        step: 1e-6
      ).plus(before), absolute: 2e-5, relative: 1e-4)
    expectClose(
      shiftGradient,
      CentralDifference.gradient(
        of: { example.output(example.input, example.scale, $0).dot(dy) }, at: example.shift,
        step: 1e-6
      ).plus(before), absolute: 2e-5, relative: 1e-4)
  }

  @Test(arguments: cases)
  func `agrees with the separate operations, also where values are equal`(_ shape: PoolingCase) {
    let example = Example(shape)
    // Few values, so that many windows have more than one largest.
    let y = example.input.map { $0.rounded() }.tensor
    let statistics = BatchNormalisation.statistics(of: y, on: workers)
    let (scale, shift) = (example.scale.tensor, example.shift.tensor)
    let activation = BatchNormalisation.apply(
      y, statistics: statistics, scale: scale, shift: shift, rectified: true, on: workers)
    let dy = ReferenceTensor.random(
      example.windows.maximum(example.input).shape, seed: 46
    ).tensor
    var (first, second) = (Tensor(shape: scale.shape), Tensor(shape: scale.shape))
    let separate = BatchNormalisation.gradient(
      example.pooling.inputGradient(dy, input: activation, on: workers), input: y,
      statistics: statistics, scale: scale, shift: shift, scaleGradient: &first,
      shiftGradient: &second, rectified: true, on: workers)
    let together = BatchNormalisation.pooledGradient(
      dy, input: y, statistics: statistics, scale: scale, shift: shift, scaleGradient: &first,
      shiftGradient: &second, pooling: example.pooling, on: workers)
    expectClose(together, separate, absolute: 1e-5, relative: 1e-5)
  }
}
