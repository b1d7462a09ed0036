import Tensor
import TestSupport
import Testing

/// The three passes of convolution against their sums in Double.
@Suite struct ConvolutionTests {
  let workers = Workers(threads: 2)

  /// Up to this part of the largest output, a fast scheme may differ from the sum.
  private func tolerance(_ expected: ReferenceTensor) -> Double {
    1e-5 * expected.largestMagnitude
  }

  @Test(arguments: ConvolutionCase.all)
  func `forward is the sum over taps and channels`(_ shape: ConvolutionCase) {
    let output = shape.convolution.forward(
      shape.input.tensor, weight: shape.weight.tensor, on: workers)
    let expected = shape.reference.forward(shape.input, weight: shape.weight)
    expectClose(output, expected, absolute: tolerance(expected), relative: 0)
    let size = shape.convolution.outputSize(height: shape.height, width: shape.width)
    #expect([size.height, size.width] == Array(expected.shape[1...2]))
    #expect(shape.convolution.weightShape == shape.weightShape)
  }

  @Test(arguments: ConvolutionCase.all)
  func `gradient of the input`(_ shape: ConvolutionCase) {
    let (weight, dy) = (shape.weight, shape.outputGradient)
    let gradient = shape.convolution.inputGradient(
      dy.tensor, weight: weight.tensor, inputShape: shape.inputShape, on: workers)
    let expected = shape.reference.inputGradient(dy, weight: weight, inputShape: shape.inputShape)
    expectClose(gradient, expected, absolute: tolerance(expected), relative: 0)

    let input = shape.input
    let elements = shape.sampledElements(of: input.count)
    let numeric = CentralDifference.gradient(
      of: { shape.reference.forward($0, weight: weight).dot(dy) }, at: input, elements: elements)
    expectClose(
      elements.map { gradient[$0] }, elements.map { numeric.values[$0] },
      absolute: tolerance(expected), relative: 0, "against central differences")
  }

  @Test(arguments: ConvolutionCase.all)
  func `gradient of the weight, added to what is there`(_ shape: ConvolutionCase) {
    let (input, dy) = (shape.input, shape.outputGradient)
    let before = ReferenceTensor.random(shape.weightShape, seed: 4)
    var gradient = before.tensor
    shape.convolution.addWeightGradient(
      dy.tensor, input: input.tensor, into: &gradient, on: workers)
    let own = shape.reference.weightGradient(dy, input: input, kernelSize: shape.kernelSize)
    let expected = own.plus(before)
    expectClose(gradient, expected, absolute: tolerance(expected), relative: 0)

    let elements = shape.sampledElements(of: expected.count)
    let numeric = CentralDifference.gradient(
      of: { shape.reference.forward(input, weight: $0).dot(dy) }, at: shape.weight,
      elements: elements)
    expectClose(
      elements.map { gradient[$0] }, elements.map { numeric.values[$0] + before.values[$0] },
      absolute: tolerance(expected), relative: 0, "against central differences")
  }

  @Test(arguments: ConvolutionCase.all)
  func `small convolutions are as good as sums in float32`(_ shape: ConvolutionCase) {
    let (input, weight, dy) = (shape.input, shape.weight, shape.outputGradient)
    let expected = shape.reference.forward(input, weight: weight)
    expectClose(
      shape.direct.forward(input.tensor, weight: weight.tensor, on: workers), expected,
      absolute: 1e-6 * expected.largestMagnitude, relative: 0, "forward")
    let back = shape.reference.inputGradient(dy, weight: weight, inputShape: shape.inputShape)
    expectClose(
      shape.direct.inputGradient(
        dy.tensor, weight: weight.tensor, inputShape: shape.inputShape, on: workers), back,
      absolute: 1e-6 * back.largestMagnitude, relative: 0, "input")
    let own = shape.reference.weightGradient(dy, input: input, kernelSize: shape.kernelSize)
    var gradient = Tensor(shape: shape.weightShape)
    shape.direct.addWeightGradient(
      dy.tensor, input: input.tensor, into: &gradient, on: workers)
    expectClose(
      gradient, own, absolute: 2e-6 * own.largestMagnitude, relative: 0, "weight")
  }

  @Test func `a kernel is not turned round`() {
    // One bright pixel: the output shows the kernel turned by half a turn around it.
    var image = Tensor(shape: [1, 3, 3, 1])
    image[4] = 1
    let kernel = Tensor(shape: [3, 3, 1, 1], values: [1, 2, 3, 4, 5, 6, 7, 8, 9])
    let convolution = Convolution(inputChannels: 1, outputChannels: 1, kernelSize: 3, padding: 1)
    let output = convolution.forward(image, weight: kernel, on: workers)
    expectClose(
      output.values, [9, 8, 7, 6, 5, 4, 3, 2, 1] as [Float], absolute: 1e-4, relative: 0)
  }

  @Test func `a head's padding surrounds its output with zeros`() {
    let convolution = Convolution(inputChannels: 2, outputChannels: 1, kernelSize: 1, padding: 1)
    let output = convolution.forward(
      Tensor(shape: [1, 1, 2, 2], values: [1, 2, 3, 4]),
      weight: Tensor(shape: [1, 1, 2, 1], values: [10, 1]), on: workers)
    #expect(output.shape == [1, 3, 4, 1])
    #expect(output.values == [0, 0, 0, 0, 0, 12, 34, 0, 0, 0, 0, 0])
  }

