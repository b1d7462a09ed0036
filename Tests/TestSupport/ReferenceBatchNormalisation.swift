/// Batch normalisation by the batch's own statistics, with a ReLU after it if wished.
///
/// The last axis holds the c channels; all other axes are the batch (NHWC or [n, c]).
///
///     output = max(0, scale · (input − mean) / √(variance + epsilon) + shift)
public enum ReferenceBatchNormalisation {
  /// Each channel's mean and biased variance (the mean square distance from the mean), both [c].
  public static func statistics(
    of input: ReferenceTensor
  ) -> (mean: ReferenceTensor, variance: ReferenceTensor) {
    let channels = input.shape.last!
    let count = Double(input.count / channels)
    var mean = ReferenceTensor(shape: [channels])
    var variance = ReferenceTensor(shape: [channels])
    for (index, value) in input.values.enumerated() {
      mean.values[index % channels] += value / count
    }
    for (index, value) in input.values.enumerated() {
      let distance = value - mean.values[index % channels]
      variance.values[index % channels] += distance * distance / count
    }
    return (mean, variance)
  }

  /// The output by given statistics, of the input's shape; scale and shift are [c].
  public static func apply(
    _ input: ReferenceTensor, mean: ReferenceTensor, variance: ReferenceTensor,
    scale: ReferenceTensor, shift: ReferenceTensor, rectified: Bool, epsilon: Double = 1e-5
  ) -> ReferenceTensor {
    let channels = input.shape.last!
    var output = input
    for index in input.values.indices {
      let channel = index % channels
      let normalised =
        (input.values[index] - mean.values[channel])
        / (variance.values[channel] + epsilon).squareRoot()
      let value = scale.values[channel] * normalised + shift.values[channel]
      output.values[index] = rectified ? max(0, value) : value
    }
    return output
  }

  /// The output by the input's own statistics: what training differentiates.
  public static func forward(
    _ input: ReferenceTensor, scale: ReferenceTensor, shift: ReferenceTensor, rectified: Bool,
    epsilon: Double = 1e-5
  ) -> ReferenceTensor {
    let (mean, variance) = statistics(of: input)
    return apply(
      input, mean: mean, variance: variance, scale: scale, shift: shift, rectified: rectified,
      epsilon: epsilon)
  }
}
