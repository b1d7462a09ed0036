internal import Tensor

/// Convolution without bias, batch normalisation and ReLU, as one block, with max-pooling after them
/// where there is one.
///
/// The tape keeps the convolution's output and its statistics; whoever needs the activation again
/// has it recomputed from those, which takes far less time than the convolution and halves what a
/// training step holds.
struct ConvolutionBlock: Sendable {
  /// What backward needs of a forward pass.
  struct Tape: Sendable {
    /// The convolution's output [n, h, w, c].
    let convolved: Tensor
    /// The statistics it was normalised by.
    let statistics: ChannelStatistics
  }

  let convolution: Convolution
  var weight: Parameter
  var scale: Parameter
  var shift: Parameter
  /// The running mean and variance, where they are tracked.
  var running: RunningStatistics?
  /// Whether there is a ReLU.
  var isRectified = true
  /// The pooling after the ReLU.
  var pooling: MaxPooling?

  /// The first part of a training pass [n, h, w, in] → [n, h', w', out] of each view, up to the
  /// statistics of its batch, which normalise it; moves the running ones, where they are tracked,
  /// once a view.
  ///
  /// Each view stands for a batch in which it comes as many times over as `repeats` says.
  mutating func convolve(
    _ views: [ConvolutionInput], repeats: [Int], on workers: Workers
  ) -> [Tape] {
    let outputs = convolution.forwardWithStatistics(views, weight: weight.value, on: workers)
    return zip(outputs, repeats).map { output, repeats in
      running?.include(output.statistics, repeats: repeats)
      return Tape(convolved: output.output, statistics: output.statistics)
    }
  }

  /// The block's output in the pass of `tape`, as the next convolution reads it.
  func passedOn(from tape: Tape, on workers: Workers) -> ConvolutionInput {
    guard pooling == nil && isRectified else {
      return ConvolutionInput(activation(from: tape, on: workers))
    }
    return ConvolutionInput(
      tape.convolved,
      rectifying: FoldedNormalisation(
        tape.statistics, scale: scale.value, shift: shift.value))
  }

  /// The block's output in the pass of `tape`, computed again.
  func activation(from tape: Tape, on workers: Workers) -> Tensor {
    if let pooling {
      return BatchNormalisation.applyPooled(
        tape.convolved, statistics: tape.statistics, scale: scale.value, shift: shift.value,
        pooling: pooling, on: workers)
    }
    return BatchNormalisation.apply(
      tape.convolved, statistics: tape.statistics, scale: scale.value, shift: shift.value,
      rectified: isRectified, on: workers)
  }

  /// Adds the parameters' gradients for those of the block's output in each view, and returns those
  /// of the convolution's output. `inputs` is what the pass of `tapes` was given.
  mutating func addGradients(
    _ outputGradients: consuming [Tensor], through tapes: [Tape], inputs: [ConvolutionInput],
    on workers: Workers
  ) -> [Tensor] {
    // Taken out one by one, so that each one's memory serves its successor.
    var rest = Array(outputGradients.reversed())
    outputGradients = []
    var convolvedGradients: [Tensor] = []
    for tape in tapes {
      guard let gradient = rest.popLast() else { preconditionFailure("a view without gradient") }
      convolvedGradients.append(convolvedGradient(gradient, through: tape, on: workers))
    }
    convolution.addWeightGradient(
      convolvedGradients, inputs: inputs, into: &weight.gradient, on: workers)
    scale.hasGradient = true
    shift.hasGradient = true
    weight.hasGradient = true
    return convolvedGradients
  }

  /// Adds the gradients of γ and β for that of the block's output, and returns that of the
  /// convolution's output.
  private mutating func convolvedGradient(
    _ outputGradient: consuming Tensor, through tape: Tape, on workers: Workers
  ) -> Tensor {
    if let pooling {
      return BatchNormalisation.pooledGradient(
        outputGradient, input: tape.convolved, statistics: tape.statistics, scale: scale.value,
        shift: shift.value, scaleGradient: &scale.gradient, shiftGradient: &shift.gradient,
        pooling: pooling, on: workers)
    }
    return BatchNormalisation.gradient(
      outputGradient, input: tape.convolved, statistics: tape.statistics, scale: scale.value,
      shift: shift.value, scaleGradient: &scale.gradient, shiftGradient: &shift.gradient,
      rectified: isRectified, on: workers)
  }

  /// The gradients of the block's inputs for those of the convolution's outputs, a view each.
  func inputGradients(
    _ convolvedGradients: [Tensor], inputShapes: [[Int]], on workers: Workers
  ) -> [Tensor] {
    convolution.inputGradients(
      convolvedGradients, weight: weight.value, inputShapes: inputShapes, on: workers)
  }

  /// The convolution's output in inference, and the statistics that normalise it: the running ones,
  /// or the batch's own where none are tracked.
  func inferred(_ x: ConvolutionInput, on workers: Workers) -> Tape {
    if let running {
      let convolved = convolution.forward(
        x.values, rectifying: x.rectifying, weight: weight.value, on: workers)
      return Tape(convolved: convolved, statistics: running.statistics)
    }
    let (convolved, statistics) = convolution.forwardWithStatistics(
      [x], weight: weight.value, on: workers)[0]
    return Tape(convolved: convolved, statistics: statistics)
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    try body(&weight)
    try body(&scale)
    try body(&shift)
  }

  mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    guard running != nil else { return }
    try body(&running!.mean)
    try body(&running!.variance)
  }
}

/// The running mean and variance of a batch normalisation's channels.
struct RunningStatistics: Sendable {
  var mean: Buffer
  var variance: Buffer

  /// The part that each batch takes in the running statistics: PyTorch's default.
  static let momentum: Float = 0.1

  /// Moves towards a batch's statistics. As in PyTorch the variance is unbiased here, though the
  /// batch is normalised by the biased one; with `repeats`, each pixel counts so many times.
  mutating func include(_ batch: ChannelStatistics, repeats: Int = 1) {
    let count = batch.count * repeats
    let unbiased = Float(Double(count) / Double(max(1, count - 1)))
    for channel in 0..<batch.mean.count {
      mean.value[channel] += Self.momentum * (batch.mean[channel] - mean.value[channel])
      variance.value[channel] +=
        Self.momentum * (batch.variance[channel] * unbiased - variance.value[channel])
    }
  }

  /// The running values as statistics to normalise by.
  var statistics: ChannelStatistics {
    ChannelStatistics(mean: mean.value.values, variance: variance.value.values, count: 0)
  }
}
