public import Tensor

// n images, h rows, w columns, c channels (NHWC); s sub-heads of k clusters.

/// A head of a network.
public enum HeadName: String, Sendable, Codable, CaseIterable {
  /// Head A of a network with two, which learns more clusters than there are classes.
  case overclustering = "A"
  /// Head B, or the only head: as many clusters as classes.
  case clustering = "B"
}

/// Which map a head gives in training.
public enum MapGrid: String, Sendable, Codable, CaseIterable {
  /// As published: the 1×1 convolution pads by one, so that a ring of cells that know nothing lies
  /// around the trunk's, and the loss is evaluated once the map is stretched to the input's size.
  case stretched
  /// The trunk's cells alone. Cell (i, j) lies at pixel (2i + 4.5, 2j + 4.5) of the input; masks
  /// and the maps between views hold on that grid, which is centred on the input.
  case trunkCells

  /// Zeros added around the features.
  var padding: Int { self == .stretched ? 1 : 0 }
}

/// SegmentationNet10a and SegmentationNet10aTwoHead (paper section 4.3): a trunk, and one or two
/// heads of several sub-heads.
///
/// Inputs are batches of bands [n, h, w, b], scaled as the network was trained; where the
/// configuration says `sobel`, grey and its gradients are computed here. h and w are even, at least
/// ``TrunkGeometry/smallestInput``.
public struct SegmentationNetwork: ParameterisedNetwork {
  /// What fixes the network's tensors.
  public let configuration: ModelConfiguration
  var trunk: SegmentationTrunk
  private var overclusteringHead: SegmentationHead?
  private var clusteringHead: SegmentationHead

  /// What a backward pass needs of a forward pass: the input, the convolutions' outputs and
  /// statistics, and the heads' outputs.
  public struct Tape: Sendable {
    let trunk: SegmentationTrunk.Tape
    let heads: [HeadName]
    let outputs: [Tensor]
    let grid: MapGrid

    /// Whether the pass came to numbers throughout.
    public var isFinite: Bool { trunk.isFinite }
  }

  /// A network with random weights: convolutions drawn by Kaiming's normal initialisation (fan-in),
  /// γ 1, β 0, running mean 0, running variance 1.
  ///
  /// Throws an ``IICError`` if the configuration's architecture is not one of the two.
  public init(
    configuration: ModelConfiguration, generator: inout SeededGenerator
  ) throws {
    try self.init(configuration) { description in
      switch description.role {
      case .convolutionWeight: .kaimingNormal(shape: description.shape, using: &generator)
      case .scale, .runningVariance: Tensor(shape: description.shape, repeating: 1)
      case .shift, .runningMean: Tensor(shape: description.shape)
      }
    }
  }

  /// A network of the given tensors, by published name and as held in memory (convolution weights
  /// HWIO).
  ///
  /// Throws an ``IICError`` if one is missing or has another shape, or if the configuration's
  /// architecture is not one of the two.
  public init(configuration: ModelConfiguration, tensors: [String: Tensor]) throws {
    try self.init(configuration) { description in
      let remedy = "use a file whose tensors are those of its `iic.config`"
      guard let tensor = tensors[description.name] else {
        throw IICError(
          operation: "make the network", reason: "the tensor `\(description.name)` is missing",
          remedy: remedy)
      }
      guard tensor.shape == description.shape else {
        throw IICError(
          operation: "make the network",
          reason:
            "the tensor `\(description.name)` has the shape \(tensor.shape), not "
            + "\(description.shape)",
          remedy: remedy)
      }
      return tensor
    }
  }

  private init(
    _ configuration: ModelConfiguration, value: (ModelTensor) throws -> Tensor
  ) throws {
    self.configuration = configuration
    let descriptions = try configuration.tensorDescriptions()
    trunk = try SegmentationTrunk(
      descriptions.filter { $0.name.hasPrefix("trunk.") }, value: value)
    func head(_ prefix: String) throws -> SegmentationHead {
      SegmentationHead(
        weights: try descriptions.filter { $0.name.hasPrefix(prefix) }
          .map { Parameter(name: $0.name, value: try value($0)) })
    }
    if configuration.architecture.hasTwoHeads {
      overclusteringHead = try head("head_A.")
      clusteringHead = try head("head_B.")
    } else {
      clusteringHead = try head("head.")
    }
  }

