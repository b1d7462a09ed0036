internal import Tensor

/// A head of ClusterNet5g or ClusterNet6c: s sub-heads, each a linear layer over the trunk's whole
/// map and a softmax over its k clusters. All sub-heads are computed as one product.
struct ClusterHead: Sendable {
  /// A weight [h, w, c, k] a sub-head.
  private(set) var weights: [Parameter] = []
  /// A bias [k] a sub-head.
  private(set) var biases: [Parameter] = []

  /// A head of the tensors described, weight and bias in turn, each made by `value`.
  init(_ descriptions: [ModelTensor], value: (ModelTensor) throws -> Tensor) rethrows {
    for description in descriptions {
      let parameter = Parameter(name: description.name, value: try value(description))
      if description.role == .bias { biases.append(parameter) } else { weights.append(parameter) }
    }
    precondition(
      !weights.isEmpty && weights.count == biases.count,
      "\(weights.count) weights and \(biases.count) biases of sub-heads")
  }

  private var clusters: Int { biases[0].value.shape[0] }
  /// Numbers in a map.
  private var mapSize: Int { weights[0].value.count / clusters }

  /// Probabilities [n, s, k] of features [n, h, w, c].
  func forward(_ features: Tensor, on workers: Workers) -> Tensor {
    Softmax.forward(logits(features, on: workers), on: workers)
  }

  /// What the softmax takes [n, s, k], of features [n, h, w, c].
  func logits(_ features: Tensor, on workers: Workers) -> Tensor {
    var logits = Tensor.product(rows(of: features), joinedWeight, on: workers)
    logits.addToRows(
      Tensor(subHeads: biases.map(\.value)).reshaped(to: [weights.count * clusters]), on: workers)
    return logits.reshaped(to: [features.shape[0], weights.count, clusters])
  }

  /// Adds the weights' and biases' gradients for that of the probabilities `output`, both
  /// [n, s, k], and returns that of the features.
  mutating func backward(
    _ outputGradient: Tensor, output: Tensor, features: Tensor, on workers: Workers
  ) -> Tensor {
    let images = features.shape[0]
    let logitGradient = Softmax.inputGradient(outputGradient, output: output, on: workers)
      .reshaped(to: [images, weights.count * clusters])
    let weightGradient = Tensor.product(
      rows(of: features), transposed: true, logitGradient, on: workers
    ).reshaped(to: Array(weights[0].value.shape.dropLast()) + [weights.count, clusters])
    let biasGradient = Tensor.product(
      Tensor(shape: [1, images], repeating: 1), logitGradient, on: workers
    ).reshaped(to: [weights.count, clusters])
    for index in weights.indices {
      weights[index].addToGradient(weightGradient.subHead(index), on: workers)
      biases[index].addToGradient(biasGradient.subHead(index), on: workers)
    }
    return Tensor.product(
      logitGradient, transposed: false, joinedWeight, transposed: true, on: workers
    )
    .reshaped(to: features.shape)
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    for index in weights.indices {
      try body(&weights[index])
      try body(&biases[index])
    }
  }

  /// A map a row.
  private func rows(of features: Tensor) -> Tensor {
    precondition(
      features.shape.count == 4 && features.shape.dropFirst() == weights[0].value.shape.dropLast(),
      "features \(features.shape) for a head of weights \(weights[0].value.shape)")
    return features.reshaped(to: [features.shape[0], mapSize])
  }

  /// [h · w · c, s · k].
  private var joinedWeight: Tensor {
    Tensor(subHeads: weights.map(\.value)).reshaped(to: [mapSize, weights.count * clusters])
  }
}
