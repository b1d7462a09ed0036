internal import Tensor

/// A basic residual block (He et al., 2016): two 3×3 convolutions, each normalised, a ReLU between
/// them; their output plus the input, or plus a 1×1 convolution of it where the map shrinks; ReLU.
///
/// The tape keeps the convolutions' outputs and their statistics. The block's own output is not
/// kept: backward is given it, computed again.
struct ResidualBlock: Sendable {
  /// What backward needs of a forward pass.
  struct Tape: Sendable {
    let first: ConvolutionBlock.Tape
    let second: ConvolutionBlock.Tape
    let shortcut: ConvolutionBlock.Tape?

    /// Whether the pass came to numbers throughout.
    var isFinite: Bool { first.isFinite && second.isFinite && shortcut?.isFinite ?? true }
  }

  /// With the ReLU between the convolutions.
  private var first: ConvolutionBlock
  private var second: ConvolutionBlock
  /// The 1×1 convolution that the input goes through, where there is one.
  private var shortcut: ConvolutionBlock?

  /// The block whose tensors come first in `descriptions`, which are taken off; each is made by
  /// `value`.
  init(
    takenFrom descriptions: inout ArraySlice<ModelTensor>, stride: Int,
    value: (ModelTensor) throws -> Tensor
  ) rethrows {
    first = try ConvolutionBlock(
      takenFrom: &descriptions, padding: 1, stride: stride, value: value)
    second = try ConvolutionBlock(
      takenFrom: &descriptions, padding: 1, isRectified: false, value: value)
    if stride > 1 {
      shortcut = try ConvolutionBlock(
        takenFrom: &descriptions, padding: 0, stride: stride, isRectified: false, value: value)
    }
  }

  /// Whether the output can be computed again without the input.
  var hasProjection: Bool { shortcut != nil }

  /// One training pass [n, h, w, in] → [n, h', w', out]; with `repeats`, x stands for a batch in
  /// which it comes so many times over.
  mutating func forward(
    _ x: Tensor, repeats: Int, on workers: Workers
  ) -> (output: Tensor, tape: Tape) {
    let input = ConvolutionBlock.Input(values: x)
    let firstTape = first.convolve(input, repeats: repeats, on: workers)
    let between = first.passedOn(from: firstTape, on: workers)
    let tape = Tape(
      first: firstTape, second: second.convolve(between, repeats: repeats, on: workers),
      shortcut: shortcut?.convolve(input, repeats: repeats, on: workers))
    return (output(from: tape, input: x, on: workers), tape)
  }

  /// The block's output in the pass of `tape`, computed again from its input, which is needed only
  /// where there is no projection.
  func output(from tape: Tape, input: Tensor?, on workers: Workers) -> Tensor {
    output(second: tape.second, shortcut: tape.shortcut, input: input, on: workers)
  }

  /// Adds the parameters' gradients for that of the block's output, and returns that of its input.
  mutating func backward(
    _ outputGradient: Tensor, through tape: Tape, input: Tensor, output: Tensor,
    on workers: Workers
  ) -> Tensor {
    let gradient = ResidualSum.gradient(outputGradient, output: output, on: workers)
    let between = first.passedOn(from: tape.first, on: workers)
    let input = ConvolutionBlock.Input(values: input)
    let secondGradient = second.addGradients(
      gradient, through: tape.second, input: between, on: workers)
    let betweenGradient = second.inputGradient(
      secondGradient, inputShape: between.values.shape, on: workers)
    let firstGradient = first.addGradients(
      betweenGradient, through: tape.first, input: input, on: workers)
    var inputGradient = first.inputGradient(
      firstGradient, inputShape: input.values.shape, on: workers)
    if let shortcutTape = tape.shortcut {
      let shortcutGradient = shortcut!.addGradients(
        gradient, through: shortcutTape, input: input, on: workers)
      inputGradient.add(
        shortcut!.inputGradient(shortcutGradient, inputShape: input.values.shape, on: workers),
        on: workers)
    } else {
      inputGradient.add(gradient, on: workers)
    }
    return inputGradient
  }

  /// The block's output in inference.
  func infer(_ x: Tensor, on workers: Workers) -> Tensor {
    let input = ConvolutionBlock.Input(values: x)
    let between = first.passedOn(from: first.inferred(input, on: workers), on: workers)
    return output(
      second: second.inferred(between, on: workers),
      shortcut: shortcut?.inferred(input, on: workers), input: x, on: workers)
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    try first.forEachParameter(body)
    try second.forEachParameter(body)
    try shortcut?.forEachParameter(body)
  }

  mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    try first.forEachBuffer(body)
    try second.forEachBuffer(body)
    try shortcut?.forEachBuffer(body)
  }

  private func output(
    second secondTape: ConvolutionBlock.Tape, shortcut shortcutTape: ConvolutionBlock.Tape?,
    input: Tensor?, on workers: Workers
  ) -> Tensor {
    let branch = second.residualBranch(secondTape)
    if let shortcut, let shortcutTape {
      return ResidualSum.forward(
        branch, .projected(shortcut.residualBranch(shortcutTape)), on: workers)
    }
    guard let input else { preconditionFailure("a residual block without its input") }
    return ResidualSum.forward(branch, .identity(input), on: workers)
  }
}

extension ConvolutionBlock {
  /// The convolution's output with what normalises it.
  fileprivate func residualBranch(_ tape: Tape) -> ResidualSum.Branch {
    ResidualSum.Branch(
      tape.convolved, statistics: tape.statistics, scale: scale.value, shift: shift.value)
  }
}
