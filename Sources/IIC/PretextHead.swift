internal import Tensor

// n images, s × s pixels of a patch, c channels (NHWC); m hidden units, k logits.

/// What answers a pretext's question from the features of two patches (the published IsolaHead and
/// DoerschHead): a branch that both go through (convolution 3 × 3, batch normalisation, ReLU), a
/// linear layer on both branches' maps, ReLU, dropout, a linear layer to the logits.
struct PretextHead: ParameterisedNetwork {
  /// What a backward pass needs of a forward pass.
  struct Tape: Sendable {
    fileprivate let patches: [Tensor]
    fileprivate let branches: [ConvolutionBlock.Tape]
    fileprivate let maps: [Tensor]
    /// After ReLU and dropout.
    fileprivate let hidden: Tensor
    /// The factor of each hidden unit: 0 where ReLU or dropout cut it.
    fileprivate let factors: Tensor
  }

  /// The part of the hidden units that a training pass leaves out.
  var dropout: Float = 0.5
  private var branch: ConvolutionBlock
  /// The linear layer's weights of the first and of the second map [s, s, c, m].
  private var mapWeights: [Parameter]
  private var bias: Parameter
  private var outputWeight: Parameter
  private var outputBias: Parameter

  /// A head with each of its tensors made by `value`.
  init(
    _ configuration: ModelConfiguration, task: PretextTask, patchSide: Int,
    value: (ModelTensor) throws -> Tensor
  ) rethrows {
    let descriptions = Self.tensorDescriptions(configuration, task: task, patchSide: patchSide)
    var rest = descriptions[...]
    branch = try ConvolutionBlock(takenFrom: &rest, padding: 1, value: value)
    var parameters = try rest.map { Parameter(name: $0.name, value: try value($0)) }[...]
    mapWeights = [parameters.removeFirst(), parameters.removeFirst()]
    bias = parameters.removeFirst()
    outputWeight = parameters.removeFirst()
    outputBias = parameters.removeFirst()
    precondition(parameters.isEmpty, "\(parameters.count) tensors beside the head's")
  }

  /// The head's tensors; channels and hidden units are as published times the trunk's width.
  private static func tensorDescriptions(
    _ configuration: ModelConfiguration, task: PretextTask, patchSide: Int
  ) -> [ModelTensor] {
    let channels = configuration.scaledChannels(1024)
    let hidden = configuration.scaledChannels(1024)
    return configuration.block(
      convolution: "pretext.branch.0", normalisation: "pretext.branch.1",
      from: configuration.scaledChannels(512), to: channels, kernelSize: 3)
      + ["first", "second"].map {
        ModelTensor(
          linear: "pretext.joint.0.weight.\($0)", fromMapsOf: channels, side: patchSide, to: hidden)
      } + [
        ModelTensor(name: "pretext.joint.0.bias", role: .bias, count: hidden),
        ModelTensor(linear: "pretext.joint.3.weight", fromMapsOf: hidden, side: 1, to: task.logits),
        ModelTensor(name: "pretext.joint.3.bias", role: .bias, count: task.logits),
      ]
  }

  private var hiddenUnits: Int { bias.value.count }

  /// One training pass: logits [n, k] of the features of two patches of each image [n, s, s, c].
  /// The branch normalises each patch by its own batch's statistics, and moves the running ones.
  mutating func forward(
    _ first: Tensor, _ second: Tensor, dropout generator: inout SeededGenerator,
    on workers: Workers
  ) -> (logits: Tensor, tape: Tape) {
    let branches = branch.convolve(
      [first, second].map { ConvolutionInput($0) }, repeats: [1, 1], on: workers)
    let maps = branches.map { branch.activation(from: $0, on: workers) }
    var hidden = Tensor.product(rows(maps[0]), matrix(mapWeights[0]), on: workers)
    hidden.add(Tensor.product(rows(maps[1]), matrix(mapWeights[1]), on: workers), on: workers)
    hidden.addToRows(bias.value, on: workers)
    let factors = factors(of: hidden, using: &generator)
    hidden = hidden.multiplied(by: factors)
    var logits = Tensor.product(hidden, matrix(outputWeight), on: workers)
    logits.addToRows(outputBias.value, on: workers)
    return (
      logits,
      Tape(
        patches: [first, second], branches: branches, maps: maps, hidden: hidden, factors: factors)
    )
  }

  /// Adds the parameters' gradients for that of the logits [n, k], and returns those of the two
  /// patches' features.
  mutating func backward(
    _ logitGradient: Tensor, through tape: Tape, on workers: Workers
  ) -> [Tensor] {
    let ones = Tensor(shape: [1, logitGradient.shape[0]], repeating: 1)
    func product(_ a: Tensor, transposed: Bool = false, _ b: Tensor, bTransposed: Bool = false)
      -> Tensor
    {
      Tensor.product(a, transposed: transposed, b, transposed: bTransposed, on: workers)
    }
    outputWeight.addToGradient(
      product(tape.hidden, transposed: true, logitGradient), on: workers)
    outputBias.addToGradient(product(ones, logitGradient), on: workers)
    let hiddenGradient = product(logitGradient, matrix(outputWeight), bTransposed: true)
      .multiplied(by: tape.factors)
    bias.addToGradient(product(ones, hiddenGradient), on: workers)
    let mapGradients = tape.maps.enumerated().map { index, map in
      mapWeights[index].addToGradient(
        product(rows(map), transposed: true, hiddenGradient), on: workers)
      return product(hiddenGradient, matrix(mapWeights[index]), bTransposed: true)
        .reshaped(to: map.shape)
    }
    let convolvedGradients = branch.addGradients(
      mapGradients, through: tape.branches, inputs: tape.patches.map { ConvolutionInput($0) },
      on: workers)
    return branch.inputGradients(
      convolvedGradients, inputShapes: tape.patches.map(\.shape), on: workers)
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    try branch.forEachParameter(body)
    for index in mapWeights.indices { try body(&mapWeights[index]) }
    try body(&bias)
    try body(&outputWeight)
    try body(&outputBias)
  }

  mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    try branch.forEachBuffer(body)
  }

  private func rows(_ map: Tensor) -> Tensor {
    map.reshaped(to: [map.shape[0], map.count / map.shape[0]])
  }

  private func matrix(_ weight: Parameter) -> Tensor {
    let outputs = weight.value.shape[3]
    return weight.value.reshaped(to: [weight.value.count / outputs, outputs])
  }

  /// 0 where a unit is not above zero or is left out, and what keeps the sum as it was elsewhere.
  private func factors(
    of hidden: Tensor, using generator: inout SeededGenerator
  ) -> Tensor {
    let kept = 1 / (1 - dropout)
    return Tensor(
      shape: hidden.shape,
      values: hidden.values.map { value in
        // Drawn for each unit, so that no value moves another unit's draw.
        let isKept = generator.uniform(0...1) >= dropout
        return value > 0 && isKept ? kept : 0
      })
  }
}

extension Tensor {
  /// The product element by element with a tensor of the same shape; for small ones.
  fileprivate func multiplied(by other: Tensor) -> Tensor {
    precondition(shape == other.shape, "\(shape) times \(other.shape)")
    return Tensor(shape: shape, values: zip(values, other.values).map { $0 * $1 })
  }
}
