import Tensor
import TestSupport
import Testing

/// One shape of pooling.
struct PoolingCase: Sendable, CustomStringConvertible {
  let shape: [Int]
  let size: Int
  let stride: Int
  let padding: Int

  init(_ shape: [Int], size: Int, stride: Int, padding: Int = 0) {
    self.shape = shape
    self.size = size
    self.stride = stride
    self.padding = padding
  }

  /// Single pixels, sizes the windows do not divide, overlapping windows and windows apart, and
  /// channels on both sides of the block they are compared in.
  static let all: [PoolingCase] = [
    PoolingCase([1, 1, 1, 3], size: 1, stride: 1),
    PoolingCase([2, 2, 2, 1], size: 2, stride: 2),
    PoolingCase([1, 5, 7, 3], size: 2, stride: 2),
    PoolingCase([2, 7, 5, 5], size: 3, stride: 2),
    PoolingCase([1, 5, 4, 16], size: 3, stride: 1),
    PoolingCase([1, 7, 8, 2], size: 2, stride: 3),
    PoolingCase([1, 7, 7, 33], size: 7, stride: 7),
    PoolingCase([1, 4, 5, 67], size: 2, stride: 2),
  ]

  static let padded: [PoolingCase] = [
    PoolingCase([1, 1, 1, 3], size: 3, stride: 2, padding: 1),
    PoolingCase([2, 5, 7, 3], size: 2, stride: 2, padding: 1),
    PoolingCase([1, 6, 5, 16], size: 3, stride: 2, padding: 1),
    PoolingCase([1, 3, 4, 33], size: 5, stride: 1, padding: 2),
    PoolingCase([1, 4, 3, 130], size: 3, stride: 1, padding: 1),
  ]

  var description: String {
    "\(shape), windows of \(size), \(stride) apart, padding \(padding)"
  }
}

@Suite struct MaxPoolingTests {
  let workers = Workers(threads: 2)

  @Test(arguments: PoolingCase.all + PoolingCase.padded)
  func `forward takes each window's largest`(_ example: PoolingCase) {
    let input = ReferenceTensor.randomDistinct(example.shape, seed: 31)
    let output = MaxPooling(size: example.size, stride: example.stride, padding: example.padding)
      .forward(input.tensor, on: workers)
    let expected = ReferencePooling(
      size: example.size, stride: example.stride, padding: example.padding
    ).maximum(input)
    #expect(output.shape == expected.shape)
    #expect(output.values == expected.tensor.values)
  }

  @Test(arguments: PoolingCase.all + PoolingCase.padded)
  func `gradient goes to each window's largest`(_ example: PoolingCase) {
    let input = ReferenceTensor.randomDistinct(example.shape, seed: 32)
    let reference = ReferencePooling(
      size: example.size, stride: example.stride, padding: example.padding)
    let dy = ReferenceTensor.random(reference.maximum(input).shape, seed: 33)
    let gradient = MaxPooling(
      size: example.size, stride: example.stride, padding: example.padding
    ).inputGradient(dy.tensor, input: input.tensor, on: workers)
    let expected = CentralDifference.gradient(
      of: { reference.maximum($0).dot(dy) }, at: input)
    expectClose(gradient, expected, absolute: 1e-6, relative: 1e-6)
  }

  @Test func `of equal values the first in reading order takes the gradient`() {
    let pooling = MaxPooling(size: 2, stride: 2)
    let input = Tensor(shape: [1, 2, 4, 1], values: [3, 3, 0, 7, 3, 3, 7, 7])
    let gradient = pooling.inputGradient(
      Tensor(shape: [1, 1, 2, 1], values: [1, 2]), input: input, on: workers)
    #expect(gradient.values == [1, 0, 0, 2, 0, 0, 0, 0])
  }

  @Test func `padding is never the largest`() {
    let pooling = MaxPooling(size: 3, stride: 1, padding: 1)
    let output = pooling.forward(
      Tensor(shape: [1, 2, 2, 1], values: [-1, -2, -3, -4]), on: workers)
    #expect(output.values == [-1, -1, -1, -1])
  }

  @Test func `a pixel that is the largest of several windows takes all their gradients`() {
    let pooling = MaxPooling(size: 3, stride: 1, padding: 1)
    let gradient = pooling.inputGradient(
      Tensor(shape: [1, 2, 2, 1], values: [1, 2, 4, 8]),
      input: Tensor(shape: [1, 2, 2, 1], values: [-1, -2, -3, -4]), on: workers)
    #expect(gradient.values == [15, 0, 0, 0])
  }
}

@Suite struct AveragePoolingTests {
  let workers = Workers(threads: 2)

  @Test(arguments: PoolingCase.all)
  func `forward takes each window's mean`(_ example: PoolingCase) {
    let input = ReferenceTensor.random(example.shape, seed: 34)
    let output = AveragePooling(size: example.size, stride: example.stride)
      .forward(input.tensor, on: workers)
    let expected = ReferencePooling(size: example.size, stride: example.stride).average(input)
    expectClose(output, expected, absolute: 1e-6, relative: 1e-6)
  }

  @Test(arguments: PoolingCase.all)
  func `gradient is shared by each window`(_ example: PoolingCase) {
    let input = ReferenceTensor.random(example.shape, seed: 35)
    let reference = ReferencePooling(size: example.size, stride: example.stride)
    let dy = ReferenceTensor.random(reference.average(input).shape, seed: 36)
    let gradient = AveragePooling(size: example.size, stride: example.stride)
      .inputGradient(dy.tensor, inputShape: example.shape, on: workers)
    let expected = CentralDifference.gradient(of: { reference.average($0).dot(dy) }, at: input)
    expectClose(gradient, expected, absolute: 1e-6, relative: 1e-6)
  }

  @Test func `by hand`() {
    let pooling = AveragePooling(size: 2, stride: 1)
    let input = Tensor(shape: [1, 2, 3, 1], values: [1, 2, 3, 5, 8, 13])
    #expect(pooling.forward(input, on: workers).values == [4, 6.5])
    let gradient = pooling.inputGradient(
      Tensor(shape: [1, 1, 2, 1], values: [4, 8]), inputShape: input.shape, on: workers)
    #expect(gradient.values == [1, 3, 2, 1, 3, 2])
  }
}
