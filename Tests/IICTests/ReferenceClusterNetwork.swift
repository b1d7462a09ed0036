import TestSupport

/// The training passes of ClusterNet5g and ClusterNet6c in Double, from named tensors as held in
/// memory.
struct ReferenceClusterNetwork {
  var tensors: [String: ReferenceTensor]
  let isResidual: Bool

  private func block(
    _ x: ReferenceTensor, _ convolution: String, _ normalisation: String, padding: Int,
    stride: Int = 1, rectified: Bool = true
  ) -> ReferenceTensor {
    let convolved = ReferenceConvolution(padding: padding, stride: stride)
      .forward(x, weight: tensors["trunk.\(convolution).weight"]!)
    return ReferenceBatchNormalisation.forward(
      convolved, scale: tensors["trunk.\(normalisation).weight"]!,
      shift: tensors["trunk.\(normalisation).bias"]!, rectified: rectified)
  }

  /// What the heads read; `groups` fewer than four end before the mean.
  func features(_ x: ReferenceTensor, groups: Int = 4) -> ReferenceTensor {
    var activation = x
    guard isResidual else {
      for place in [0, 4, 8, 12] {
        activation = block(
          activation, "features.\(place)", "features.\(place + 1)", padding: 2)
        if place < 12 { activation = ReferencePooling(size: 2, stride: 2).maximum(activation) }
      }
      return activation
    }
    activation = ReferencePooling(size: 2, stride: 2, padding: 1)
      .maximum(block(activation, "conv1", "bn1", padding: 1))
    for (layer, count) in [3, 4, 6, 3].prefix(groups).enumerated() {
      for number in 0..<count {
        let name = "layer\(layer + 1).\(number)"
        let stride = layer > 0 && number == 0 ? 2 : 1
        let between = block(
          activation, "\(name).conv1", "\(name).bn1", padding: 1, stride: stride)
        let branch = block(
          between, "\(name).conv2", "\(name).bn2", padding: 1, rectified: false)
        let shortcut =
          stride == 1
          ? activation
          : block(
            activation, "\(name).downsample.0", "\(name).downsample.1", padding: 0,
            stride: stride, rectified: false)
        activation = branch.plus(shortcut).map { max(0, $0) }
      }
    }
    if groups < 4 { return activation }
    return ReferencePooling(size: activation.shape[1], stride: 1).average(activation)
  }

  /// A sub-head's probabilities [n, k]: the linear layer is a convolution over the whole map.
  func probabilities(_ x: ReferenceTensor, subHead: Int) -> ReferenceTensor {
    let name = "head.heads.\(subHead).0"
    let bias = tensors["\(name).bias"]!
    var logits = ReferenceConvolution(padding: 0)
      .forward(features(x), weight: tensors["\(name).weight"]!)
      .reshaped(to: [x.shape[0], bias.count])
    for index in logits.values.indices { logits.values[index] += bias.values[index % bias.count] }
    return ReferenceSoftmax.forward(logits)
  }
}
