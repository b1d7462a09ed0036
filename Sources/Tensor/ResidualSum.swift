import Kernels

/// The end of a residual block (He et al., 2016): a normalised branch plus a shortcut, cut at zero.
public enum ResidualSum {
  /// A convolution's output with what normalises it: γ (y − μ) / √(σ² + ε) + β.
  public struct Branch: Sendable {
    let values: Tensor
    let scale: [Float]
    let shift: [Float]

    /// A branch of y [n, h, w, c] with γ and β [c].
    public init(
      _ y: Tensor, statistics: ChannelStatistics, scale gamma: Tensor, shift beta: Tensor,
      epsilon: Float = BatchNormalisation.epsilon
    ) {
      let folded = FoldedNormalisation(
        statistics, scale: gamma, shift: beta, epsilon: epsilon)
      precondition(
        y.shape.last == folded.scale.count,
        "\(folded.scale.count) channels' statistics for \(y.shape)")
      (values, scale, shift) = (y, folded.scale, folded.shift)
    }
  }

  /// The shortcut that a branch is added to.
  public enum Shortcut: Sendable {
    /// The block's input as it is.
    case identity(Tensor)
    /// The block's input through a convolution of its own.
    case projected(Branch)
  }

  /// max(0, branch + shortcut), [n, h, w, c].
  public static func forward(
    _ branch: Branch, _ shortcut: Shortcut, on workers: Workers
  ) -> Tensor {
    let (values, scale, shift): (Tensor, [Float]?, [Float]?) =
      switch shortcut {
      case .identity(let values): (values, nil, nil)
      case .projected(let projection): (projection.values, projection.scale, projection.shift)
      }
    precondition(
      values.shape == branch.values.shape,
      "a shortcut of \(values.shape) beside \(branch.values.shape)")
    let channels = branch.scale.count
    var output = Tensor(uninitialised: values.shape, on: workers)
    let out = output.mutableElements()
    workers.split(values.count / channels) { range, _ in
      let at = range.lowerBound * channels
      if let scale, let shift {
        kernels_residual_sum(
          branch.values.elements + at, branch.scale, branch.shift, values.elements + at, scale,
          shift, out + at, range.count, channels)
      } else {
        kernels_residual_sum(
          branch.values.elements + at, branch.scale, branch.shift, values.elements + at, nil, nil,
          out + at, range.count, channels)
      }
    }
    return output
  }

  /// The gradient of the sum before it was cut, which is both the branch's and the shortcut's, for
  /// that of `forward`'s output.
  public static func gradient(
    _ outputGradient: Tensor, output: Tensor, on workers: Workers
  ) -> Tensor {
    precondition(
      outputGradient.shape == output.shape, "\(outputGradient.shape) for \(output.shape)")
    var gradient = Tensor(uninitialised: output.shape, on: workers)
    let target = gradient.mutableElements()
    workers.split(output.count) { range, _ in
      let at = range.lowerBound
      kernels_rectified_gradient(
        outputGradient.elements + at, output.elements + at, target + at, range.count)
    }
    return gradient
  }
}
