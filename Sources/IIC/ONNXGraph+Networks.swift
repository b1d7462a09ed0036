internal import Tensor

// n images, c channels, h rows, w columns (NCHW); k clusters or classes.

extension ONNXGraph {
  /// What a block gives [n, out, h', w'] of x [n, in, h, w] in inference.
  mutating func block(_ x: Value, _ block: ConvolutionBlock) -> Value {
    let convolved = convolution(x, block.convolution, block.weight)
    var result = normalisation(
      convolved, scale: block.scale, shift: block.shift, running: block.running)
    if block.isRectified { result = rectified(result) }
    return block.pooling.map { maxPooling(result, $0) } ?? result
  }

  /// What a sequence of blocks gives.
  mutating func sequence(_ x: Value, _ sequence: ConvolutionSequence) -> Value {
    sequence.blocks.reduce(x) { block($0, $1) }
  }

  /// What a residual block gives.
  mutating func residualBlock(_ x: Value, _ block: ResidualBlock) -> Value {
    let branch = self.block(self.block(x, block.first), block.second)
    let shortcut = block.shortcut.map { self.block(x, $0) } ?? x
    return rectified(add("Add", [branch, shortcut], name: "\(branch.name).sum"))
  }

  /// The features that heads read, of a trunk for whole images.
  mutating func trunk(_ x: Value, _ trunk: ClusterTrunk, to depth: FeatureDepth) -> Value {
    var features = sequence(x, trunk.stem)
    for group in trunk.groupsUsed(for: depth) {
      for block in trunk.groups[group] { features = residualBlock(features, block) }
    }
    return trunk.averages(at: depth)
      ? add("GlobalAveragePool", [features], name: "trunk.average") : features
  }

  /// What SupHead5 gives [n, k] of features [n, c, h, w], before the softmax.
  mutating func supervisedHead(_ features: Value, _ head: SupervisedHead) -> Value {
    let hidden = linear(
      features, weight: head.hiddenLayer.weights[0], bias: head.hiddenLayer.bias)
    let normal = normalisation(
      hidden, scale: head.scale, shift: head.shift, running: head.running)
    return linear(
      rectified(normal), weight: head.outputLayer.weights[0], bias: head.outputLayer.bias)
  }

  /// The probabilities of one sub-head's clusters at the trunk's cells of channels.
  mutating func cellProbabilities(
    _ channels: Value, _ network: SegmentationNetwork, head: HeadName, subHead: Int
  ) -> Value {
    let weight = network.head(head).weights[subHead]
    let convolution = Convolution(
      inputChannels: weight.value.shape[2], outputChannels: weight.value.shape[3], kernelSize: 1,
      padding: 0)
    let features = sequence(channels, network.trunk)
    return softmax(self.convolution(features, convolution, weight), name: "cells")
  }

  /// The softmax over the channels or clusters, axis 1.
  mutating func softmax(_ x: Value, name: String) -> Value {
    add("Softmax", [x], name: name, ["axis": .integer(1)])
  }
}
