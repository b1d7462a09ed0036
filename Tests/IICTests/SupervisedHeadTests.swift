import Foundation
import Tensor
import TestSupport
import Testing

@testable import IIC

@Suite struct SupervisedHeadTests {
  let workers = Workers(threads: 2)

  /// The golden head, its tensors turned from how they stand in a file to how they are in memory.
  private func head(_ golden: GoldenFile) throws -> SupervisedHead {
    try SupervisedHead(
      Self.descriptions,
      tensors: Dictionary(
        uniqueKeysWithValues: Self.descriptions.map {
          ($0.name, $0.inMemory(golden["before.\($0.name)"].tensor))
        }))
  }

  private static let descriptions = SupervisedHead.tensorDescriptions(
    channels: 4, side: 3, hiddenUnits: 6, classes: 3)

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
            Self.descriptions.first { $0.name == parameter.name })
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
    for description in Self.descriptions where description.name != "head.0.bias" {
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

  private func network(seed: UInt64 = 5) throws -> SupervisedNetwork {
    let configuration = try ModelConfiguration(
      architecture: .clusterNet5gTwoHead, inputChannels: 2, inputSize: 17, classes: 3,
      overclusters: 6, subHeads: 2, width: 0.03, batchNormTracking: true)
    var generator = SeededGenerator(seed: seed)
    let trunk = try ClusterNetwork(configuration: configuration, generator: &generator)
    return try SupervisedNetwork(trunkOf: trunk, classes: 3, generator: &generator)
  }

  @Test func `gradients of trunk and head are the differences`() throws {
    var network = try network()
    var generator = SeededGenerator(seed: 9)
    // Normalisations that differ from channel to channel, and a head that is sure of something.
    network.forEachParameter { parameter in
      let isHead = parameter.name.hasPrefix("head")
      guard isHead || parameter.value.shape.count == 1 else { return }
      for index in 0..<parameter.value.count {
        parameter.value[index] += generator.uniform(isHead ? -0.5...0.5 : -0.3...0.3)
      }
    }
    let images = ReferenceTensor.random([5, 17, 17, 2], seed: 6, in: 0...1)
    let labels: [UInt8] = [0, 1, 2, 1, 0]

    func lossOfStep(_ tensors: [String: ReferenceTensor]) -> Double {
      let features = ReferenceClusterNetwork(tensors: tensors, isResidual: true)
        .features(images, groups: 3)
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
    let tensors = network.tensors.mapValues { ReferenceTensor($0) }
    expectClose(result.loss, lossOfStep(tensors), absolute: 1e-5, relative: 1e-5)
    var tried = 0
    for parameter in network.parameters
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
    #expect(tried > 100)
    let untouched = network.parameters.filter { !$0.hasGradient }.map(\.name)
    #expect(!untouched.isEmpty && untouched.allSatisfy { $0.hasPrefix("trunk.layer4") })
  }

  @Test func `each part moves by its own optimiser, and goes on from a state`() throws {
    var network = try network()
    let before = network.parameters
    let images = ReferenceTensor.random([4, 17, 17, 2], seed: 6, in: 0...1).tensor
    var optimisers = SupervisedOptimisers()
    func step(_ network: inout SupervisedNetwork, _ optimisers: inout SupervisedOptimisers) throws {
      _ = try network.step(
        images, labels: [0, 1, 0, 2], optimisers: &optimisers, on: workers)
    }
    try step(&network, &optimisers)
    func largestMove(_ name: String) throws -> Double {
      let pair = try #require(zip(network.parameters, before).first { $0.0.name == name })
      return zip(pair.0.value.values, pair.1.value.values).map { Double(abs($0 - $1)) }.max() ?? 0
    }
    // Adam's first step is the learning rate's, whatever the gradient.
    expectClose(try largestMove("head.3.weight"), 1e-3, absolute: 2e-5, relative: 0)
    expectClose(
      try largestMove("trunk.layer3.0.conv1.weight"), 1e-4, absolute: 5e-6, relative: 0)
    #expect(try largestMove("trunk.layer4.0.conv1.weight") == 0)

    let folder = try TemporaryFolder()
    let path = folder.path("state.safetensors")
    try TrainingState(
      of: network, optimisers: optimisers, completedEpochs: 1,
      generator: SeededGenerator(seed: 1), seed: 1, threads: 2, lowestLoss: 0.5,
      highestAccuracy: nil
    ).write(to: path)
    let state = try TrainingState(reading: path)
    var resumed = try SupervisedNetwork(
      configuration: network.configuration, tensors: state.tensors)
    var resumedOptimisers = try resumed.optimisers(in: state, trunkLearningRate: 1e-4)
    try step(&network, &optimisers)
    try step(&resumed, &resumedOptimisers)
    #expect(resumed.parameters.map(\.value.values) == network.parameters.map(\.value.values))
    #expect(resumed.buffers.map(\.value.values) == network.buffers.map(\.value.values))

    var broken = images
    broken[3] = .nan
    let weights = network.parameters.map(\.value.values)
    #expect(throws: IICError.self) {
      try network.step(broken, labels: [0, 1, 0, 1], optimisers: &optimisers, on: workers)
    }
    #expect(network.parameters.map(\.value.values) == weights)
  }

  @Test func `a model file holds it, and other networks refuse it`() throws {
    let network = try network()
    let bytes = try ModelFile(
      configuration: network.configuration, tensors: network.tensors,
      bands: [
        BandScaling(name: "one", offset: 0, scale: 255),
        BandScaling(name: "two", offset: 0, scale: 255),
      ]
    ).serialised()
    let file = try ModelFile(bytes: bytes)
    #expect(file.configuration == network.configuration)
    #expect(file.configuration.architecture == .supHead5 && file.configuration.classes == 3)
    let back = try SupervisedNetwork(configuration: file.configuration, tensors: file.tensors)
    let x = ReferenceTensor.random([2, 17, 17, 2], seed: 6, in: 0...1).tensor
    #expect(back.logits(x, on: workers).values == network.logits(x, on: workers).values)
    let weight = try #require(try Safetensors(bytes: bytes).tensors["head.0.weight"])
    #expect(weight.shape == [61, 8 * 3 * 3])
    #expect(throws: IICError.self) {
      try ClusterNetwork(configuration: file.configuration, tensors: file.tensors)
    }
    var generator = SeededGenerator(seed: 1)
    let deep = try ClusterNetwork(
      configuration: ModelConfiguration(
        architecture: .clusterNet6c, inputChannels: 2, inputSize: 24, classes: 3, subHeads: 1,
        width: 0.03, batchNormTracking: true), generator: &generator)
    #expect(throws: IICError.self) {
      try SupervisedNetwork(trunkOf: deep, classes: 3, generator: &generator)
    }
    #expect(throws: IICError.self) {
      try ModelConfiguration(
        architecture: .supHead5, inputChannels: 2, inputSize: 17, classes: 3, subHeads: 2,
        batchNormTracking: true)
    }
  }
}
