// The tensors that a network of each architecture has.

extension ModelConfiguration {
  /// Every tensor of the network in the order of the published state dict, from the input to the
  /// heads, A before B; after each convolution's weights γ, β and, with ``batchNormTracking``, the
  /// running mean and variance.
  public var tensorDescriptions: [ModelTensor] {
    switch architecture {
    case .segmentationNet10a, .segmentationNet10aTwoHead, .segmentationNet10aTrunk:
      segmentationTensors
    case .clusterNet5g, .clusterNet5gTwoHead: residualTrunkTensors + linearHeadTensors
    case .clusterNet6c, .clusterNet6cTwoHead: deepTrunkTensors + linearHeadTensors
    case .supHead5: residualTrunkTensors + supervisedHeadTensors
    }
  }

  /// The heads' names in tensors' names, and their clusters; A before B.
  var headClusters: [(name: String, clusters: Int)] {
    guard architecture.hasHeads else { return [] }
    return overclusters.map { [("head_A", $0), ("head_B", classes)] } ?? [("head", classes)]
  }

  /// The tensors of a convolution without bias and of the normalisation after it.
  func block(
    convolution: String, normalisation: String, from inputs: Int, to outputs: Int,
    kernelSize: Int
  ) -> [ModelTensor] {
    var block = [
      ModelTensor(
        convolution: "\(convolution).weight", from: inputs, to: outputs, kernelSize: kernelSize),
      ModelTensor(name: "\(normalisation).weight", role: .scale, count: outputs),
      ModelTensor(name: "\(normalisation).bias", role: .shift, count: outputs),
    ]
    if batchNormTracking {
      block += [
        ModelTensor(name: "\(normalisation).running_mean", role: .runningMean, count: outputs),
        ModelTensor(name: "\(normalisation).running_var", role: .runningVariance, count: outputs),
      ]
    }
    return block
  }

  /// The tensors of blocks of the VGG kind, of the published channels; nil is a max-pool.
  func featureTensors(_ published: [Int?], kernelSize: Int) -> [ModelTensor] {
    var descriptions: [ModelTensor] = []
    // Places in the published sequence: three a block (convolution, normalisation, ReLU), one for
    // the pooling.
    var place = 0
    var channels = inputChannels
    for published in published {
      guard let published else {
        place += 1
        continue
      }
      let outputs = scaledChannels(published)
      descriptions += block(
        convolution: "trunk.features.\(place)", normalisation: "trunk.features.\(place + 1)",
        from: channels, to: outputs, kernelSize: kernelSize)
      channels = outputs
      place += 3
    }
    return descriptions
  }

  private var segmentationTensors: [ModelTensor] {
    let trunk = featureTensors([64, 128, nil, 256, 256, 512, 512], kernelSize: 3)
    let heads = headClusters.flatMap { head, clusters in
      (0..<subHeads).map { subHead in
        ModelTensor(
          convolution: "\(head).heads.\(subHead).0.weight", from: scaledChannels(512), to: clusters,
          kernelSize: 1)
      }
    }
    return trunk + heads
  }
}
