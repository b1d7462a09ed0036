import Tensor
import TestSupport
import Testing

/// An operation on example inputs, whose results must not depend on more than their inputs and the
/// number of threads.
struct ThreadedOperation: Sendable, CustomStringConvertible {
  let description: String
  /// The results, from inputs multiplied by a factor (NaN spoils them all).
  let results: @Sendable (_ factor: Float, _ workers: Workers) -> [Tensor]

  private static func input(_ shape: [Int], _ seed: UInt64, _ factor: Float) -> Tensor {
    Tensor(
      shape: shape,
      values: ReferenceTensor.random(shape, seed: seed).tensor.values.map { $0 * factor })
  }

  private static func convolution(
    _ name: String, _ shape: ConvolutionCase
  ) -> ThreadedOperation {
    ThreadedOperation(description: "\(name) \(shape)") { factor, workers in
      let x = input(shape.inputShape, 131, factor)
      let weight = shape.weight.tensor
      let dy = input(shape.outputShape, 132, factor)
      let output = shape.convolution.forward(x, weight: weight, on: workers)
      let back = shape.convolution.inputGradient(
        dy, weight: weight, inputShape: shape.inputShape, on: workers)
      var gradient = Tensor(shape: shape.weightShape)
      shape.convolution.addWeightGradient(dy, input: x, into: &gradient, on: workers)
      return [output, back, gradient]
    }
  }

  static let all: [ThreadedOperation] = [
    convolution(
      "convolution", ConvolutionCase(3, 15, 17, channels: 3, to: 20, kernel: 3, padding: 1)),
    convolution(
      "convolution",
      ConvolutionCase(3, 15, 17, channels: 33, to: 20, kernel: 3, padding: 1, dilation: 2)),
    convolution(
      "convolution", ConvolutionCase(2, 12, 13, channels: 65, to: 64, kernel: 3, padding: 1)),
    convolution(
      "convolution", ConvolutionCase(5, 6, 6, channels: 33, to: 40, kernel: 5, padding: 2)),
    convolution(
      "strided",
      ConvolutionCase(3, 9, 11, channels: 33, to: 40, kernel: 3, padding: 1, stride: 2)),
    convolution(
      "pointwise", ConvolutionCase(3, 15, 17, channels: 33, to: 20, kernel: 1, padding: 1)),
    ThreadedOperation(description: "batch normalisation") { factor, workers in
      let x = input([3, 15, 17, 5], 133, factor)
      let (scale, shift) = (input([5], 134, 1), input([5], 135, 1))
      let statistics = BatchNormalisation.statistics(of: x, on: workers)
      let output = BatchNormalisation.apply(
        x, statistics: statistics, scale: scale, shift: shift, rectified: true, on: workers)
      var (scaleGradient, shiftGradient) = (Tensor(shape: [5]), Tensor(shape: [5]))
      let gradient = BatchNormalisation.gradient(
        input([3, 15, 17, 5], 136, factor), input: x, statistics: statistics, scale: scale,
        shift: shift, scaleGradient: &scaleGradient, shiftGradient: &shiftGradient,
        rectified: true, on: workers)
      return [output, gradient, scaleGradient, shiftGradient]
    },
    ThreadedOperation(description: "pooling") { factor, workers in
      let x = input([3, 15, 17, 5], 137, factor)
      let (largest, mean) = (
        MaxPooling(size: 3, stride: 2, padding: 1), AveragePooling(size: 2, stride: 2)
      )
      let (y1, y2) = (largest.forward(x, on: workers), mean.forward(x, on: workers))
      return [
        y1, y2, largest.inputGradient(y1, input: x, on: workers),
        mean.inputGradient(y2, inputShape: x.shape, on: workers),
      ]
    },
    ThreadedOperation(description: "softmax") { factor, workers in
      let y = Softmax.forward(input([3, 15, 17, 5], 138, factor), on: workers)
      return [
        y, Softmax.inputGradient(input([3, 15, 17, 5], 139, factor), output: y, on: workers),
      ]
    },
    ThreadedOperation(description: "resize") { factor, workers in
      let x = input([3, 15, 17, 5], 140, factor)
      let y = BilinearResize.forward(x, height: 31, width: 20, on: workers)
      return [y, BilinearResize.inputGradient(y, inputHeight: 15, inputWidth: 17, on: workers)]
    },
    ThreadedOperation(description: "affine sampling") { factor, workers in
      let x = input([3, 15, 17, 5], 141, factor)
      let matrices = input([3, 2, 3], 142, 1)
      let y = AffineSampling.forward(x, matrices: matrices, on: workers)
      return [
        y,
        AffineSampling.inputGradient(y, matrices: matrices, inputShape: x.shape, on: workers),
      ]
    },
    ThreadedOperation(description: "Sobel") { factor, workers in
      [Sobel.forward(input([3, 25, 27, 1], 143, factor), on: workers)]
    },
    ThreadedOperation(description: "displaced joint") { factor, workers in
      let (x1, x2) = (input([3, 25, 17, 5], 144, factor), input([3, 25, 17, 5], 145, factor))
      let operation = DisplacedJoint(halfSide: 2)
      let (joint, tape) = operation.forward(x1, x2, on: workers)
      let gradients = operation.inputGradients(
        input([5, 5, 5, 5], 146, factor), through: tape, on: workers)
      return [joint, gradients.x1, gradients.x2]
    },
    ThreadedOperation(description: "summed joint") { factor, workers in
      let (x1, x2) = (input([3, 25, 17, 5], 144, factor), input([3, 25, 17, 5], 145, factor))
      let (joint, tape) = SummedJoint(halfSide: 2).forward(x1, x2, on: workers)
      let gradients = SummedJoint(halfSide: 2).inputGradients(
        input([5, 5], 146, factor), through: tape, on: workers)
      return [joint, gradients.x1, gradients.x2]
    },
    ThreadedOperation(description: "matrix product") { factor, workers in
      [
        Tensor.product(
          input([67, 35], 147, factor), transposed: true, input([67, 41], 148, factor), on: workers)
      ]
    },
    ThreadedOperation(description: "Adam") { factor, workers in
      var value = input([1031], 149, factor)
      var (first, second) = (Tensor(shape: [1031]), Tensor(shape: [1031]))
      for step in 1...2 {
        AdamKernel.update(
          &value, gradient: input([1031], 150, factor), first: &first, second: &second,
          learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: step, on: workers)
      }
      return [value, first, second]
    },
  ]
}

