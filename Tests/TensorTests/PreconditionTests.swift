import Tensor
import Testing

/// What breaks an operation's contract ends the program, before memory is touched.
@Suite struct PreconditionTests {
  @Test func `values that do not fill the shape`() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(shape: [2, 3], values: [1, 2, 3]) }
  }

  @Test func `an index outside`() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(shape: [2])[2] }
  }

  @Test func `a shape of another count`() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(shape: [2, 3]).reshaped(to: [4]) }
  }

  @Test func `a shape with negative extents`() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(shape: [2, 3]).reshaped(to: [-2, -3]) }
  }

  @Test func `weights of another convolution`() async {
    await #expect(processExitsWith: .failure) {
      let convolution = Convolution(inputChannels: 3, outputChannels: 2, kernelSize: 3, padding: 1)
      _ = convolution.forward(
        Tensor(shape: [1, 4, 4, 3]), weight: Tensor(shape: [3, 3, 2, 3]), on: Workers(threads: 1))
    }
  }

  @Test func `an image smaller than the kernel`() async {
    await #expect(processExitsWith: .failure) {
      let convolution = Convolution(inputChannels: 1, outputChannels: 1, kernelSize: 3, padding: 0)
      _ = convolution.forward(
        Tensor(shape: [1, 2, 2, 1]), weight: Tensor(shape: [3, 3, 1, 1]), on: Workers(threads: 1))
    }
  }

  @Test func `an image smaller than the pooling window`() async {
    await #expect(processExitsWith: .failure) {
      _ = MaxPooling(size: 2, stride: 2).forward(
        Tensor(shape: [1, 1, 1, 1]), on: Workers(threads: 1))
    }
  }

  @Test func `matrices that do not fit`() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor.product(Tensor(shape: [2, 3]), Tensor(shape: [2, 3]), on: Workers(threads: 1))
    }
  }

  @Test func `gradients of scale and shift of other channels`() async {
    await #expect(processExitsWith: .failure) {
      let workers = Workers(threads: 1)
      let x = Tensor(shape: [1, 2, 2, 3])
      var (scaleGradient, shiftGradient) = (Tensor(shape: [2]), Tensor(shape: [3]))
      _ = BatchNormalisation.gradient(
        x, input: x, statistics: BatchNormalisation.statistics(of: x, on: workers),
        scale: Tensor(shape: [3]), shift: Tensor(shape: [3]), scaleGradient: &scaleGradient,
        shiftGradient: &shiftGradient, rectified: false, on: workers)
    }
  }
}
