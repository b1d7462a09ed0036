internal import Tensor

// n images; h rows, w columns, c channels of a map (NHWC); m outputs.

/// A linear layer: the sum of each input's product with a weight of its own, and a bias.
///
/// An input is a map an image [n, h, w, c] or, the same unrolled, a row an image; its weight is
/// [h, w, c, m].
struct LinearLayer: Sendable {
  private(set) var weights: [Parameter]
  private(set) var bias: Parameter

  /// A layer of the tensors described, a weight an input and then the bias, each made by `value`.
  init(_ descriptions: some Sequence<ModelTensor>, value: (ModelTensor) throws -> Tensor) rethrows {
    weights = try descriptions.map { Parameter(name: $0.name, value: try value($0)) }
    bias = weights.removeLast()
    precondition(
      !weights.isEmpty && weights.allSatisfy { $0.value.shape.last == bias.value.count },
      "weights \(weights.map(\.value.shape)) for a bias \(bias.value.shape)")
  }

  /// How many numbers it gives an image, m.
  var outputs: Int { bias.value.count }

  /// What it gives [n, m].
  func forward(_ inputs: [Tensor], on workers: Workers) -> Tensor {
    precondition(inputs.count == weights.count, "\(inputs.count) inputs, \(weights.count) weights")
    var output = Tensor.product(rows(inputs[0], 0), matrix(0), on: workers)
    for index in inputs.indices.dropFirst() {
      output.add(
        Tensor.product(rows(inputs[index], index), matrix(index), on: workers), on: workers)
    }
    output.addToRows(bias.value, on: workers)
    return output
  }

  /// Adds the weights' and the bias's gradients for that of the output [n, m], and returns those of
  /// the inputs, of their shapes.
  mutating func backward(
    _ outputGradient: Tensor, inputs: [Tensor], on workers: Workers
  ) -> [Tensor] {
    let ones = Tensor(shape: [1, outputGradient.shape[0]], repeating: 1)
    bias.addToGradient(Tensor.product(ones, outputGradient, on: workers), on: workers)
    return inputs.enumerated().map { index, input in
      weights[index].addToGradient(
        Tensor.product(rows(input, index), transposed: true, outputGradient, on: workers),
        on: workers)
      return Tensor.product(
        outputGradient, transposed: false, matrix(index), transposed: true, on: workers
      ).reshaped(to: input.shape)
    }
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    for index in weights.indices { try body(&weights[index]) }
    try body(&bias)
  }

  private func rows(_ input: Tensor, _ index: Int) -> Tensor {
    let map = Array(weights[index].value.shape.dropLast())
    let size = map.reduce(1, *)
    let shape = Array(input.shape.dropFirst())
    precondition(
      shape == map || shape == [size],
      "an input \(input.shape) for a weight \(weights[index].value.shape)")
    return input.reshaped(to: [input.shape[0], size])
  }

  private func matrix(_ index: Int) -> Tensor {
    weights[index].value.reshaped(to: [weights[index].value.count / outputs, outputs])
  }
}
