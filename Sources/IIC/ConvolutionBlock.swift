internal import Tensor

/// Convolution without bias, batch normalisation and ReLU, as one block.
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

  /// One training pass [n, h, w, in] → [n, h', w', out], normalised by the batch's own statistics;
  /// moves the running ones, where they are tracked.
  mutating func forward(_ x: Tensor, on workers: Workers) -> (output: Tensor, tape: Tape) {
    let convolved = convolution.forward(x, weight: weight.value, on: workers)
    let statistics = BatchNormalisation.statistics(of: convolved, on: workers)
    running?.include(statistics)
    let tape = Tape(convolved: convolved, statistics: statistics)
    return (activation(from: tape, on: workers), tape)
  }

  /// The block's output in the pass of `tape`, computed again.
  func activation(from tape: Tape, on workers: Workers) -> Tensor {
    BatchNormalisation.apply(
      tape.convolved, statistics: tape.statistics, scale: scale.value, shift: shift.value,
      rectified: true, on: workers)
  }

  /// Adds the parameters' gradients for that of the block's output, and returns that of the
  /// convolution's output. `input` is what the pass of `tape` was given.
  mutating func addGradients(
    _ outputGradient: Tensor, through tape: Tape, input: Tensor, on workers: Workers
  ) -> Tensor {
    let convolvedGradient = BatchNormalisation.gradient(
      outputGradient, input: tape.convolved, statistics: tape.statistics, scale: scale.value,
      shift: shift.value, scaleGradient: &scale.gradient, shiftGradient: &shift.gradient,
      rectified: true, on: workers)
    convolution.addWeightGradient(
      convolvedGradient, input: input, into: &weight.gradient, on: workers)
    scale.hasGradient = true
    shift.hasGradient = true
    weight.hasGradient = true
    return convolvedGradient
  }

  /// The gradient of the block's input for that of the convolution's output.
  func inputGradient(
    _ convolvedGradient: Tensor, inputShape: [Int], on workers: Workers
  ) -> Tensor {
    convolution.inputGradient(
      convolvedGradient, weight: weight.value, inputShape: inputShape, on: workers)
  }

  /// The block's output in inference: normalised by the running statistics, or by the batch's own
  /// where none are tracked.
  func infer(_ x: Tensor, on workers: Workers) -> Tensor {
    let convolved = convolution.forward(x, weight: weight.value, on: workers)
    let statistics =
      running?.statistics ?? BatchNormalisation.statistics(of: convolved, on: workers)
    return BatchNormalisation.apply(
      convolved, statistics: statistics, scale: scale.value, shift: shift.value, rectified: true,
      on: workers)
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
  /// batch is normalised by the biased one.
  mutating func include(_ batch: ChannelStatistics) {
    let unbiased = Float(Double(batch.count) / Double(max(1, batch.count - 1)))
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
