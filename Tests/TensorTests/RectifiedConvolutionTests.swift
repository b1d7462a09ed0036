import Tensor
import TestSupport
import Testing

/// Convolutions that normalise their input on the way in, and take statistics on the way out.
@Suite struct RectifiedConvolutionTests {
  /// A normalisation with scales of both signs and of zero.
  private func normalisation(channels: Int) -> FoldedNormalisation {
    let values = ReferenceTensor.random([2, channels], seed: 21).values.map { Float($0) }
    var gamma = Tensor(shape: [channels], values: Array(values[..<channels]))
    gamma[channels / 2] = 0
    return FoldedNormalisation(
      ChannelStatistics(
        mean: (0..<channels).map { Float($0 % 5) * 0.1 },
        variance: (0..<channels).map { 1 + Float($0 % 3) }, count: 9),
      scale: gamma, shift: Tensor(shape: [channels], values: Array(values[channels...])))
  }

  @Test(arguments: ConvolutionCase.all, [1, 3])
  func `is the convolution of the normalised input, cut at zero`(
    _ shape: ConvolutionCase, threads: Int
  ) {
    let workers = Workers(threads: threads)
    let folded = normalisation(channels: shape.inputChannels)
    let (input, weight) = (shape.input.tensor, shape.weight.tensor)
    let activation = BatchNormalisation.apply(input, folded, rectified: true, on: workers)
    #expect(activation.values.allSatisfy { $0 >= 0 })
    let output = shape.convolution.forward(
      input, rectifying: folded, weight: weight, on: workers)
    let expected = shape.reference.forward(ReferenceTensor(activation), weight: shape.weight)
    let scale = max(expected.largestMagnitude, 1e-3)
    expectClose(output, expected, absolute: 1e-5 * scale, relative: 0)

    let dy = shape.outputGradient
    var gradient = Tensor(shape: shape.weightShape)
    shape.convolution.addWeightGradient(
      dy.tensor, input: input, rectifying: folded, into: &gradient, on: workers)
    let expectedGradient = shape.reference.weightGradient(
      dy, input: ReferenceTensor(activation), kernelSize: shape.kernelSize)
    expectClose(
      gradient, expectedGradient, absolute: 1e-5 * max(expectedGradient.largestMagnitude, 1e-3),
      relative: 0, "weight")
  }

  @Test(arguments: ConvolutionCase.all, [1, 2])
  func `statistics are those of the output`(_ shape: ConvolutionCase, threads: Int) {
    let workers = Workers(threads: threads)
    // Far from zero, where sums of squares would lose the variance.
    let input = shape.input.map { $0 + 30 }.tensor
    let (output, statistics) = shape.convolution.forwardWithStatistics(
      [ConvolutionInput(input)], weight: shape.weight.tensor, on: workers)[0]
    #expect(
      output.values
        == shape.convolution.forward(input, weight: shape.weight.tensor, on: workers).values)
    let channels = shape.outputChannels
    #expect(statistics.count == output.count / channels)
    let values = output.values
    for channel in 0..<channels {
      let own = Swift.stride(from: channel, to: values.count, by: channels).map {
        Double(values[$0])
      }
      let mean = own.reduce(0, +) / Double(own.count)
      let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(own.count)
      // A mean is only as good as the outputs, whose errors are in proportion to their spread.
      let deviation = variance.squareRoot()
      expectClose(
        statistics.mean[channel], mean, absolute: 1e-5 * (1 + deviation), relative: 1e-6)
      expectClose(statistics.variance[channel], variance, absolute: 1e-5, relative: 1e-4)
    }
  }

  @Test func `a changed weight is seen at once`() {
    let workers = Workers(threads: 1)
    let shape = ConvolutionCase(1, 6, 6, channels: 16, to: 16, kernel: 3, padding: 1)
    var weight = shape.weight.tensor
    let before = shape.convolution.forward(shape.input.tensor, weight: weight, on: workers)
    let kept = weight
    weight.scale(by: 2, on: workers)
    let after = shape.convolution.forward(shape.input.tensor, weight: weight, on: workers)
    expectClose(
      after, ReferenceTensor(before).map { $0 * 2 },
      absolute: 1e-4, relative: 0)
    #expect(
      shape.convolution.forward(shape.input.tensor, weight: kept, on: workers).values
        == before.values)
    let gradient = shape.convolution.inputGradient(
      shape.outputGradient.tensor, weight: kept, inputShape: shape.inputShape, on: workers)
    let doubled = shape.convolution.inputGradient(
      shape.outputGradient.tensor, weight: weight, inputShape: shape.inputShape, on: workers)
    expectClose(
      doubled, ReferenceTensor(gradient).map { $0 * 2 }, absolute: 1e-4, relative: 0)
  }
}