  @Test func `channels are not mixed up`() {
    // Each output channel takes one input channel alone, times its own factor.
    let convolution = Convolution(inputChannels: 3, outputChannels: 2, kernelSize: 1, padding: 0)
    let output = convolution.forward(
      Tensor(shape: [1, 1, 2, 3], values: [1, 2, 3, 4, 5, 6]),
      weight: Tensor(shape: [1, 1, 3, 2], values: [0, 10, 0, 0, 100, 0]), on: workers)
    #expect(output.values == [300, 10, 600, 40])
  }
}

/// What holds of any convolution, whatever way it is computed.
@Suite struct ConvolutionInvariantTests {
  let workers = Workers(threads: 2)

  @Test(arguments: ConvolutionCase.all)
  func `is linear in its input and in its weight`(_ shape: ConvolutionCase) {
    let (first, second) = (shape.input, ReferenceTensor.random(shape.inputShape, seed: 11))
    let convolution = shape.convolution
    let weight = shape.weight.tensor
    func output(_ input: ReferenceTensor, _ weight: Tensor) -> ReferenceTensor {
      ReferenceTensor(convolution.forward(input.tensor, weight: weight, on: workers))
    }
    let apart = output(first, weight).plus(output(second, weight), scaledBy: -0.5)
    let scale = max(apart.largestMagnitude, output(first, weight).largestMagnitude)
    // Three outputs, one of them halved, each of which may stray by 1e-5 of its largest.
    expectClose(
      output(first.plus(second, scaledBy: -0.5), weight), apart, absolute: 2.5e-5 * scale,
      relative: 0, "input")

    let other = ReferenceTensor.random(shape.weightShape, seed: 12)
    let weightsApart = output(first, weight).plus(output(first, other.tensor), scaledBy: -0.5)
    expectClose(
      output(first, shape.weight.plus(other, scaledBy: -0.5).tensor), weightsApart,
      absolute: 2.5e-5 * max(weightsApart.largestMagnitude, scale), relative: 0, "weight")
  }

  @Test(arguments: ConvolutionCase.all)
  func `both gradients are its adjoints`(_ shape: ConvolutionCase) {
    let (x, w, y) = (shape.input, shape.weight, shape.outputGradient)
    let convolution = shape.convolution
    let output = convolution.forward(x.tensor, weight: w.tensor, on: workers)
    let back = convolution.inputGradient(
      y.tensor, weight: w.tensor, inputShape: shape.inputShape, on: workers)
    var weightGradient = Tensor(shape: shape.weightShape)
    convolution.addWeightGradient(y.tensor, input: x.tensor, into: &weightGradient, on: workers)
    let product = ReferenceTensor(output).dot(y)
    // The size of the sum without its cancellation is what rounding is in proportion to.
    let size = ReferenceTensor(output).map(abs).dot(y.map(abs))
    expectClose(ReferenceTensor(back).dot(x), product, absolute: 1e-5 * size, relative: 0, "input")
    expectClose(
      ReferenceTensor(weightGradient).dot(w), product, absolute: 1e-5 * size, relative: 0, "weight")
  }

  @Test func `each image is convolved by itself`() {
    let shape = ConvolutionCase(3, 6, 7, channels: 20, to: 5, kernel: 3, padding: 1)
    let (x, w) = (shape.input.tensor, shape.weight.tensor)
    let together = shape.convolution.forward(x, weight: w, on: workers)
    for image in 0..<3 {
      let alone = shape.convolution.forward(
        x.firstAxis(image..<image + 1), weight: w, on: workers)
      expectClose(
        alone, ReferenceTensor(together.firstAxis(image..<image + 1)), absolute: 1e-4, relative: 0)
    }
  }

  @Test func `shifting the input shifts the output`() {
    let shape = ConvolutionCase(1, 9, 12, channels: 3, to: 4, kernel: 3, padding: 0, dilation: 2)
    let (x, w) = (shape.input.tensor, shape.weight.tensor)
    let whole = shape.convolution.forward(x, weight: w, on: workers)
    let shifted = shape.convolution.forward(
      x.cropped(rows: 1..<9, columns: 3..<12, on: workers), weight: w, on: workers)
    expectClose(
      shifted,
      ReferenceTensor(whole.cropped(rows: 1..<5, columns: 3..<8, on: workers)), absolute: 1e-5,
      relative: 1e-5)
  }

  @Test func `padding's border never shows what memory held before`() {
    // Memory full of NaN is what the convolution's own buffers are cut from here.
    for shape in [
      ConvolutionCase(2, 15, 13, channels: 3, to: 5, kernel: 3, padding: 1),
      ConvolutionCase(2, 15, 13, channels: 20, to: 5, kernel: 3, padding: 2, dilation: 2),
    ] {
      let fresh = Workers(threads: 1)
      let expected = shape.convolution.forward(
        shape.input.tensor, weight: shape.weight.tensor, on: fresh)
      let padded =
        shape.images * (shape.height + 2 * shape.padding) * (shape.width + 2 * shape.padding)
      let used = Workers(threads: 1)
      for rows in [padded, shape.outputShape.dropLast().reduce(1, *)] {
        for columns in [shape.inputChannels, shape.outputChannels] {
          _ = Tensor.product(
            Tensor(shape: [rows, 1], repeating: .nan), Tensor(shape: [1, columns], repeating: 1),
            on: used)
        }
      }
      let output = shape.convolution.forward(
        shape.input.tensor, weight: shape.weight.tensor, on: used)
      #expect(output.values == expected.values)
    }
  }
}