@Suite struct ThreadInvarianceTests {
  @Test(arguments: ThreadedOperation.all, [1, 2, 3])
  func `the same threads give the same bits`(_ operation: ThreadedOperation, threads: Int) {
    let expected = operation.results(1, Workers(threads: threads))
    let workers = Workers(threads: threads)
    for _ in 0..<3 {
      let again = operation.results(1, workers)
      #expect(again.map(\.values) == expected.map(\.values))
    }
  }

  @Test(arguments: ThreadedOperation.all, [2, 3])
  func `other numbers of threads differ by rounding only`(
    _ operation: ThreadedOperation, threads: Int
  ) {
    let expected = operation.results(1, Workers(threads: 1))
    let results = operation.results(1, Workers(threads: threads))
    for (result, single) in zip(results, expected) {
      let reference = ReferenceTensor(single)
      expectClose(
        result, reference, absolute: 1e-5 * reference.largestMagnitude, relative: 0)
    }
  }

  @Test(arguments: ThreadedOperation.all, [1, 2])
  func `reused memory never shows what it held before`(
    _ operation: ThreadedOperation, threads: Int
  ) {
    let expected = operation.results(1, Workers(threads: threads))
    let workers = Workers(threads: threads)
    // Leaves every buffer the operation uses full of NaN for the next call to take up.
    let spoilt = operation.results(.nan, workers)
    #expect(spoilt.contains { $0.values.contains { $0.isNaN } })
    let results = operation.results(1, workers)
    #expect(results.map(\.values) == expected.map(\.values))
  }
}
