/// Batch normalisation as one multiplication and one addition a channel, with ReLU after it:
/// max(0, scale · y + shift).
public struct FoldedNormalisation: Sendable, Equatable {
  /// γ / √(σ² + ε), one a channel.
  public let scale: [Float]
  /// β − μ · scale, one a channel.
  public let shift: [Float]
  /// 1 / √(σ² + ε), one a channel.
  let inverse: [Float]

  /// The normalisation by given statistics with γ and β [c].
  public init(
    _ statistics: ChannelStatistics, scale gamma: Tensor, shift beta: Tensor,
    epsilon: Float = BatchNormalisation.epsilon
  ) {
    let channels = statistics.mean.count
    precondition(
      gamma.shape == [channels] && beta.shape == [channels],
      "scale \(gamma.shape), shift \(beta.shape) for \(channels) channels")
    let inverse = statistics.variance.map { Float(1 / (Double($0) + Double(epsilon)).squareRoot()) }
    let scale = gamma.withSpan { gamma in (0..<channels).map { gamma[$0] * inverse[$0] } }
    self.inverse = inverse
    self.scale = scale
    shift = beta.withSpan { beta in
      (0..<channels).map { beta[$0] - statistics.mean[$0] * scale[$0] }
    }
  }

  /// A pixel that the normalisation and ReLU make zero, for those that padding adds: −∞, or +∞
  /// where the scale is negative. (A scale of 0 makes it not a number, which ReLU cuts as well.)
  var zeroPixel: [Float] {
    scale.map { $0 < 0 ? .infinity : -.infinity }
  }
}
