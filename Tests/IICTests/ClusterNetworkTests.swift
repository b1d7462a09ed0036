import Foundation
import IIC
import Tensor
import TestSupport
import Testing

@Suite struct ClusterNetworkTests {
  let workers = Workers(threads: 2)
  static let architectures: [ModelArchitecture] = [
    .clusterNet5g, .clusterNet5gTwoHead, .clusterNet6c, .clusterNet6cTwoHead,
  ]

  static func configuration(
    _ architecture: ModelArchitecture, tracking: Bool = true, inputSize: Int = 32,
    width: Double = 0.03, channels: Int = 2
  ) throws -> ModelConfiguration {
    try ModelConfiguration(
      architecture: architecture, inputChannels: channels, inputSize: inputSize, classes: 4,
      overclusters: architecture.hasTwoHeads ? 7 : nil, subHeads: 3, width: width,
      batchNormTracking: tracking)
  }

  static func random(
    _ configuration: ModelConfiguration, seed: UInt64 = 1
  ) throws -> ClusterNetwork {
    var generator = SeededGenerator(seed: seed)
    return try ClusterNetwork(configuration: configuration, generator: &generator)
  }

  @Test(arguments: architectures)
  func hasTheDescribedTensors(architecture: ModelArchitecture) throws {
    for tracking in [true, false] {
      let configuration = try Self.configuration(architecture, tracking: tracking)
      let network = try Self.random(configuration)
      let described = configuration.tensorDescriptions
      #expect(
        network.tensors.mapValues(\.shape)
          == Dictionary(uniqueKeysWithValues: described.map { ($0.name, $0.shape) }))
      let isBuffer = { (role: ModelTensor.Role) in role == .runningMean || role == .runningVariance
      }
      #expect(
        network.parameters.map(\.name) == described.filter { !isBuffer($0.role) }.map(\.name))
      #expect(
        network.buffers.map(\.name) == described.filter { isBuffer($0.role) }.map(\.name))
      #expect(network.buffers.isEmpty == !tracking)
    }
  }

  @Test func namesAndShapesAreThePublishedOnes() throws {
    func shapes(_ architecture: ModelArchitecture, _ size: Int) throws -> [String: [Int]] {
      let configuration = try ModelConfiguration(
        architecture: architecture, inputChannels: 2, inputSize: size, classes: 10,
        overclusters: architecture.hasTwoHeads ? 70 : nil, subHeads: 5, batchNormTracking: true)
      return Dictionary(
        uniqueKeysWithValues: configuration.tensorDescriptions.map { ($0.name, $0.fileShape) })
    }
    let residual = try shapes(.clusterNet5gTwoHead, 32)
    #expect(residual["trunk.conv1.weight"] == [64, 2, 3, 3])
    #expect(residual["trunk.bn1.running_var"] == [64])
    #expect(residual["trunk.layer1.0.downsample.0.weight"] == nil)
    #expect(residual["trunk.layer2.0.conv1.weight"] == [128, 64, 3, 3])
    #expect(residual["trunk.layer2.0.downsample.0.weight"] == [128, 64, 1, 1])
    #expect(residual["trunk.layer2.0.downsample.1.bias"] == [128])
    #expect(residual["trunk.layer3.5.bn2.weight"] == [256])
    #expect(residual["trunk.layer4.2.conv2.weight"] == [512, 512, 3, 3])
    #expect(residual["trunk.layer4.3.conv1.weight"] == nil)
    #expect(residual["head_A.heads.4.0.weight"] == [70, 512])
    #expect(residual["head_B.heads.0.0.bias"] == [10])
    // conv1 and bn1; 16 blocks of two convolutions and norms; 3 projections; heads.
    #expect(residual.count == 5 + 16 * 10 + 3 * 5 + 2 * 5 * 2)
    let deep = try shapes(.clusterNet6c, 24)
    #expect(deep["trunk.features.0.weight"] == [64, 2, 5, 5])
    #expect(deep["trunk.features.4.weight"] == [128, 64, 5, 5])
    #expect(deep["trunk.features.8.weight"] == [256, 128, 5, 5])
    #expect(deep["trunk.features.12.weight"] == [512, 256, 5, 5])
    #expect(deep["trunk.features.13.running_mean"] == [512])
    #expect(deep["head.heads.0.0.weight"] == [10, 512 * 3 * 3])
    #expect(try shapes(.clusterNet6c, 64)["head.heads.0.0.weight"] == [10, 512 * 8 * 8])
    #expect(try shapes(.clusterNet5g, 96)["head.heads.0.0.weight"] == [10, 512])
  }

  @Test func beginsAsPublished() throws {
    // Kaiming's variance is of the input in ClusterNet6c, of the output in ClusterNet5g; linear
    // weights have deviation 0.01. All within five standard errors.
    func expectVariance(_ tensor: Tensor?, _ expected: Double) throws {
      let values = try #require(tensor).values.map { Double($0) }
      let count = Double(values.count)
      let variance = values.reduce(0) { $0 + $1 * $1 } / count
      #expect(abs(variance / expected - 1) < 5 * (2 / count).squareRoot())
      #expect(abs(values.reduce(0, +) / count) < 5 * (expected / count).squareRoot())
    }
    let deep = try Self.random(
      Self.configuration(.clusterNet6c, inputSize: 24, width: 0.25)
    ).tensors
    try expectVariance(deep["trunk.features.4.weight"], 2.0 / (25 * 16))
    try expectVariance(deep["head.heads.1.0.weight"], 1e-4)
    #expect(deep["head.heads.1.0.bias"]!.values.allSatisfy { $0 == 0 })
    let residual = try Self.random(Self.configuration(.clusterNet5g, width: 0.25)).tensors
    try expectVariance(residual["trunk.layer2.0.conv1.weight"], 2.0 / (9 * 32))
    try expectVariance(residual["trunk.layer2.0.downsample.0.weight"], 2.0 / 32)
    try expectVariance(residual["head.heads.1.0.weight"], 1e-4)
    #expect(residual["trunk.layer2.0.bn2.weight"]!.values.allSatisfy { $0 == 1 })
    #expect(residual["trunk.layer2.0.bn2.bias"]!.values.allSatisfy { $0 == 0 })
    #expect(residual["trunk.layer2.0.downsample.1.running_var"]!.values.allSatisfy { $0 == 1 })
  }

  @Test(arguments: GoldenClusterNetwork.allCases)
  func outputsAgreeWithAnotherImplementation(golden: GoldenClusterNetwork) throws {
    let file = try GoldenFile("cluster_networks")
    let network = try golden.network()
    let view = try golden.batch().first
    for head in HeadName.allCases {
      let all = network.probabilities(view, head: head, on: workers)
      #expect(all.shape == [4, 2, network.clusters(of: head)])
      for subHead in 0..<2 {
        expectClose(
          network.probabilities(view, head: head, subHead: subHead, on: workers),
          file["\(golden.rawValue).evaluation.head_\(head.rawValue).\(subHead)"], absolute: 2e-5,
          relative: 0, "head \(head.rawValue), sub-head \(subHead)")
      }
    }
    let untracked = try golden.network(tracking: false)
    expectClose(
      untracked.probabilities(view, head: .clustering, subHead: 0, on: workers),
      file["\(golden.rawValue).untracked.head_B.0"], absolute: 2e-5, relative: 0)
  }

  @Test func penultimateFeaturesAgreeWithAnotherImplementation() throws {
    let network = try GoldenClusterNetwork.net5g.network()
    let view = try GoldenClusterNetwork.net5g.batch().first
    let features = network.features(view, at: .penultimate, on: workers)
    #expect(features.shape == [4, 5, 5, 256])
    let samples = try GoldenFile("cluster_networks")["net5g.penultimate"].values
    let count = samples.count - 1
    expectClose(
      [ReferenceTensor(features).largestMagnitude]
        + (0..<count).map { Double(features[$0 * features.count / count]) },
      samples.map { Double($0) }, absolute: 1e-4 * Double(samples[0]), relative: 0)
  }

  @Test(arguments: [(ModelArchitecture.clusterNet5g, 96, 1), (.clusterNet6c, 24, 3)])
  func featuresAreWhatTheHeadsRead(
    architecture: ModelArchitecture, size: Int, side: Int
  ) throws {
    let network = try Self.random(Self.configuration(architecture, inputSize: size))
    let image = ReferenceTensor.random([2, size, size, 2], seed: 3).tensor
    #expect(network.features(image, at: .trunk, on: workers).shape == [2, side, side, 15])
  }

  @Test func oneHeadAnswersAsHeadBDoes() throws {
    let two = try Self.random(Self.configuration(.clusterNet6cTwoHead, inputSize: 24))
    let renamed = two.tensors.map { ($0.replacingOccurrences(of: "head_B", with: "head"), $1) }
    let one = try ClusterNetwork(
      configuration: Self.configuration(.clusterNet6c, inputSize: 24),
      tensors: Dictionary(uniqueKeysWithValues: renamed))
    let image = ReferenceTensor.random([3, 24, 24, 2], seed: 3).tensor
    #expect(one.heads == [.clustering])
    #expect(
      one.probabilities(image, head: .clustering, on: workers).values
        == two.probabilities(image, head: .clustering, on: workers).values)
  }

  @Test func wrongArchitecturesAndTensorsAreRefused() throws {
    let dense = try GoldenNetwork.configuration()
    #expect(throws: IICError.self) { try Self.random(dense) }
    let configuration = try Self.configuration(.clusterNet5g)
    var tensors = try Self.random(configuration).tensors
    tensors["trunk.layer3.0.downsample.0.weight"] = nil
    let missing = #expect(throws: IICError.self) {
      try ClusterNetwork(configuration: configuration, tensors: tensors)
    }
    #expect(missing?.reason.contains("trunk.layer3.0.downsample.0.weight") == true)
  }

  @Test(arguments: GoldenClusterNetwork.allCases)
  func modelFilesHoldThePublishedLayout(golden: GoldenClusterNetwork) throws {
    let network = try golden.network()
    let names = golden == .net6c ? ["grey"] : ["down", "across"]
    let model = try ModelFile(
      configuration: network.configuration, tensors: network.tensors,
      bands: names.map { try BandScaling(name: $0, offset: 0, scale: 255) })
    let folder = try TemporaryFolder()
    try model.write(to: folder.path("model.safetensors"))
    // Read by code that knows nothing of layouts: what the formula gave, in the file's own order.
    let file = try GoldenFile("model", in: folder.url)
    let expected = try golden.fileTensors()
    #expect(file.tensors.count == expected.count)
    for (name, values) in expected {
      #expect(file[name].shape == values.shape)
      #expect(file[name].values == values.values.map { Float($0) }, "\(name)")
    }
    let back = try ModelFile(reading: folder.path("model.safetensors"))
    #expect(back.configuration == network.configuration)
    #expect(back.tensors.mapValues(\.values) == network.tensors.mapValues(\.values))
  }

  @Test func misshapenModelFilesAreRefused() throws {
    let configuration = try Self.configuration(.clusterNet6c, inputSize: 24)
    let model = try ModelFile(
      configuration: configuration, tensors: Self.random(configuration).tensors,
      bands: [
        BandScaling(name: "a", offset: 0, scale: 1), BandScaling(name: "b", offset: 0, scale: 1),
      ])
    func refusal(_ change: (inout Safetensors) -> Void) throws -> IICError? {
      var contents = try Safetensors(bytes: model.serialised())
      change(&contents)
      let bytes = try contents.serialised()
      return #expect(throws: IICError.self) { try ModelFile(bytes: bytes) }
    }
    // A linear layer's weights in a convolution's shape, as many numbers as there should be.
    let shape = try refusal {
      $0.tensors["head.heads.0.0.weight"] = Tensor(shape: [4, 15, 3, 3])
    }
    #expect(shape?.reason.contains("[4, 15, 3, 3], not [4, 135]") == true)
    let bias = try refusal { $0.tensors["head.heads.2.0.bias"] = nil }
    #expect(bias?.reason.contains("`head.heads.2.0.bias` is missing") == true)
    let keys = try refusal { $0.metadata = [:] }
    #expect(keys?.remedy.contains("`ClusterNet6c`") == true)
  }
}
