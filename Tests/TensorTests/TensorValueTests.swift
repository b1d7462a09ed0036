import Tensor
import TestSupport
import Testing

/// A tensor is a value: nothing done to one shows in another.
@Suite struct TensorValueTests {
  let workers = Workers(threads: 2)

  private func counting(_ shape: [Int]) -> Tensor {
    Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map(Float.init))
  }

  @Test func `starts with what it is given`() {
    #expect(Tensor(shape: [2, 3]).values == [0, 0, 0, 0, 0, 0])
    #expect(Tensor(shape: [3], repeating: 2.5).values == [2.5, 2.5, 2.5])
    let tensor = counting([2, 3])
    #expect(tensor.shape == [2, 3])
    #expect(tensor.count == 6)
    #expect(tensor.values == [0, 1, 2, 3, 4, 5])
    #expect(tensor[4] == 4)
    #expect(tensor.withSpan { span in span.count == 6 && span[5] == 5 })
  }

  @Test func `holds nothing where an extent is zero, and one value where there is no axis`() {
    #expect(Tensor(shape: [2, 0, 3]).values == [])
    #expect(Tensor(shape: [], values: [7]).values == [7])
    #expect(Tensor(shape: [0]).firstAxis(0..<0).values == [])
  }

  /// Every way to change a tensor.
  enum Change: CaseIterable, Sendable {
    case element, span, fill, add, addItself, scale, multiplyPixels, convolutionGradient

    func apply(to tensor: inout Tensor, on workers: Workers) {
      switch self {
      case .element: tensor[0] = 100
      case .span: tensor.withMutableSpan { $0[0] = 100 }
      case .fill: tensor.fill(with: 100, on: Workers(threads: 1))
      case .add: tensor.add(Tensor(shape: tensor.shape, repeating: 1), on: workers)
      case .addItself: tensor.add(tensor, on: workers)
      case .scale: tensor.scale(by: 3, on: workers)
      case .multiplyPixels:
        tensor.multiplyPixels(
          by: Tensor(shape: Array(tensor.shape.dropLast()) + [1], repeating: 3), on: workers)
      case .convolutionGradient:
        Convolution(inputChannels: 2, outputChannels: 2, kernelSize: 1, padding: 0)
          .addWeightGradient(
            Tensor(shape: [1, 2, 2, 2], repeating: 1),
            input: Tensor(shape: [1, 2, 2, 2], repeating: 1),
            into: &tensor, on: workers)
      }
    }
  }

  @Test(arguments: Change.allCases)
  func `a change of a copy leaves the original, and the other way round`(_ change: Change) {
    let original = counting([1, 1, 2, 2])
    var copy = original
    change.apply(to: &copy, on: workers)
    #expect(copy.values != [0, 1, 2, 3])
    #expect(original.values == [0, 1, 2, 3])

    var changed = counting([1, 1, 2, 2])
    let kept = changed
    let view = changed.reshaped(to: [4])
    change.apply(to: &changed, on: workers)
    #expect(kept.values == [0, 1, 2, 3])
    #expect(view.values == [0, 1, 2, 3])
  }

  @Test func `a reshaped tensor is changed by itself`() {
    let original = counting([2, 3])
    var view = original.reshaped(to: [3, 2])
    #expect(view.shape == [3, 2])
    #expect(view.values == original.values)
    view[0] = 9
    #expect(original[0] == 0)
  }

  @Test func `a part or a whole crop is changed by itself`() {
    let original = counting([1, 2, 3, 1])
    var part = original.firstAxis(0..<1)
    var crop = original.cropped(rows: 0..<2, columns: 0..<3, on: workers)
    part[0] = 9
    crop[0] = 9
    #expect(original[0] == 0)
  }

  @Test func `changing elements writes through the span`() {
    var tensor = counting([2, 2])
    tensor.withMutableSpan { span in
      for index in span.indices { span[index] *= 2 }
    }
    #expect(tensor.values == [0, 2, 4, 6])
    tensor.fill(with: -1, on: Workers(threads: 1))
    #expect(tensor.values == [-1, -1, -1, -1])
  }
}

/// Arithmetic and cutting.
@Suite struct TensorArithmeticTests {
  let workers = Workers(threads: 2)

  @Test(arguments: [1, 2, 5, 33, 1000])
  func `adding and scaling act on each element`(count: Int) {
    let (a, b) = (
      ReferenceTensor.random([count], seed: 121), ReferenceTensor.random([count], seed: 122)
    )
    var sum = a.tensor
    sum.add(b.tensor, scaledBy: -0.75, on: workers)
    expectClose(sum, a.plus(b, scaledBy: -0.75), absolute: 1e-6, relative: 1e-6)
    var plain = a.tensor
    plain.add(b.tensor, on: workers)
    expectClose(plain, a.plus(b), absolute: 1e-6, relative: 1e-6)
    var scaled = a.tensor
    scaled.scale(by: 3, on: workers)
    expectClose(scaled, a.map { $0 * 3 }, absolute: 0, relative: 1e-6)
  }

  @Test func `a tensor added to itself is doubled`() {
    var tensor = Tensor(shape: [3], values: [1, -2, 4])
    tensor.add(tensor, on: workers)
    #expect(tensor.values == [2, -4, 8])
  }

  @Test func `each pixel's channels are multiplied by its weight`() {
    var tensor = Tensor(shape: [2, 1, 2, 3], values: (1...12).map(Float.init))
    let weights = Tensor(shape: [2, 1, 2, 1], values: [1, 0, 0.5, -1])
    let product = tensor.withPixelsMultiplied(by: weights, on: workers)
    #expect(tensor.values == (1...12).map(Float.init))
    tensor.multiplyPixels(by: weights, on: workers)
    #expect(tensor.values == [1, 2, 3, 0, 0, 0, 3.5, 4, 4.5, -10, -11, -12])
    #expect(product.values == tensor.values)
  }

  @Test func `a range of the first axis is copied out`() {
    let tensor = Tensor(shape: [4, 2], values: [0, 1, 2, 3, 4, 5, 6, 7])
    let part = tensor.firstAxis(1..<3)
    #expect(part.shape == [2, 2])
    #expect(part.values == [2, 3, 4, 5])
    #expect(tensor.firstAxis(4..<4).shape == [0, 2])
  }

  @Test func `a rectangle of each image is cut out`() {
    let tensor = Tensor(shape: [2, 3, 3, 2], values: (0..<36).map(Float.init))
    let crop = tensor.cropped(rows: 1..<3, columns: 2..<3, on: workers)
    #expect(crop.shape == [2, 2, 1, 2])
    #expect(crop.values == [10, 11, 16, 17, 28, 29, 34, 35])
  }
}
