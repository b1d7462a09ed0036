import IIC
import Tensor
import TestSupport
import Testing

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
