internal import Tensor

// n images, h rows, w columns, c channels (NHWC); m hidden units, k classes.

/// The head of the published semi-supervised experiments (SupHead5, paper section 4.1 and table 3):
/// a linear layer to 2048 units, batch normalisation, ReLU, and a linear layer to the classes.
///
/// It stands on a trunk's features [n, h, w, c], h and w equal, and gives logits [n, k]. The
/// normalisation always keeps running statistics, as in the published program.
struct SupervisedHead: ParameterisedNetwork {
  /// What a backward pass needs of a forward pass.
  struct Tape: Sendable {
    let features: Tensor
    let hidden: Tensor
    let statistics: ChannelStatistics
    let activation: Tensor

    /// Whether the statistics are.
    var isFinite: Bool { statistics.isFinite }
  }

  /// Reads the features [n, h, w, c], and gives [n, m].
  private(set) var hiddenLayer: LinearLayer
  private(set) var scale: Parameter
  private(set) var shift: Parameter
  private(set) var running: RunningStatistics
  private(set) var outputLayer: LinearLayer

  /// The tensors of a head on maps of `side` × `side` cells, in the order of the published state
  /// dict, but for the running statistics, which come last.
  static func tensorDescriptions(
    channels: Int, side: Int, hiddenUnits: Int, classes: Int
  ) -> [ModelTensor] {
    [
      ModelTensor(linear: "head.0.weight", fromMapsOf: channels, side: side, to: hiddenUnits),
      ModelTensor(name: "head.0.bias", role: .bias, count: hiddenUnits),
      ModelTensor(name: "head.1.weight", role: .scale, count: hiddenUnits),
      ModelTensor(name: "head.1.bias", role: .shift, count: hiddenUnits),
      ModelTensor(linear: "head.3.weight", fromMapsOf: hiddenUnits, side: 1, to: classes),
      ModelTensor(name: "head.3.bias", role: .bias, count: classes),
      ModelTensor(name: "head.1.running_mean", role: .runningMean, count: hiddenUnits),
      ModelTensor(name: "head.1.running_var", role: .runningVariance, count: hiddenUnits),
    ]
  }

  /// A head of the tensors described with random weights as published: linear weights from
  /// N(0, 0.01²), biases 0, γ 1, β 0.
  init(_ descriptions: [ModelTensor], generator: inout SeededGenerator) {
    self.init(descriptions) { $0.initialValue(fan: .input, using: &generator) }
  }

  /// A head of the given tensors, by published name and as held in memory.
  ///
  /// Throws an ``IICError`` if one is missing or has another shape.
  init(_ descriptions: [ModelTensor], tensors: [String: Tensor]) throws {
    try self.init(descriptions) { try $0.value(in: tensors) }
  }

  private init(_ descriptions: [ModelTensor], value: (ModelTensor) throws -> Tensor) rethrows {
    precondition(descriptions.count == 8, "a head of \(descriptions.count) tensors")
    func parameter(_ index: Int) throws -> Parameter {
      Parameter(name: descriptions[index].name, value: try value(descriptions[index]))
    }
    func buffer(_ index: Int) throws -> Buffer {
      Buffer(name: descriptions[index].name, value: try value(descriptions[index]))
    }
    // In this order, which random weights are drawn in.
    hiddenLayer = try LinearLayer(descriptions[0..<2], value: value)
    (scale, shift) = (try parameter(2), try parameter(3))
    outputLayer = try LinearLayer(descriptions[4..<6], value: value)
    running = RunningStatistics(mean: try buffer(6), variance: try buffer(7))
  }

  /// One training pass: logits [n, k] of features [n, h, w, c], normalised by the batch's own
  /// statistics; moves the running ones.
  mutating func forward(
    _ features: Tensor, on workers: Workers
  ) -> (logits: Tensor, tape: Tape) {
    let hidden = hiddenLayer.forward([features], on: workers)
    let statistics = BatchNormalisation.statistics(of: hidden, on: workers)
    running.include(statistics)
    let activation = activation(hidden, statistics, on: workers)
    let tape = Tape(
      features: features, hidden: hidden, statistics: statistics, activation: activation)
    return (outputLayer.forward([activation], on: workers), tape)
  }

  /// Adds the parameters' gradients for that of the logits [n, k], and returns that of the features.
  mutating func backward(
    _ logitGradient: Tensor, through tape: Tape, on workers: Workers
  ) -> Tensor {
    let activationGradient = outputLayer.backward(
      logitGradient, inputs: [tape.activation], on: workers)[0]
    let hiddenGradient = BatchNormalisation.gradient(
      activationGradient, input: tape.hidden, statistics: tape.statistics, scale: scale.value,
      shift: shift.value, scaleGradient: &scale.gradient, shiftGradient: &shift.gradient,
      rectified: true, on: workers)
    scale.hasGradient = true
    shift.hasGradient = true
    return hiddenLayer.backward(hiddenGradient, inputs: [tape.features], on: workers)[0]
  }

  /// Logits [n, k] of features [n, h, w, c] in inference, normalised by the running statistics.
  func logits(_ features: Tensor, on workers: Workers) -> Tensor {
    let hidden = hiddenLayer.forward([features], on: workers)
    return outputLayer.forward(
      [activation(hidden, running.statistics, on: workers)], on: workers)
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    try hiddenLayer.forEachParameter(body)
    try body(&scale)
    try body(&shift)
    try outputLayer.forEachParameter(body)
  }

  mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    try body(&running.mean)
    try body(&running.variance)
  }

  private func activation(
    _ hidden: Tensor, _ statistics: ChannelStatistics, on workers: Workers
  ) -> Tensor {
    BatchNormalisation.apply(
      hidden, statistics: statistics, scale: scale.value, shift: shift.value, rectified: true,
      on: workers)
  }
}
