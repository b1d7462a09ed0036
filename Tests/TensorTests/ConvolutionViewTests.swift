import Tensor
import TestSupport
import Testing

/// Several views in one call of a convolution.
@Suite struct ConvolutionViewTests {
  @Test(arguments: ConvolutionCase.all, [1, 2, 3])
  func `views together are as each alone`(_ shape: ConvolutionCase, threads: Int) {
    let workers = Workers(threads: threads)
    let (convolution, weight) = (shape.convolution, shape.weight.tensor)
    let (first, firstGradient) = (shape.input, shape.outputGradient)
    let others = first.shape[0] + 1
    func random(_ like: ReferenceTensor, seed: UInt64) -> Tensor {
      ReferenceTensor.random([others] + like.shape.dropFirst(), seed: seed).tensor
    }
    let views = [
      ConvolutionInput(first.tensor),
      ConvolutionInput(
        random(first, seed: 31), rectifying: Self.normalisation(channels: shape.inputChannels)),
    ]
    let gradients = [firstGradient.tensor, random(firstGradient, seed: 32)]
    let shapes = views.map(\.values.shape)

    let outputs = convolution.forwardWithStatistics(views, weight: weight, on: workers)
    let back = convolution.inputGradients(
      gradients, weight: weight, inputShapes: shapes, on: workers)
    var sum = Tensor(shape: shape.weightShape)
    convolution.addWeightGradient(gradients, inputs: views, into: &sum, on: workers)

    var expectedSum = Tensor(shape: shape.weightShape)
    for view in views.indices {
      let alone = convolution.forwardWithStatistics([views[view]], weight: weight, on: workers)[0]
      Self.expectEqual(outputs[view].output, alone.output)
      #expect(outputs[view].statistics.count == alone.statistics.count)
      for (value, expected) in zip(outputs[view].statistics.variance, alone.statistics.variance) {
        expectClose(value, Double(expected), absolute: 1e-5, relative: 1e-4)
      }
      Self.expectEqual(
        back[view],
        convolution.inputGradient(
          gradients[view], weight: weight, inputShape: shapes[view], on: workers))
      convolution.addWeightGradient(
        gradients[view], input: views[view].values, rectifying: views[view].rectifying,
        into: &expectedSum, on: workers)
    }
    Self.expectEqual(sum, expectedSum)
  }

  private static func normalisation(channels: Int) -> FoldedNormalisation {
    FoldedNormalisation(
      ChannelStatistics(
        mean: [Float](repeating: 0.1, count: channels),
        variance: (0..<channels).map { 1 + Float($0 % 3) }, count: 9),
      scale: Tensor(shape: [channels], repeating: -0.7),
      shift: Tensor(shape: [channels], repeating: 0.2))
  }

  private static func expectEqual(_ tensor: Tensor, _ expected: Tensor) {
    let reference = ReferenceTensor(expected)
    expectClose(
      tensor, reference, absolute: 1e-5 * max(reference.largestMagnitude, 1e-3), relative: 0)
  }
}
