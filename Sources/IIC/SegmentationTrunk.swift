internal import Tensor

/// The trunk of SegmentationNet10a: six blocks of convolution, batch normalisation and ReLU, with a
/// max-pool after the second (paper section 4.3; a variant of VGG).
///
/// Every convolution pads by one, the dilated ones too, so that each of those trims one cell on
/// each side.
struct SegmentationTrunk: Sendable {
  /// What backward needs of a forward pass.
  struct Tape: Sendable {
    let input: Tensor
    let blocks: [ConvolutionBlock.Tape]

    /// Whether every channel's mean and variance were numbers. ReLU takes what is not a number for
    /// zero, so that the loss alone would not tell.
    var isFinite: Bool {
      blocks.allSatisfy { block in
        block.statistics.mean.allSatisfy(\.isFinite)
          && block.statistics.variance.allSatisfy(\.isFinite)
      }
    }
  }

  private(set) var blocks: [ConvolutionBlock]
  private let pooling = MaxPooling(size: 2, stride: 2)
  /// The block whose output is pooled.
  private static let pooledBlock = 1
  private static let dilations = [1, 1, 1, 1, 2, 2]

  /// A trunk of the tensors described, in their order, each made by `value`.
  init(_ descriptions: [ModelTensor], value: (ModelTensor) throws -> Tensor) rethrows {
    var blocks: [ConvolutionBlock] = []
    var rest = descriptions[...]
    while let weight = rest.popFirst() {
      let shape = weight.shape
      precondition(
        weight.role == .convolutionWeight && shape.count == 4,
        "\(weight.name) begins a block of the trunk")
      let convolution = Convolution(
        inputChannels: shape[2], outputChannels: shape[3], kernelSize: shape[0], padding: 1,
        dilation: Self.dilations[blocks.count])
      func parameter(_ description: ModelTensor) throws -> Parameter {
        Parameter(name: description.name, value: try value(description))
      }
      var block = ConvolutionBlock(
        convolution: convolution, weight: try parameter(weight),
        scale: try parameter(rest.removeFirst()), shift: try parameter(rest.removeFirst()))
      if rest.first?.role == .runningMean {
        let (mean, variance) = (rest.removeFirst(), rest.removeFirst())
        block.running = RunningStatistics(
          mean: Buffer(name: mean.name, value: try value(mean)),
          variance: Buffer(name: variance.name, value: try value(variance)))
      }
      blocks.append(block)
    }
    precondition(blocks.count == Self.dilations.count, "a trunk of \(blocks.count) blocks")
    self.blocks = blocks
  }

  /// Channels of the features.
  var channels: Int { blocks[blocks.count - 1].convolution.outputChannels }

  /// One training pass: x [n, h, w, in] → features [n, h/2 − 4, w/2 − 4, channels].
  mutating func forward(_ x: Tensor, on workers: Workers) -> (features: Tensor, tape: Tape) {
    var tapes: [ConvolutionBlock.Tape] = []
    var activation = x
    for index in blocks.indices {
      let (output, tape) = blocks[index].forward(activation, on: workers)
      tapes.append(tape)
      activation = index == Self.pooledBlock ? pooling.forward(output, on: workers) : output
    }
    return (activation, Tape(input: x, blocks: tapes))
  }

  /// The features of the pass of `tape`, computed again.
  func features(from tape: Tape, on workers: Workers) -> Tensor {
    blocks[blocks.count - 1].activation(from: tape.blocks[blocks.count - 1], on: workers)
  }

  /// Adds the parameters' gradients for that of the features.
  mutating func backward(_ featureGradient: Tensor, through tape: Tape, on workers: Workers) {
    var gradient = featureGradient
    for index in blocks.indices.dropFirst().reversed() {
      let before = blocks[index - 1].activation(from: tape.blocks[index - 1], on: workers)
      let isPooled = index - 1 == Self.pooledBlock
      let input = isPooled ? pooling.forward(before, on: workers) : before
      let convolvedGradient = blocks[index].addGradients(
        gradient, through: tape.blocks[index], input: input, on: workers)
      gradient = blocks[index].inputGradient(
        convolvedGradient, inputShape: input.shape, on: workers)
      if isPooled { gradient = pooling.inputGradient(gradient, input: before, on: workers) }
    }
    _ = blocks[0].addGradients(gradient, through: tape.blocks[0], input: tape.input, on: workers)
  }

  /// The features in inference.
  func infer(_ x: Tensor, on workers: Workers) -> Tensor {
    var activation = x
    for (index, block) in blocks.enumerated() {
      activation = block.infer(activation, on: workers)
      if index == Self.pooledBlock { activation = pooling.forward(activation, on: workers) }
    }
    return activation
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    for index in blocks.indices { try blocks[index].forEachParameter(body) }
  }

  mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    for index in blocks.indices { try blocks[index].forEachBuffer(body) }
  }
}
