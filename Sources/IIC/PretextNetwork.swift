public import Tensor

/// SegmentationNet10a's trunk with a head that answers a pretext's question (the published
/// SegmentationNet10aIsola and SegmentationNet10aDoersch).
///
/// As published, the trunk's map is stretched to the input's size and the patches are cut out of it,
/// at the same places in all images of a batch. The model file has the trunk alone: the head is of no
/// use after training.
public struct PretextNetwork: TrainableNetwork {
  public typealias Batch = PretextBatch

  /// The trunk, a network without heads.
  public private(set) var trunk: SegmentationNetwork
  var head: PretextHead
  private let patchSide: Int

  /// Of the architecture `SegmentationNet10aTrunk`.
  public var configuration: ModelConfiguration { trunk.configuration }

  /// A network with random weights, as published: convolutions drawn by Kaiming's normal
  /// initialisation (fan-in), linear weights from N(0, 0.01²).
  ///
  /// Throws an ``IICError`` if the configuration's architecture is not `SegmentationNet10aTrunk`.
  public init(
    configuration: ModelConfiguration, settings: Recipe.PretextSettings,
    generator: inout SeededGenerator
  ) throws {
    let trunk = try SegmentationNetwork(configuration: configuration, generator: &generator)
    try self.init(trunk, settings) { $0.initialValue(fan: .input, using: &generator) }
  }

  /// A network of the given tensors, by name and as held in memory.
  ///
  /// Throws an ``IICError`` if one is missing or has another shape, or if the configuration's
  /// architecture is not `SegmentationNet10aTrunk`.
  public init(
    configuration: ModelConfiguration, settings: Recipe.PretextSettings, tensors: [String: Tensor]
  ) throws {
    try self.init(SegmentationNetwork(configuration: configuration, tensors: tensors), settings) {
      try $0.value(in: tensors)
    }
  }

  private init(
    _ trunk: SegmentationNetwork, _ settings: Recipe.PretextSettings,
    value: (ModelTensor) throws -> Tensor
  ) throws {
    guard trunk.heads.isEmpty else {
      throw ModelConfiguration.refusal(
        "\(trunk.configuration.architecture.rawValue) has heads of its own",
        "use SegmentationNet10aTrunk for a pretext")
    }
    self.trunk = trunk
    patchSide = settings.patchSide
    head = try PretextHead(
      trunk.configuration, task: settings.task, patchSide: settings.patchSide, value: value)
  }

  /// Adds the gradients of a batch's loss into the parameters (and moves running statistics), and
  /// returns the loss.
  ///
  /// Throws an ``IICError`` if it, or what the network makes of the images, is not finite.
  mutating func addGradients(
    of batch: PretextBatch, by task: PretextTask, on workers: Workers
  ) throws -> Double {
    let (height, width) = (batch.views.shape[1], batch.views.shape[2])
    let windows = [batch.question.first, batch.question.second].map {
      BilinearResize.Window(
        rows: around($0.row), columns: around($0.column), height: height, width: width)
    }
    let (outputs, pass) = trunk.trunk.forward(
      [ViewBatch(trunk.channels(of: batch.views, showing: batch.colours, on: workers))],
      on: workers)
    let features = outputs[0]
    var tape = pass
    let patches = windows.map { BilinearResize.forward(features, to: $0, on: workers) }
    var dropout = batch.dropout
    let (logits, headTape) = head.forward(
      patches[0], patches[1], dropout: &dropout, on: workers)
    let (loss, logitGradient) = PretextLoss.evaluate(
      task, logits, answer: batch.question.answer, counted: batch.counted)
    let isFinite = tape.isFinite && headTape.isFinite
    guard isFinite, loss.isFinite else {
      throw IICError.notFinite(
        isFinite ? "the loss" : "what the network makes of the images")
    }
    let gradients = head.backward(logitGradient, through: headTape, on: workers)
    var featureGradient = Tensor(shape: features.shape)
    for (gradient, window) in zip(gradients, windows) {
      BilinearResize.addInputGradient(gradient, of: window, to: &featureGradient, on: workers)
    }
    trunk.trunk.backward([consume featureGradient], through: &tape, on: workers)
    return loss
  }

  /// The pixels of a patch about its middle.
  private func around(_ middle: Int) -> Range<Int> {
    middle - patchSide / 2..<middle - patchSide / 2 + patchSide
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
