import Foundation
import Tensor
import TestSupport
import Testing

@testable import IIC

@Suite struct SupervisedHeadTests {
  let workers = Workers(threads: 2)

  /// The golden head, its tensors turned from how they stand in a file to how they are in memory.
  private func head(_ golden: GoldenFile) throws -> SupervisedHead {
    var generator = SeededGenerator(seed: 0)
    let descriptions = SupervisedHead(
      featureShape: [3, 3, 4], classes: 3, hiddenUnits: 6, generator: &generator
    ).tensorDescriptions
    return try SupervisedHead(
      featureShape: [3, 3, 4], classes: 3, hiddenUnits: 6,
      tensors: Dictionary(
        uniqueKeysWithValues: descriptions.map {
          ($0.name, $0.inMemory(golden["before.\($0.name)"].tensor))
        }))
  }

  @Test func `passes and steps agree with another implementation`() throws {
    let golden = try GoldenFile("supervised_head")
    var head = try head(golden)
    let labels = golden["labels"].values.map { UInt8($0) }
    var optimiser = AdamOptimiser(learningRate: 1e-3)
    for step in 0..<3 {
      head.zeroGradients(on: workers)
      let (logits, tape) = head.forward(golden["features_\(step)"].tensor, on: workers)
      let (loss, gradient, _) = CrossEntropyLoss.evaluate(logits, labels: labels)
      expectClose(
        loss, Double(golden["losses"].values[step]), absolute: 1e-6, relative: 1e-5,
        "step \(step)")
      let featureGradient = head.backward(gradient, through: tape, on: workers)
      if step == 0 {
        expectClose(logits, golden["logits"].tensor, absolute: 1e-5, relative: 1e-5)
        expectClose(
          featureGradient, golden["feature_gradient"].tensor, absolute: 1e-6, relative: 1e-4)
        for parameter in head.parameters {
          let description = try #require(
            head.tensorDescriptions.first { $0.name == parameter.name })
          // What normalisation takes off again has no gradient but rounding.
          expectClose(
            description.inFile(parameter.gradient),
            golden["gradient.\(parameter.name)"].tensor, absolute: 1e-6, relative: 1e-4,
            parameter.name)
        }
      }
      optimiser.step(&head, on: workers)
    }
    let tensors = head.tensors
    for description in head.tensorDescriptions where description.name != "head.0.bias" {
      let tensor = try #require(tensors[description.name])
      expectClose(
        description.inFile(tensor), golden["after.\(description.name)"].tensor, absolute: 1e-5,
        relative: 1e-5, description.name)
    }
    // The bias before a normalisation moves by the signs of rounding, which inference feels.
    expectClose(
      head.logits(golden["features_2"].tensor, on: workers), golden["evaluation"].tensor,
      absolute: 2e-2, relative: 0)
  }

  @Test func `the cross-entropy's gradient is the difference`() {
    let logits = ReferenceTensor.random([5, 4], seed: 3, in: -3...3)
    let labels: [UInt8] = [0, 3, 1, 1, 2]
    func loss(_ logits: ReferenceTensor) -> Double {
      (0..<5).reduce(0.0) { sum, image in
        let row = (0..<4).map { exp(logits[image, $0]) }
        return sum - log(row[Int(labels[image])] / row.reduce(0, +)) / 5
      }
    }
    let result = CrossEntropyLoss.evaluate(logits.tensor, labels: labels)
    expectClose(result.loss, loss(logits), absolute: 1e-6, relative: 1e-6)
    expectClose(
      ReferenceTensor(result.gradient), CentralDifference.gradient(of: loss, at: logits),
      absolute: 1e-7, relative: 1e-5)
    let expected = (0..<5).count { image in
      (0..<4).allSatisfy { logits[image, $0] <= logits[image, Int(labels[image])] }
    }
    #expect(result.right == expected)
    // Logits beyond the range of exp are no harm.
    let far = CrossEntropyLoss.evaluate(
      Tensor(shape: [1, 2], values: [-2000, 2000]), labels: [0])
    #expect(far.loss == 4000 && far.gradient.values == [-1, 1])
  }

  @Test(arguments: [ModelArchitecture.clusterNet6c, .clusterNet5g])
  func `gradients of trunk and head are the differences`(architecture: ModelArchitecture) throws {
    let isResidual = architecture == .clusterNet5g
    let size = isResidual ? 17 : 18
    let configuration = try ModelConfiguration(
      architecture: architecture, inputChannels: 2, inputSize: size, classes: 3, subHeads: 1,
      width: 0.03, batchNormTracking: true)
    var generator = SeededGenerator(seed: 5)
    var trunk = try ClusterNetwork(configuration: configuration, generator: &generator)
    trunk.forEachParameter { parameter in
      guard parameter.value.shape.count == 1 else { return }
      for index in 0..<parameter.value.count {
        parameter.value[index] += generator.uniform(-0.3...0.3)
      }
    }
    let depth: FeatureDepth = isResidual ? .penultimate : .trunk
    let shape = SupervisedNetwork.featureShape(of: trunk, at: depth, on: workers)
    var head = SupervisedHead(
      featureShape: shape, classes: 3, hiddenUnits: 5, generator: &generator)
    head.forEachParameter { parameter in
      for index in 0..<parameter.value.count {
        parameter.value[index] += generator.uniform(-0.5...0.5)
      }
    }
    var network = SupervisedNetwork(trunk: trunk, depth: depth, head: head)
    let images = ReferenceTensor.random([5, size, size, 2], seed: 6, in: 0...1)
    let labels: [UInt8] = [0, 1, 2, 1, 0]

    func lossOfStep(_ tensors: [String: ReferenceTensor]) -> Double {
      let features = ReferenceClusterNetwork(tensors: tensors, isResidual: isResidual)
        .features(images, groups: isResidual ? 3 : 4)
      func linear(_ x: ReferenceTensor, _ name: String) -> ReferenceTensor {
        let bias = tensors["\(name).bias"]!
        var y = ReferenceConvolution(padding: 0).forward(x, weight: tensors["\(name).weight"]!)
        for index in y.values.indices { y.values[index] += bias.values[index % bias.count] }
        return y
      }
      let hidden = ReferenceBatchNormalisation.forward(
        linear(features, "head.0"), scale: tensors["head.1.weight"]!,
        shift: tensors["head.1.bias"]!, rectified: true)
      let probabilities = ReferenceSoftmax.forward(linear(hidden, "head.3").reshaped(to: [5, 3]))
      return labels.enumerated().reduce(0.0) {
        $0 - log(probabilities[$1.offset, Int($1.element)]) / 5
      }
    }

    let result = try network.addGradients(images.tensor, labels: labels, on: workers)
    var tensors = network.trunk.tensors.mapValues { ReferenceTensor($0) }
    for (name, tensor) in network.head.tensors { tensors[name] = ReferenceTensor(tensor) }
    expectClose(result.loss, lossOfStep(tensors), absolute: 1e-5, relative: 1e-5)
    var tried = 0
    for parameter in network.trunk.parameters + network.head.parameters
    where parameter.hasGradient && parameter.name != "head.0.bias" {
      let count = parameter.value.count
      let elements = Set((0..<3).map { min($0 * count / 3 + $0 % 2, count - 1) })
      let expected = CentralDifference.gradient(
        of: { moved in
          var tensors = tensors
          tensors[parameter.name] = moved
          return lossOfStep(tensors)
        }, at: tensors[parameter.name]!, elements: elements, step: 1e-6)
      let largest = ReferenceTensor(parameter.gradient).largestMagnitude
      for element in elements {
        expectClose(
          Double(parameter.gradient[element]), expected.values[element],
          absolute: 3e-4 * largest, relative: 3e-4, "\(parameter.name)[\(element)]")
        tried += 1
      }
    }
    #expect(tried > 30)
    let untouched = network.trunk.parameters.filter { !$0.hasGradient }.map(\.name)
    #expect(
      untouched.allSatisfy { $0.hasPrefix("head") || $0.hasPrefix("trunk.layer4") },
      "\(untouched)")
  }

  @Test func `each part moves by its own optimiser`() throws {
    let configuration = try ModelConfiguration(
      architecture: .clusterNet5g, inputChannels: 2, inputSize: 17, classes: 3, subHeads: 1,
      width: 0.03, batchNormTracking: true)
    var generator = SeededGenerator(seed: 5)
    let trunk = try ClusterNetwork(configuration: configuration, generator: &generator)
    var network = SupervisedNetwork(
      trunk: trunk, depth: .penultimate, classes: 2, hiddenUnits: 8, generator: &generator,
      on: workers)
    let before = (network.trunk.parameters, network.head.parameters)
    let images = ReferenceTensor.random([4, 17, 17, 2], seed: 6, in: 0...1).tensor
    var headOptimiser = AdamOptimiser(learningRate: 1e-3)
    var trunkOptimiser = AdamOptimiser(learningRate: 1e-4)
    _ = try network.step(
      images, labels: [0, 1, 0, 1], headOptimiser: &headOptimiser,
      trunkOptimiser: &trunkOptimiser, on: workers)
    func largestMove(_ after: [Parameter], _ before: [Parameter], _ name: String) -> Double {
      let pair = zip(after, before).first { $0.0.name == name }!
      return zip(pair.0.value.values, pair.1.value.values).map { Double(abs($0 - $1)) }.max() ?? 0
    }
    // Adam's first step is the learning rate's, whatever the gradient.
    expectClose(
      largestMove(network.head.parameters, before.1, "head.3.weight"), 1e-3, absolute: 2e-5,
      relative: 0)
    expectClose(
      largestMove(network.trunk.parameters, before.0, "trunk.layer3.0.conv1.weight"), 1e-4,
      absolute: 5e-6, relative: 0)
    #expect(largestMove(network.trunk.parameters, before.0, "trunk.layer4.0.conv1.weight") == 0)
    #expect(largestMove(network.trunk.parameters, before.0, "head.heads.0.0.weight") == 0)

    var broken = images
    broken[3] = .nan
    let weights = network.trunk.parameters.map(\.value.values)
    #expect(throws: IICError.self) {
      try network.step(
        broken, labels: [0, 1, 0, 1], headOptimiser: &headOptimiser,
        trunkOptimiser: &trunkOptimiser, on: workers)
    }
    #expect(network.trunk.parameters.map(\.value.values) == weights)
  }
}
