public import Tensor

// n images, h rows, w columns, b bands, c channels (NHWC); s sub-heads of k clusters.

/// ClusterNet5g and ClusterNet6c with one or two heads (paper section 4.1): a trunk, and one or two
/// heads of several sub-heads, which assign whole images to clusters.
///
/// Inputs are batches of square images [n, h, w, b] of the configuration's `inputSize`, scaled as
/// the network was trained; where the configuration says `sobel`, grey and its gradients are
/// computed here.
public struct ClusterNetwork: PairNetwork {
  /// An image has one output: there is no choice of where it lies.
  public enum Grid: Sendable, Equatable {
    /// One output an image.
    case wholeImage
  }

  /// What a backward pass needs of a forward pass: the input, the convolutions' outputs and
  /// statistics, the features and the heads' outputs.
  public struct Tape: PairNetworkTape {
    fileprivate(set) var trunk: ClusterTrunk.Tape
    /// A tensor a view.
    let features: [Tensor]
    let heads: [HeadName]
    /// Of each view, a tensor a head.
    let outputs: [[Tensor]]

    /// Whether the pass came to numbers throughout.
    public var isFinite: Bool { trunk.isFinite }
  }

  /// What fixes the network's tensors.
  public let configuration: ModelConfiguration
  var trunk: ClusterTrunk
  private(set) var networkHeads: NetworkHeads<ClusterHead>

  /// A network with random weights as published: convolutions drawn by Kaiming's normal
  /// initialisation (by fan-in in ClusterNet6c, by fan-out in ClusterNet5g), linear weights from
  /// N(0, 0.01²), biases 0, γ 1, β 0, running mean 0, running variance 1.
  ///
  /// Throws an ``IICError`` if the configuration's architecture is one that labels pixels.
  public init(configuration: ModelConfiguration, generator: inout SeededGenerator) throws {
    try self.init(configuration) {
      $0.initialValue(
        fan: configuration.architecture.isResidual ? .output : .input, using: &generator)
    }
  }

  /// A network of the given tensors, by published name and as held in memory (convolution weights
  /// HWIO, linear weights [h, w, c, k]).
  ///
  /// Throws an ``IICError`` if one is missing or has another shape, or if the configuration's
  /// architecture is one that labels pixels.
  public init(configuration: ModelConfiguration, tensors: [String: Tensor]) throws {
    try self.init(configuration) { try $0.value(in: tensors) }
  }

  private init(
    _ configuration: ModelConfiguration, value: (ModelTensor) throws -> Tensor
  ) throws {
    guard !configuration.architecture.isSegmentation else {
      throw ModelConfiguration.refusal(
        "\(configuration.architecture.rawValue) labels pixels, not whole images",
        "use a ClusterNet5g or ClusterNet6c model, with one head or two")
    }
    guard configuration.architecture != .supHead5 else {
      throw ModelConfiguration.refusal(
        "SupHead5 learned from labels and has no clusters",
        "use a ClusterNet5g or ClusterNet6c model, with one head or two")
    }
    self.configuration = configuration
    let descriptions = configuration.tensorDescriptions.filter { $0.name.hasPrefix("trunk.") }
    trunk =
      configuration.architecture.isResidual
      ? try ClusterTrunk(residual: descriptions, value: value)
      : try ClusterTrunk(deep: descriptions, value: value)
    networkHeads = try NetworkHeads(configuration) { try ClusterHead($0, value: value) }
  }

  public mutating func forward(
    _ views: [ViewBatch], heads: [HeadName], grid: Grid = .wholeImage, on workers: Workers
  ) -> (outputs: [[Tensor]], tape: Tape) {
    let (features, tape) = trunk.forward(
      views.map { ViewBatch(channels(of: $0.images, on: workers), repeats: $0.repeats) },
      to: .trunk, on: workers)
    let outputs = features.map { features in
      heads.map { networkHeads[$0].forward(features, on: workers) }
    }
    return (outputs, Tape(trunk: tape, features: features, heads: heads, outputs: outputs))
  }

  public mutating func backward(
    _ outputGradients: [[Tensor]], through tape: inout Tape, on workers: Workers
  ) {
    let shapes = (outputGradients.map { $0.map(\.shape) }, tape.outputs.map { $0.map(\.shape) })
    precondition(shapes.0 == shapes.1, "gradients \(shapes.0) for outputs \(shapes.1)")
    guard !tape.heads.isEmpty else { return }
    let featureGradients = tape.features.enumerated().compactMap { view, features in
      networkHeads.featureGradient(tape.heads, on: workers) { index, head in
        head.backward(
          outputGradients[view][index], output: tape.outputs[view][index], features: features,
          on: workers)
      }
    }
    trunk.backward(featureGradients, through: &tape.trunk, on: workers)
  }

  /// The image loss of one sub-head's probabilities [n, k], with its gradients.
  public static func evaluate(
    _ loss: JointLoss, _ first: Tensor, _ second: Tensor, of batch: PairBatch, grid: Grid,
    on workers: Workers
  ) -> PairLoss {
    loss.evaluate(first, second, on: workers)
  }

  public mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    try trunk.forEachParameter(body)
    try networkHeads.updateAll { try $0.forEachParameter(body) }
  }

  public mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    try trunk.forEachBuffer(body)
  }
}

// Inference.
extension ClusterNetwork {
  /// The probabilities [n, s, k] of all of a head's sub-heads for images [n, h, w, b].
  ///
  /// Normalised by the running statistics, or by the batch's own where the configuration tracks
  /// none. Traps if there is no such head.
  public func probabilities(_ x: Tensor, head: HeadName, on workers: Workers) -> Tensor {
    networkHeads[head].forward(features(x, at: .trunk, on: workers), on: workers)
  }

  /// The probabilities [n, k] of one sub-head. Traps if there is no such head or sub-head.
  public func probabilities(
    _ x: Tensor, head: HeadName, subHead: Int, on workers: Workers
  ) -> Tensor {
    probabilities(x, head: head, on: workers).subHead(subHead)
  }

  /// What the softmax of all of a head's sub-heads takes [n, s, k], of images [n, h, w, b], as
  /// ``probabilities(_:head:on:)`` normalises them. Traps if there is no such head.
  public func logits(_ x: Tensor, head: HeadName, on workers: Workers) -> Tensor {
    networkHeads[head].logits(features(x, at: .trunk, on: workers), on: workers)
  }

  /// The features [n, h', w', c] of images [n, h, w, b] in inference. Traps where the trunk has
  /// none at that depth.
  public func features(_ x: Tensor, at depth: FeatureDepth, on workers: Workers) -> Tensor {
    trunk.infer(channels(of: x, on: workers), to: depth, on: workers)
  }

  private func channels(of images: Tensor, on workers: Workers) -> Tensor {
    let channels = configuration.channels(of: images, on: workers)
    let side = configuration.inputSize
    precondition(
      channels.shape[1] == side && channels.shape[2] == side,
      "images \(images.shape) for a network of \(side) × \(side) pixels")
    return channels
  }
}
