public import Tensor

// n images, h rows, w columns, c channels (NHWC); s sub-heads of k clusters.

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
/// heads of several sub-heads; or the trunk alone, which gives features.
///
/// Inputs are batches of bands [n, h, w, b], scaled as the network was trained; where the
/// configuration says `sobel`, grey and its gradients are computed here. h and w are even, at least
/// ``TrunkGeometry/smallestInput``.
public struct SegmentationNetwork: PairNetwork {
  /// What fixes the network's tensors.
  public let configuration: ModelConfiguration
  var trunk: ConvolutionSequence
  private var networkHeads: NetworkHeads<SegmentationHead>

  /// What a backward pass needs of a forward pass: of each view the input, the convolutions'
  /// outputs and statistics, and the heads' outputs.
  public struct Tape: PairNetworkTape {
    fileprivate var views: [ViewTape]
    fileprivate let heads: [HeadName]
    fileprivate let grid: MapGrid

    /// Whether the pass came to numbers throughout.
    public var isFinite: Bool { views.allSatisfy(\.trunk.isFinite) }
  }

  fileprivate struct ViewTape: Sendable {
    var trunk: ConvolutionSequence.Tape
    /// A tensor a head.
    let outputs: [Tensor]
  }

  /// A network with random weights: convolutions drawn by Kaiming's normal initialisation (fan-in),
  /// γ 1, β 0, running mean 0, running variance 1.
  ///
  /// Throws an ``IICError`` if the configuration's architecture is none of these.
  public init(
    configuration: ModelConfiguration, generator: inout SeededGenerator
  ) throws {
    try self.init(configuration) { $0.initialValue(fan: .input, using: &generator) }
  }

  /// A network of the given tensors, by published name and as held in memory (convolution weights
  /// HWIO).
  ///
  /// Throws an ``IICError`` if one is missing or has another shape, or if the configuration's
  /// architecture is none of these.
  public init(configuration: ModelConfiguration, tensors: [String: Tensor]) throws {
    try self.init(configuration) { try $0.value(in: tensors) }
  }

  private init(
    _ configuration: ModelConfiguration, value: (ModelTensor) throws -> Tensor
  ) throws {
    guard configuration.architecture.isSegmentation else {
      throw ModelConfiguration.refusal(
        "\(configuration.architecture.rawValue) labels whole images, not pixels",
        "use a SegmentationNet10a or SegmentationNet10aTwoHead model")
    }
    self.configuration = configuration
    trunk = try ConvolutionSequence(
      segmentationTrunk: configuration.tensorDescriptions.filter { $0.name.hasPrefix("trunk.") },
      value: value)
    networkHeads = try NetworkHeads(configuration) { descriptions in
      SegmentationHead(
        weights: try descriptions.map { Parameter(name: $0.name, value: try value($0)) })
    }
  }

  /// One training pass, one view after another, since the maps of a view are all that memory should
  /// hold twice: normalises by each view's own statistics and moves the running ones.
  ///
  /// - Parameters:
  ///   - views: bands [n, h, w, b].
  ///   - heads: the heads asked for, one after another on the same features.
  ///   - grid: which map they give.
  /// - Returns: for each view, class probabilities, a tensor [n, h', w', s, k] a head asked for,
  ///   with h' = h/2 − 4 on the trunk's cells, h/2 − 2 for maps to be stretched; and what
  ///   ``backward(_:through:on:)`` needs.
  public mutating func forward(
    _ views: [ViewBatch], heads: [HeadName], grid: MapGrid, on workers: Workers
  ) -> (outputs: [[Tensor]], tape: Tape) {
    let passes = views.map { view in
      let bands = ViewBatch(channels(of: view.images, on: workers), repeats: view.repeats)
      let (features, tape) = trunk.forward([bands], on: workers)
      let outputs = heads.map {
        head($0).forward(features[0], padding: grid.padding, on: workers)
      }
      return ViewTape(trunk: tape, outputs: outputs)
    }
    return (passes.map(\.outputs), Tape(views: passes, heads: heads, grid: grid))
  }

  /// Adds the parameters' gradients for those of a pass's outputs, for each view one
  /// [n, h', w', s, k] a head as the pass returned them. Heads that took no part are left as they
  /// are. The tape is used up.
  public mutating func backward(
    _ outputGradients: [[Tensor]], through tape: inout Tape, on workers: Workers
  ) {
    let shapes = (
      outputGradients.map { $0.map(\.shape) }, tape.views.map { $0.outputs.map(\.shape) }
    )
    precondition(shapes.0 == shapes.1, "gradients \(shapes.0) for outputs \(shapes.1)")
    for (view, gradients) in outputGradients.enumerated() {
      guard let gradient = featureGradient(gradients, ofView: view, in: tape, on: workers) else {
        continue
      }
      trunk.backward([consume gradient], through: &tape.views[view].trunk, on: workers)
    }
  }

  /// Adds the heads' gradients, and returns that of a view's features.
  private mutating func featureGradient(
    _ outputGradients: [Tensor], ofView view: Int, in tape: Tape, on workers: Workers
  ) -> Tensor? {
    let features = trunk.outputs(from: tape.views[view].trunk, on: workers)[0]
    return networkHeads.featureGradient(tape.heads, on: workers) { index, head in
      head.backward(
        outputGradients[index], output: tape.views[view].outputs[index], features: features,
        padding: tape.grid.padding, on: workers)
    }
  }

  public mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    try trunk.forEachParameter(body)
    try networkHeads.updateAll { try $0.forEachParameter(body) }
  }

  public mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    try trunk.forEachBuffer(body)
  }

  /// What the first convolution reads, from bands; `shown` in place of colours beside gradients.
  func channels(of bands: Tensor, showing shown: Tensor? = nil, on workers: Workers) -> Tensor {
    let channels = configuration.channels(of: bands, showing: shown, on: workers)
    precondition(
      channels.shape[1] % 2 == 0 && channels.shape[2] % 2 == 0
        && min(channels.shape[1], channels.shape[2]) >= TrunkGeometry.smallestInput,
      "an input \(bands.shape), not even and at least \(TrunkGeometry.smallestInput) a side")
    return channels
  }

  /// Traps if the network has no such head.
  func head(_ name: HeadName) -> SegmentationHead { networkHeads[name] }

  /// The dense loss of one sub-head's maps, on the head's own cells or stretched to the input's
  /// size; its gradients are those of the head's own maps.
  public static func evaluate(
    _ loss: DenseJointLoss, _ first: Tensor, _ second: Tensor, of batch: PairBatch, grid: MapGrid,
    on workers: Workers
  ) -> PairLoss {
    switch grid {
    case .trunkCells:
      return loss.evaluate(
        first, second, matrices: batch.matrices, mask: batch.mask, on: workers)
    case .stretched:
      func stretched(_ map: Tensor) -> Tensor {
        BilinearResize.forward(
          map, height: batch.first.shape[1], width: batch.first.shape[2], on: workers)
      }
      func shrunk(_ gradient: Tensor) -> Tensor {
        BilinearResize.inputGradient(
          gradient, inputHeight: first.shape[1], inputWidth: first.shape[2], on: workers)
      }
      var result = loss.evaluate(
        stretched(first), stretched(second), matrices: batch.matrices, mask: batch.mask,
        on: workers)
      result.firstGradient = shrunk(result.firstGradient)
      result.secondGradient = shrunk(result.secondGradient)
      return result
    }
  }
}