  /// The heads there are, A before B.
  public var heads: [HeadName] {
    configuration.architecture.hasTwoHeads ? [.overclustering, .clustering] : [.clustering]
  }

  /// Clusters of a head. Traps if the network has no such head.
  public func clusters(of head: HeadName) -> Int {
    switch head {
    case .clustering: return configuration.classes
    case .overclustering:
      guard let overclusters = configuration.overclusters else { missing(head) }
      return overclusters
    }
  }

  /// One training pass: normalises by the batch's own statistics and moves the running ones.
  ///
  /// - Parameters:
  ///   - x: bands [n, h, w, b].
  ///   - heads: the heads asked for, one after another on the same features.
  ///   - grid: which map they give.
  /// - Returns: class probabilities, a tensor [n, h', w', s, k] a head asked for, with
  ///   h' = h/2 − 4 on the trunk's cells, h/2 − 2 for maps to be stretched; and what
  ///   ``backward(_:through:on:)`` needs.
  public mutating func forward(
    _ x: Tensor, heads: [HeadName], grid: MapGrid, on workers: Workers
  ) -> (outputs: [Tensor], tape: Tape) {
    let (features, tape) = trunk.forward(channels(of: x, on: workers), on: workers)
    let outputs = heads.map {
      head($0).forward(features, padding: grid.padding, on: workers)
    }
    return (outputs, Tape(trunk: tape, heads: heads, outputs: outputs, grid: grid))
  }

  /// Adds the parameters' gradients for those of a pass's outputs, one [n, h', w', s, k] a head as
  /// the pass returned them. Heads that took no part are left as they are.
  public mutating func backward(
    _ outputGradients: [Tensor], through tape: Tape, on workers: Workers
  ) {
    precondition(
      outputGradients.map(\.shape) == tape.outputs.map(\.shape),
      "gradients \(outputGradients.map(\.shape)) for outputs \(tape.outputs.map(\.shape))")
    guard !outputGradients.isEmpty else { return }
    let features = trunk.features(from: tape.trunk, on: workers)
    var featureGradient: Tensor?
    for (index, name) in tape.heads.enumerated() {
      let gradient = withHead(name) { head in
        head.backward(
          outputGradients[index], output: tape.outputs[index], features: features,
          padding: tape.grid.padding, on: workers)
      }
      if featureGradient == nil {
        featureGradient = gradient
      } else {
        featureGradient!.add(gradient, on: workers)
      }
    }
    trunk.backward(featureGradient!, through: tape.trunk, on: workers)
  }

  public mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    try trunk.forEachParameter(body)
    try overclusteringHead?.forEachParameter(body)
    try clusteringHead.forEachParameter(body)
  }

  public mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    try trunk.forEachBuffer(body)
  }

  /// What the first convolution reads, from bands.
  func channels(of bands: Tensor, on workers: Workers) -> Tensor {
    let channels =
      configuration.sobel
      ? SobelInput(includeRGB: configuration.includeRGB).channels(of: bands, on: workers) : bands
    precondition(
      channels.shape.count == 4 && channels.shape[3] == configuration.inputChannels,
      "bands \(bands.shape) for a network of \(configuration.inputChannels) channels")
    precondition(
      channels.shape[1] % 2 == 0 && channels.shape[2] % 2 == 0
        && min(channels.shape[1], channels.shape[2]) >= TrunkGeometry.smallestInput,
      "an input \(bands.shape), not even and at least \(TrunkGeometry.smallestInput) a side")
    return channels
  }

  /// Traps if the network has no such head.
  func head(_ name: HeadName) -> SegmentationHead {
    switch name {
    case .clustering: return clusteringHead
    case .overclustering:
      guard let overclusteringHead else { missing(name) }
      return overclusteringHead
    }
  }

  private mutating func withHead<R>(_ name: HeadName, _ body: (inout SegmentationHead) -> R) -> R {
    switch name {
    case .clustering: return body(&clusteringHead)
    case .overclustering:
      guard overclusteringHead != nil else { missing(name) }
      return body(&overclusteringHead!)
    }
  }

  private func missing(_ head: HeadName) -> Never {
    preconditionFailure("\(configuration.architecture.rawValue) has no head \(head.rawValue)")
  }
}
