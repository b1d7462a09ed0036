import IIC
import Tensor
import TestSupport
import Testing

/// The training passes of ClusterNet5g and ClusterNet6c in Double, from named tensors as held in
/// memory.
private struct ReferenceClusterNetwork {
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

  private func features(_ x: ReferenceTensor) -> ReferenceTensor {
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
    for (layer, count) in [3, 4, 6, 3].enumerated() {
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

@Suite struct ClusterGradientTests {
  /// Each element tried of each tensor.
  static let tried = 3

  @Test(arguments: [ModelArchitecture.clusterNet6c, .clusterNet5g])
  func everyParametersGradientIsTheDifference(architecture: ModelArchitecture) throws {
    let isResidual = architecture == .clusterNet5g
    let size = isResidual ? 17 : 18
    let configuration = try ModelConfiguration(
      architecture: architecture, inputChannels: 2, inputSize: size, classes: 3, subHeads: 2,
      width: 0.03, batchNormTracking: true)
    var generator = SeededGenerator(seed: 5)
    var network = try ClusterNetwork(configuration: configuration, generator: &generator)
    // γ and β that differ from channel to channel, and heads that are sure of something.
    network.forEachParameter { parameter in
      let isHead = parameter.name.hasPrefix("head")
      guard isHead || parameter.value.shape.count == 1 else { return }
      for index in 0..<parameter.value.count {
        parameter.value[index] += generator.uniform(isHead ? -1...1 : -0.3...0.3)
      }
    }
    let shape = [4, size, size, 2]
    let first = ReferenceTensor.random(shape, seed: 6, in: 0...1)
    let second = ReferenceTensor.random(shape, seed: 7, in: 0...1).plus(first, scaledBy: 2)
    let lambda = 1.3

    func lossOfStep(_ tensors: [String: ReferenceTensor]) -> Double {
      let network = ReferenceClusterNetwork(tensors: tensors, isResidual: isResidual)
      return (0..<2).reduce(0) { sum, subHead in
        sum + ReferenceLoss.ofImages(
          network.probabilities(first, subHead: subHead),
          network.probabilities(second, subHead: subHead), lambda: lambda) / 2
      }
    }

    let losses = try TrainingStep<ClusterNetwork>(
      objectives: [HeadObjective(head: .clustering, loss: JointLoss(lambda: lambda))]
    ).addGradients(
      of: PairBatch(first: first.tensor, second: second.tensor), to: &network,
      on: Workers(threads: 2))
    let tensors = network.tensors.mapValues { ReferenceTensor($0) }
    expectClose(losses[0].mean.value, lossOfStep(tensors), absolute: 1e-6, relative: 1e-5)
    for parameter in network.parameters {
      let count = parameter.value.count
      let elements = Set((0..<Self.tried).map { min($0 * count / Self.tried + $0 % 2, count - 1) })
      let expected = CentralDifference.gradient(
        of: { moved in
          var tensors = tensors
          tensors[parameter.name] = moved
          return lossOfStep(tensors)
        }, at: tensors[parameter.name]!, elements: elements, step: 1e-6)
      let largest = ReferenceTensor(parameter.gradient).largestMagnitude
      #expect(largest > 1e-6)
      for element in elements.sorted() {
        expectClose(
          Double(parameter.gradient[element]), expected.values[element],
          absolute: 2e-4 * largest, relative: 2e-4, "\(parameter.name)[\(element)]")
      }
    }
  }
}
