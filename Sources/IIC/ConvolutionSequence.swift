internal import Tensor

/// Blocks of convolution, batch normalisation and ReLU, one after another, some with max-pooling:
/// a trunk of the VGG kind, or what comes before residual blocks.
struct ConvolutionSequence: Sendable {
  /// What backward needs of a forward pass.
  struct Tape: Sendable {
    let input: Tensor
    fileprivate(set) var blocks: [ConvolutionBlock.Tape]

    /// Whether the pass came to numbers throughout.
    var isFinite: Bool { blocks.allSatisfy(\.isFinite) }
  }

  private(set) var blocks: [ConvolutionBlock]

  /// At least one block.
  init(blocks: [ConvolutionBlock]) {
    precondition(!blocks.isEmpty, "a sequence of no blocks")
    self.blocks = blocks
  }

  /// Channels of the output.
  var channels: Int { blocks[blocks.count - 1].convolution.outputChannels }

  /// One training pass of x [n, h, w, in]; with `repeats`, x stands for a batch in which it comes
  /// so many times over.
  mutating func forward(
    _ x: Tensor, repeats: Int, on workers: Workers
  ) -> (output: Tensor, tape: Tape) {
    var tapes: [ConvolutionBlock.Tape] = []
    for index in blocks.indices {
      let input = input(of: index, of: x, tapes, on: workers)
      tapes.append(blocks[index].convolve(input, repeats: repeats, on: workers))
    }
    let tape = Tape(input: x, blocks: tapes)
    return (output(from: tape, on: workers), tape)
  }

  /// The output of the pass of `tape`, computed again.
  func output(from tape: Tape, on workers: Workers) -> Tensor {
    blocks[blocks.count - 1].activation(from: tape.blocks[blocks.count - 1], on: workers)
  }

  /// Adds the parameters' gradients for that of the output. The tape is used up on the way, so that
  /// each block's memory is free for what comes after it.
  mutating func backward(
    _ outputGradient: consuming Tensor, through tape: inout Tape, on workers: Workers
  ) {
    var gradient: Tensor? = consume outputGradient
    while let blockTape = tape.blocks.popLast(), let current = gradient.take() {
      let index = tape.blocks.count
      let input = input(of: index, of: tape.input, tape.blocks, on: workers)
      let convolvedGradient = blocks[index].addGradients(
        consume current, through: blockTape, input: input, on: workers)
      if index > 0 {
        gradient = blocks[index].inputGradient(
          convolvedGradient, inputShape: input.values.shape, on: workers)
      }
    }
  }

  /// The output in inference.
  func infer(_ x: Tensor, on workers: Workers) -> Tensor {
    var last = blocks[0].inferred(ConvolutionBlock.Input(values: x), on: workers)
    for index in blocks.indices.dropFirst() {
      last = blocks[index].inferred(
        blocks[index - 1].passedOn(from: last, on: workers), on: workers)
    }
    return blocks[blocks.count - 1].activation(from: last, on: workers)
  }

  /// What a block reads in a pass over x of which the tapes of the blocks before are given.
  private func input(
    of index: Int, of x: Tensor, _ tapes: [ConvolutionBlock.Tape], on workers: Workers
  ) -> ConvolutionBlock.Input {
    index == 0
      ? ConvolutionBlock.Input(values: x)
      : blocks[index - 1].passedOn(from: tapes[index - 1], on: workers)
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    for index in blocks.indices { try blocks[index].forEachParameter(body) }
  }

  mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    for index in blocks.indices { try blocks[index].forEachBuffer(body) }
  }
}
