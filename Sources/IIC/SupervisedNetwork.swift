public import Tensor

/// A clustering network's trunk with a supervised head on its features: what semi-supervised
/// training fine-tunes (paper, table 3). The trunk's own heads take no part.
///
/// n images, h rows, w columns, b bands (NHWC); k classes.
public struct SupervisedNetwork: Sendable {
  /// The network whose trunk it is.
  public private(set) var trunk: ClusterNetwork
  /// The head.
  public private(set) var head: SupervisedHead
  /// Where the head stands.
  public let depth: FeatureDepth

  /// A trunk with a new head of random weights.
  ///
  /// - Parameters:
  ///   - depth: `penultimate` as published; ClusterNet6c has only `trunk`, and traps otherwise.
  ///   - classes: how many classes there are, at least 2.
  public init(
    trunk: ClusterNetwork, depth: FeatureDepth, classes: Int,
    hiddenUnits: Int = SupervisedHead.publishedHiddenUnits, generator: inout SeededGenerator,
    on workers: Workers
  ) {
    let head = SupervisedHead(
      featureShape: Self.featureShape(of: trunk, at: depth, on: workers), classes: classes,
      hiddenUnits: hiddenUnits, generator: &generator)
    self.init(trunk: trunk, depth: depth, head: head)
  }

  /// A trunk with a head, which must read features of that depth.
  public init(trunk: ClusterNetwork, depth: FeatureDepth, head: SupervisedHead) {
    self.trunk = trunk
    self.depth = depth
    self.head = head
  }

  /// [h, w, c] of one image's features.
  public static func featureShape(
    of trunk: ClusterNetwork, at depth: FeatureDepth, on workers: Workers
  ) -> [Int] {
    let configuration = trunk.configuration
    let image = Tensor(
      shape: [
        1, configuration.inputSize, configuration.inputSize, configuration.possibleBandCounts[0],
      ])
    return Array(trunk.features(image, at: depth, on: workers).shape.dropFirst())
  }

  /// The logits [n, k] of images [n, h, w, b] in inference.
  public func logits(_ x: Tensor, on workers: Workers) -> Tensor {
    head.logits(trunk.features(x, at: depth, on: workers), on: workers)
  }

  /// One step of training on labelled images [n, h, w, b]: cross-entropy, each part by its own
  /// optimiser. Returns the loss before the step and how many images were right.
  ///
  /// Throws an ``IICError`` if the loss, or what the network makes of the images, is not finite; the
  /// weights are then as they were.
  public mutating func step(
    _ x: Tensor, labels: [UInt8], headOptimiser: inout AdamOptimiser,
    trunkOptimiser: inout AdamOptimiser, on workers: Workers
  ) throws -> (loss: Double, right: Int) {
    let result = try addGradients(x, labels: labels, on: workers)
    headOptimiser.step(&head, on: workers)
    trunkOptimiser.step(&trunk, on: workers)
    return result
  }

  /// The step without its last part: sets the parameters' gradients (and moves running statistics).
  /// Throws as ``step(_:labels:headOptimiser:trunkOptimiser:on:)`` does.
  mutating func addGradients(
    _ x: Tensor, labels: [UInt8], on workers: Workers
  ) throws -> (loss: Double, right: Int) {
    trunk.zeroGradients(on: workers)
    head.zeroGradients(on: workers)
    let (features, featureTape) = trunk.forwardFeatures(x, at: depth, on: workers)
    let (logits, headTape) = head.forward(features, on: workers)
    let (loss, gradient, right) = CrossEntropyLoss.evaluate(logits, labels: labels)
    guard featureTape.isFinite, loss.isFinite else {
      throw IICError(
        operation: "train",
        reason: featureTape.isFinite
          ? "the loss is not finite" : "what the network makes of the images is not finite",
        remedy: "lower the learning rates, and check that the input is scaled to about 0…1")
    }
    let featureGradient = head.backward(gradient, through: headTape, on: workers)
    trunk.backwardFeatures(featureGradient, through: featureTape, on: workers)
    return (loss, right)
  }
}
