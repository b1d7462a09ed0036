internal import Tensor

/// A head of SegmentationNet10a: s sub-heads, each a 1×1 convolution without bias and a softmax
/// over its k clusters. All sub-heads are computed as one product.
struct SegmentationHead: Sendable {
  /// A weight [1, 1, c, k] a sub-head.
  private(set) var weights: [Parameter]

  /// A head of these sub-heads' weights, of one shape.
  init(weights: [Parameter]) {
    precondition(
      !weights.isEmpty && weights.allSatisfy { $0.value.shape == weights[0].value.shape },
      "sub-heads of \(weights.map(\.value.shape))")
    self.weights = weights
  }

  private var inputChannels: Int { weights[0].value.shape[2] }
  private var clusters: Int { weights[0].value.shape[3] }

  /// Class probabilities [n, h + 2p, w + 2p, s, k] of features [n, h, w, c], p being `padding`.
  func forward(_ features: Tensor, padding: Int, on workers: Workers) -> Tensor {
    let logits = convolution(padding).forward(features, weight: joinedWeight, on: workers)
    let shape = logits.shape.dropLast() + [weights.count, clusters]
    return Softmax.forward(logits.reshaped(to: Array(shape)), on: workers)
  }

  /// Class probabilities [n, h, w, k] of one sub-head, without padding.
  func infer(_ features: Tensor, subHead: Int, on workers: Workers) -> Tensor {
    precondition(weights.indices.contains(subHead), "sub-head \(subHead) of \(weights.count)")
    let convolution = Convolution(
      inputChannels: inputChannels, outputChannels: clusters, kernelSize: 1, padding: 0)
    let logits = convolution.forward(features, weight: weights[subHead].value, on: workers)
    return Softmax.forward(logits, on: workers)
  }

  /// Adds the weights' gradients for that of the probabilities `output`, both [n, h', w', s, k],
  /// and returns that of the features.
  mutating func backward(
    _ outputGradient: Tensor, output: Tensor, features: Tensor, padding: Int, on workers: Workers
  ) -> Tensor {
    let convolution = convolution(padding)
    let logitGradient = Softmax.inputGradient(outputGradient, output: output, on: workers)
      .reshaped(to: Array(output.shape.dropLast(2) + [weights.count * clusters]))
    var weightGradient = Tensor(shape: convolution.weightShape)
    convolution.addWeightGradient(
      logitGradient, input: features, into: &weightGradient, on: workers)
    let bySubHead = weightGradient.reshaped(to: [1, 1, inputChannels, weights.count, clusters])
    for index in weights.indices {
      weights[index].gradient.add(bySubHead.subHead(index), on: workers)
      weights[index].hasGradient = true
    }
    return convolution.inputGradient(
      logitGradient, weight: joinedWeight, inputShape: features.shape, on: workers)
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    for index in weights.indices { try body(&weights[index]) }
  }

  /// One 1×1 convolution for all sub-heads.
  private func convolution(_ padding: Int) -> Convolution {
    Convolution(
      inputChannels: inputChannels, outputChannels: weights.count * clusters, kernelSize: 1,
      padding: padding)
  }

  private var joinedWeight: Tensor {
    Tensor(subHeads: weights.map(\.value))
      .reshaped(to: [1, 1, inputChannels, weights.count * clusters])
  }
}
