internal import Tensor

/// A basic residual block (He et al., 2016): two 3×3 convolutions, each normalised, a ReLU between
/// them; their output plus the input, or plus a 1×1 convolution of it where the map shrinks; ReLU.
///
/// The tape keeps the convolutions' outputs and their statistics. The block's own output is not
/// kept: backward is given it, computed again.
struct ResidualBlock: Sendable {
  /// What backward needs of a forward pass, a view each.
  struct Tape: Sendable {
    let first: [ConvolutionBlock.Tape]
    let second: [ConvolutionBlock.Tape]
    let shortcut: [ConvolutionBlock.Tape]?

    /// Whether the pass came to numbers throughout.
    var isFinite: Bool { (first + second + (shortcut ?? [])).allSatisfy(\.isFinite) }
  }

  /// With the ReLU between the convolutions.
  private(set) var first: ConvolutionBlock
  private(set) var second: ConvolutionBlock
  /// The 1×1 convolution that the input goes through, where there is one.
  private(set) var shortcut: ConvolutionBlock?

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

  /// One training pass of views [n, h, w, in] → [n, h', w', out]; each stands for a batch in which
  /// it comes as many times over as `repeats` says.
  mutating func forward(
    _ views: [Tensor], repeats: [Int], on workers: Workers
  ) -> (outputs: [Tensor], tape: Tape) {
    let inputs = views.map { ConvolutionInput($0) }
    let firstTapes = first.convolve(inputs, repeats: repeats, on: workers)
    let between = firstTapes.map { first.passedOn(from: $0, on: workers) }
    let tape = Tape(
      first: firstTapes, second: second.convolve(between, repeats: repeats, on: workers),
      shortcut: shortcut?.convolve(inputs, repeats: repeats, on: workers))
    return (outputs(from: tape, inputs: views, on: workers), tape)
  }

  /// The block's outputs in the pass of `tape`, computed again from its inputs, which are needed
  /// only where there is no projection.
  func outputs(from tape: Tape, inputs: [Tensor]?, on workers: Workers) -> [Tensor] {
    tape.second.indices.map { view in
      output(
        second: tape.second[view], shortcut: tape.shortcut?[view], input: inputs?[view],
        on: workers)
    }
  }

  /// Adds the parameters' gradients for those of the block's outputs, and returns those of its
  /// inputs.
  mutating func backward(
    _ outputGradients: [Tensor], through tape: Tape, inputs: [Tensor], outputs: [Tensor],
    on workers: Workers
  ) -> [Tensor] {
    let gradients = zip(outputGradients, outputs).map {
      ResidualSum.gradient($0, output: $1, on: workers)
    }
    let between = tape.first.map { first.passedOn(from: $0, on: workers) }
    let inputs = inputs.map { ConvolutionInput($0) }
    let shapes = inputs.map(\.values.shape)
    let secondGradients = second.addGradients(
      gradients, through: tape.second, inputs: between, on: workers)
    let betweenGradients = second.inputGradients(
      secondGradients, inputShapes: between.map(\.values.shape), on: workers)
    let firstGradients = first.addGradients(
      betweenGradients, through: tape.first, inputs: inputs, on: workers)
    var inputGradients = first.inputGradients(firstGradients, inputShapes: shapes, on: workers)
    var shortcutGradients = gradients
    if let shortcutTape = tape.shortcut {
      let projected = shortcut!.addGradients(
        gradients, through: shortcutTape, inputs: inputs, on: workers)
      shortcutGradients = shortcut!.inputGradients(projected, inputShapes: shapes, on: workers)
    }
    for (view, gradient) in shortcutGradients.enumerated() {
      inputGradients[view].add(gradient, on: workers)
    }
    return inputGradients
  }

  /// The block's output in inference.
  func infer(_ x: Tensor, on workers: Workers) -> Tensor {
    let input = ConvolutionInput(x)
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
