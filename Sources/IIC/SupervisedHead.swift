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
  }

  private var weight: Parameter
  private var bias: Parameter
  private var scale: Parameter
  private var shift: Parameter
  private var running: RunningStatistics
  private var outputWeight: Parameter
  private var outputBias: Parameter

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
    let values = try descriptions.map { (name: $0.name, value: try value($0)) }
    func parameter(_ index: Int) -> Parameter {
      Parameter(name: values[index].name, value: values[index].value)
    }
    func buffer(_ index: Int) -> Buffer {
      Buffer(name: values[index].name, value: values[index].value)
    }
    (weight, bias) = (parameter(0), parameter(1))
    (scale, shift) = (parameter(2), parameter(3))
    (outputWeight, outputBias) = (parameter(4), parameter(5))
    running = RunningStatistics(mean: buffer(6), variance: buffer(7))
  }

  /// How many classes there are, k.
  private var classes: Int { outputBias.value.count }
  private var hiddenUnits: Int { bias.value.count }

  /// One training pass: logits [n, k] of features [n, h, w, c], normalised by the batch's own
  /// statistics; moves the running ones.
  mutating func forward(
    _ features: Tensor, on workers: Workers
  ) -> (logits: Tensor, tape: Tape) {
    let hidden = hidden(features, on: workers)
    let statistics = BatchNormalisation.statistics(of: hidden, on: workers)
    running.include(statistics)
    let activation = activation(hidden, statistics, on: workers)
    let tape = Tape(
      features: features, hidden: hidden, statistics: statistics, activation: activation)
    return (output(activation, on: workers), tape)
  }

  /// Adds the parameters' gradients for that of the logits [n, k], and returns that of the features.
  mutating func backward(
    _ logitGradient: Tensor, through tape: Tape, on workers: Workers
  ) -> Tensor {
    let images = logitGradient.shape[0]
    let ones = Tensor(shape: [1, images], repeating: 1)
    func product(_ a: Tensor, transposed: Bool = false, _ b: Tensor, bTransposed: Bool = false)
      -> Tensor
    {
      Tensor.product(a, transposed: transposed, b, transposed: bTransposed, on: workers)
    }
    outputWeight.addToGradient(
      product(tape.activation, transposed: true, logitGradient), on: workers)
    outputBias.addToGradient(product(ones, logitGradient), on: workers)
    let activationGradient = product(
      logitGradient, outputWeight.value.reshaped(to: [hiddenUnits, classes]), bTransposed: true)
    let hiddenGradient = BatchNormalisation.gradient(
      activationGradient, input: tape.hidden, statistics: tape.statistics, scale: scale.value,
      shift: shift.value, scaleGradient: &scale.gradient, shiftGradient: &shift.gradient,
      rectified: true, on: workers)
    scale.hasGradient = true
    shift.hasGradient = true
    weight.addToGradient(
      product(rows(tape.features), transposed: true, hiddenGradient), on: workers)
    bias.addToGradient(product(ones, hiddenGradient), on: workers)
    return product(
      hiddenGradient, weight.value.reshaped(to: [featureCount, hiddenUnits]), bTransposed: true
    ).reshaped(to: tape.features.shape)
  }

  /// Logits [n, k] of features [n, h, w, c] in inference, normalised by the running statistics.
  func logits(_ features: Tensor, on workers: Workers) -> Tensor {
    output(
      activation(hidden(features, on: workers), running.statistics, on: workers), on: workers)
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    try body(&weight)
    try body(&bias)
    try body(&scale)
    try body(&shift)
    try body(&outputWeight)
    try body(&outputBias)
  }

  mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    try body(&running.mean)
    try body(&running.variance)
  }

  private var featureCount: Int { weight.value.count / hiddenUnits }

  private func rows(_ features: Tensor) -> Tensor {
    precondition(
      features.shape.count == 4 && features.shape.dropFirst() == weight.value.shape.dropLast(),
      "features \(features.shape) for a head of weights \(weight.value.shape)")
    return features.reshaped(to: [features.shape[0], featureCount])
  }

  private func hidden(_ features: Tensor, on workers: Workers) -> Tensor {
    var hidden = Tensor.product(
      rows(features), weight.value.reshaped(to: [featureCount, hiddenUnits]), on: workers)
    hidden.addToRows(bias.value, on: workers)
    return hidden
  }

  private func activation(
    _ hidden: Tensor, _ statistics: ChannelStatistics, on workers: Workers
  ) -> Tensor {
    BatchNormalisation.apply(
      hidden, statistics: statistics, scale: scale.value, shift: shift.value, rectified: true,
      on: workers)
  }

  private func output(_ activation: Tensor, on workers: Workers) -> Tensor {
    var logits = Tensor.product(
      activation, outputWeight.value.reshaped(to: [hiddenUnits, classes]), on: workers)
    logits.addToRows(outputBias.value, on: workers)
    return logits
  }
}
