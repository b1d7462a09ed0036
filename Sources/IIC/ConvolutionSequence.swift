internal import Tensor

/// Blocks of convolution, batch normalisation and ReLU, one after another, some with max-pooling:
/// a trunk of the VGG kind, or what comes before residual blocks.
struct ConvolutionSequence: Sendable {
  /// What backward needs of a forward pass.
  struct Tape: Sendable {
    let views: [ViewBatch]
    /// Each block's, a view each.
    fileprivate(set) var blocks: [[ConvolutionBlock.Tape]]

    /// Whether the pass came to numbers throughout.
    var isFinite: Bool { blocks.allSatisfy { $0.allSatisfy(\.isFinite) } }
  }

  private(set) var blocks: [ConvolutionBlock]

  /// At least one block.
  init(blocks: [ConvolutionBlock]) {
    precondition(!blocks.isEmpty, "a sequence of no blocks")
    self.blocks = blocks
  }

  /// Channels of the output.
  var channels: Int { blocks[blocks.count - 1].convolution.outputChannels }

  /// One training pass of views [n, h, w, in].
  mutating func forward(
    _ views: [ViewBatch], on workers: Workers
  ) -> (outputs: [Tensor], tape: Tape) {
    var tape = Tape(views: views, blocks: [])
    let repeats = views.map(\.repeats)
    for index in blocks.indices {
      let inputs = inputs(of: index, in: tape, on: workers)
      tape.blocks.append(blocks[index].convolve(inputs, repeats: repeats, on: workers))
    }
    return (outputs(from: tape, on: workers), tape)
  }

  /// The outputs of the pass of `tape`, computed again.
  func outputs(from tape: Tape, on workers: Workers) -> [Tensor] {
    tape.blocks[blocks.count - 1].map {
      blocks[blocks.count - 1].activation(from: $0, on: workers)
    }
  }

  /// Adds the parameters' gradients for those of the outputs. The tape is used up on the way, so
  /// that each block's memory is free for what comes after it.
  mutating func backward(
    _ outputGradients: consuming [Tensor], through tape: inout Tape, on workers: Workers
  ) {
    var gradients: [Tensor]? = consume outputGradients
    while let blockTapes = tape.blocks.popLast(), let current = gradients.take() {
      let index = tape.blocks.count
      let inputs = inputs(of: index, in: tape, on: workers)
      let convolvedGradients = blocks[index].addGradients(
        consume current, through: blockTapes, inputs: inputs, on: workers)
      if index > 0 {
        gradients = blocks[index].inputGradients(
          convolvedGradients, inputShapes: inputs.map(\.values.shape), on: workers)
      }
    }
  }

  /// The output in inference.
  func infer(_ x: Tensor, on workers: Workers) -> Tensor {
    var last = blocks[0].inferred(ConvolutionInput(x), on: workers)
    for index in blocks.indices.dropFirst() {
      last = blocks[index].inferred(
        blocks[index - 1].passedOn(from: last, on: workers), on: workers)
    }
    return blocks[blocks.count - 1].activation(from: last, on: workers)
  }

  /// What a block reads in a pass of which the tape has the blocks before, a view each.
  private func inputs(of index: Int, in tape: Tape, on workers: Workers) -> [ConvolutionInput] {
    guard index > 0 else { return tape.views.map { ConvolutionInput($0.images) } }
    return tape.blocks[index - 1].map { blocks[index - 1].passedOn(from: $0, on: workers) }
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    for index in blocks.indices { try blocks[index].forEachParameter(body) }
  }

  mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    for index in blocks.indices { try blocks[index].forEachBuffer(body) }
  }
}
