// The tensors of the networks that tell whole images apart.

extension ModelConfiguration {
  /// ClusterNet5g's groups of residual blocks: the published channels, how many blocks, and the
  /// first block's stride.
  static let residualGroups: [(channels: Int, blocks: Int, stride: Int)] = [
    (64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2),
  ]

  /// Side, in cells, of the map that a head reads: ClusterNet6c's input after three poolings by
  /// two, ClusterNet5g's mean over its whole last map.
  var headMapSide: Int {
    switch architecture {
    case .clusterNet6c, .clusterNet6cTwoHead: inputSize / 2 / 2 / 2
    default: 1
    }
  }

  /// ClusterNet6c's trunk.
  var deepTrunkTensors: [ModelTensor] {
    featureTensors([64, nil, 128, nil, 256, nil, 512], kernelSize: 5)
  }

  /// ClusterNet5g's trunk.
  var residualTrunkTensors: [ModelTensor] {
    var channels = scaledChannels(64)
    var descriptions = block(
      convolution: "trunk.conv1", normalisation: "trunk.bn1", from: inputChannels, to: channels,
      kernelSize: 3)
    for (index, group) in Self.residualGroups.enumerated() {
      let outputs = scaledChannels(group.channels)
      for number in 0..<group.blocks {
        let name = "trunk.layer\(index + 1).\(number)"
        descriptions += block(
          convolution: "\(name).conv1", normalisation: "\(name).bn1", from: channels, to: outputs,
          kernelSize: 3)
        descriptions += block(
          convolution: "\(name).conv2", normalisation: "\(name).bn2", from: outputs, to: outputs,
          kernelSize: 3)
        if number == 0 && group.stride > 1 {
          descriptions += block(
            convolution: "\(name).downsample.0", normalisation: "\(name).downsample.1",
            from: channels, to: outputs, kernelSize: 1)
        }
        channels = outputs
      }
    }
    return descriptions
  }

  /// The heads: linear layers with bias.
  var linearHeadTensors: [ModelTensor] {
    headClusters.flatMap { head, clusters in
      (0..<subHeads).flatMap { subHead in
        let name = "\(head).heads.\(subHead).0"
        return [
          ModelTensor(
            linear: "\(name).weight", fromMapsOf: scaledChannels(512), side: headMapSide,
            to: clusters),
          ModelTensor(name: "\(name).bias", role: .bias, count: clusters),
        ]
      }
    }
  }
}
