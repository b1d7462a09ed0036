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

    /// Whether the branches' statistics are.
    var isFinite: Bool { branches.allSatisfy(\.isFinite) }
  }

  /// The part of the hidden units that a training pass leaves out.
  var dropout: Float = 0.5
  private var branch: ConvolutionBlock
  /// Reads the maps of both branches [n, s, s, c], and gives [n, m].
  private var joint: LinearLayer
  private var output: LinearLayer

  /// A head with each of its tensors made by `value`.
  init(
    _ configuration: ModelConfiguration, task: PretextTask, patchSide: Int,
    value: (ModelTensor) throws -> Tensor
  ) rethrows {
    let descriptions = Self.tensorDescriptions(configuration, task: task, patchSide: patchSide)
    var rest = descriptions[...]
    branch = try ConvolutionBlock(takenFrom: &rest, padding: 1, value: value)
    joint = try LinearLayer(rest.prefix(3), value: value)
    output = try LinearLayer(rest.dropFirst(3), value: value)
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

  /// One training pass: logits [n, k] of the features of two patches of each image [n, s, s, c].
  /// The branch normalises each patch by its own batch's statistics, and moves the running ones.
  mutating func forward(
    _ first: Tensor, _ second: Tensor, dropout generator: inout SeededGenerator,
    on workers: Workers
  ) -> (logits: Tensor, tape: Tape) {
    let branches = branch.convolve(
      [first, second].map { ConvolutionInput($0) }, repeats: [1, 1], on: workers)
    let maps = branches.map { branch.activation(from: $0, on: workers) }
    var hidden = joint.forward(maps, on: workers)
    let factors = factors(of: hidden, using: &generator)
    hidden = hidden.multiplied(by: factors)
    let logits = output.forward([hidden], on: workers)
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
    let hiddenGradient = output.backward(logitGradient, inputs: [tape.hidden], on: workers)[0]
      .multiplied(by: tape.factors)
    let mapGradients = joint.backward(hiddenGradient, inputs: tape.maps, on: workers)
    let convolvedGradients = branch.addGradients(
      mapGradients, through: tape.branches, inputs: tape.patches.map { ConvolutionInput($0) },
      on: workers)
    return branch.inputGradients(
      convolvedGradients, inputShapes: tape.patches.map(\.shape), on: workers)
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    try branch.forEachParameter(body)
    try joint.forEachParameter(body)
    try output.forEachParameter(body)
  }

  mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    try branch.forEachBuffer(body)
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
