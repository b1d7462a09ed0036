public import Tensor

/// ClusterNet5g's trunk with a supervised head on its features: what semi-supervised training
/// fine-tunes (SupHead5, paper table 3).
///
/// As published, the head reads the map before the trunk's last group of residual blocks, which
/// takes no part and keeps its weights; the trunk's own heads are left behind.
///
/// n images, h rows, w columns, b bands (NHWC); k classes.
public struct SupervisedNetwork: ParameterisedNetwork {
  /// What fixes the network's tensors; of the architecture `SupHead5`.
  public let configuration: ModelConfiguration
  private(set) var trunk: ClusterTrunk
  private(set) var head: SupervisedHead

  /// The trunk of a clustering network with a new head of random weights.
  ///
  /// Throws an ``IICError`` unless the network is a ClusterNet5g with one head or two, and where
  /// there are not 2 to 255 classes.
  public init(
    trunkOf network: ClusterNetwork, classes: Int, generator: inout SeededGenerator
  ) throws {
    let source = network.configuration
    guard source.architecture.isResidual && source.architecture != .supHead5 else {
      throw ModelConfiguration.refusal(
        "\(source.architecture.rawValue) has no features before its last group of blocks",
        "use a ClusterNet5g model")
    }
    let configuration = try ModelConfiguration(
      architecture: .supHead5, inputChannels: source.inputChannels, inputSize: source.inputSize,
      classes: classes, subHeads: 1, width: source.width, sobel: source.sobel,
      includeRGB: source.includeRGB, batchNormTracking: source.batchNormTracking)
    let trunkTensors = network.tensors
    let headTensors = SupervisedHead(
      configuration.supervisedHeadTensors, generator: &generator
    ).tensors
    try self.init(
      configuration: configuration, tensors: trunkTensors.merging(headTensors) { $1 })
  }

  /// A network of the given tensors, by published name and as held in memory.
  ///
  /// Throws an ``IICError`` if one is missing or has another shape, or if the configuration is of
  /// another architecture.
  public init(configuration: ModelConfiguration, tensors: [String: Tensor]) throws {
    guard configuration.architecture == .supHead5 else {
      throw ModelConfiguration.refusal(
        "\(configuration.architecture.rawValue) has no supervised head", "use a SupHead5 model")
    }
    self.configuration = configuration
    trunk = try ClusterTrunk(residual: configuration.residualTrunkTensors) {
      try $0.value(in: tensors)
    }
    head = try SupervisedHead(configuration.supervisedHeadTensors, tensors: tensors)
  }

  /// The logits [n, k] of images [n, h, w, b] in inference.
  public func logits(_ x: Tensor, on workers: Workers) -> Tensor {
    head.logits(
      trunk.infer(configuration.channels(of: x, on: workers), to: .penultimate, on: workers),
      on: workers)
  }

  /// The probabilities [n, k] of images [n, h, w, b] in inference.
  public func probabilities(_ x: Tensor, on workers: Workers) -> Tensor {
    Softmax.forward(logits(x, on: workers), on: workers)
  }

  /// One step of training on labelled images [n, h, w, b]: cross-entropy, each part by its own
  /// optimiser. Returns the loss before the step and how many images were right.
  ///
  /// Throws an ``IICError`` if the loss, or what the network makes of the images, is not finite; the
  /// weights are then as they were.
  public mutating func step(
    _ x: Tensor, labels: [UInt8], optimisers: inout SupervisedOptimisers, on workers: Workers
  ) throws -> (loss: Double, right: Int) {
    let result = try addGradients(x, labels: labels, on: workers)
    optimisers.head.step(&head, on: workers)
    optimisers.trunk.step(&trunk, on: workers)
    return result
  }

  /// The step without its last part: sets the parameters' gradients (and moves running statistics).
  /// Throws as ``step(_:labels:optimisers:on:)`` does.
  mutating func addGradients(
    _ x: Tensor, labels: [UInt8], on workers: Workers
  ) throws -> (loss: Double, right: Int) {
    zeroGradients(on: workers)
    let (features, pass) = trunk.forward(
      [ViewBatch(configuration.channels(of: x, on: workers))], to: .penultimate, on: workers)
    var trunkTape = pass
    let (logits, headTape) = head.forward(features[0], on: workers)
    let (loss, gradient, right) = CrossEntropyLoss.evaluate(logits, labels: labels)
    let isFinite = trunkTape.isFinite && headTape.isFinite
    guard isFinite, loss.isFinite else {
      throw IICError.notFinite(
        isFinite ? "the loss" : "what the network makes of the images",
        rates: "learning rates")
    }
    let featureGradient = head.backward(gradient, through: headTape, on: workers)
    trunk.backward([featureGradient], through: &trunkTape, on: workers)
    return (loss, right)
  }

  /// Optimisers as they stood in a training's state.
  ///
  /// Throws an ``IICError`` where moments are missing or of another shape.
  public func optimisers(
    in state: TrainingState, trunkLearningRate: Double
  ) throws -> SupervisedOptimisers {
    var optimisers = SupervisedOptimisers(
      trunkLearningRate: trunkLearningRate, headLearningRate: state.learningRate)
    guard !state.moments.isEmpty else { return optimisers }
    optimisers.trunk.moments = try state.optimiser(for: trunk).moments
    optimisers.head.moments = try state.optimiser(for: head).moments
    return optimisers
  }

  /// The trunk's, then the head's.
  public mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    try trunk.forEachParameter(body)
    try head.forEachParameter(body)
  }

  public mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    try trunk.forEachBuffer(body)
    try head.forEachBuffer(body)
  }
}

extension ClusterTrunk: ParameterisedNetwork {}

/// What trains the two parts of a supervised network.
public struct SupervisedOptimisers: Sendable {
  /// The trunk's.
  public var trunk: AdamOptimiser
  /// The head's.
  public var head: AdamOptimiser

  /// Optimisers that have taken no step; the defaults are the published ones.
  public init(trunkLearningRate: Double = 1e-4, headLearningRate: Double = 1e-3) {
    trunk = AdamOptimiser(learningRate: trunkLearningRate)
    head = AdamOptimiser(learningRate: headLearningRate)
  }

  /// Each parameter's moments, in the order of the network's parameters; empty before the first
  /// step.
  public var moments: [AdamOptimiser.Moments] { trunk.moments + head.moments }
}

extension ModelConfiguration {
  /// Side, in cells, of ClusterNet5g's map before its last group.
  var penultimateMapSide: Int {
    let pooled = inputSize / 2 + 1
    return Self.residualGroups.dropLast().reduce(pooled) { ($0 + $1.stride - 1) / $1.stride }
  }

  /// The tensors of SupHead5.
  var supervisedHeadTensors: [ModelTensor] {
    let hidden = scaledChannels(2048)
    let channels = scaledChannels(Self.residualGroups[Self.residualGroups.count - 2].channels)
    return SupervisedHead.tensorDescriptions(
      channels: channels, side: penultimateMapSide, hiddenUnits: hidden, classes: classes)
  }
}
