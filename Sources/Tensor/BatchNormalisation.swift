import Kernels

/// Mean and variance of each channel over a batch's pixels.
public struct ChannelStatistics: Sendable, Equatable {
  /// One mean a channel.
  public var mean: [Float]
  /// One variance a channel, divided by the count (biased).
  public var variance: [Float]
  /// How many pixels they were taken over.
  public var count: Int

  /// Statistics of `count` pixels.
  public init(mean: [Float], variance: [Float], count: Int) {
    precondition(mean.count == variance.count, "\(mean.count) means, \(variance.count) variances")
    self.mean = mean
    self.variance = variance
    self.count = count
  }

  /// Whether every channel's mean and variance are numbers. ReLU takes what is not a number for zero,
  /// so that the loss alone would not tell.
  public var isFinite: Bool { mean.allSatisfy(\.isFinite) && variance.allSatisfy(\.isFinite) }
}

/// Batch normalisation (Ioffe and Szegedy, 2015), with ReLU on the way out where asked for.
public enum BatchNormalisation {
  /// PyTorch's default addition to the variance.
  public static let epsilon: Float = 1e-5

  /// The statistics of each channel of y [n, h, w, c] over n, h and w.
  public static func statistics(of y: Tensor, on workers: Workers) -> ChannelStatistics {
    let channels = y.shape.last ?? 0
    precondition(channels > 0 && y.count > 0, "statistics of the shape \(y.shape)")
    let rows = y.count / channels
    let centre = roughMean(of: y, rows: rows, channels: channels)
    let (sum, square) = twoChannelSums(rows: rows, channels: channels, on: workers) {
      range, sum, square in
      kernels_channel_sums(
        y.elements + range.lowerBound * channels, centre, range.count, channels, sum, square)
    }
    var statistics = ChannelStatistics(
      mean: centre, variance: [Float](repeating: 0, count: channels), count: rows)
    for c in 0..<channels {
      let offset = sum[c] / Double(rows)
      statistics.mean[c] = Float(Double(centre[c]) + offset)
      statistics.variance[c] = Float(max(0, square[c] / Double(rows) - offset * offset))
    }
    return statistics
  }

  /// γ (y − μ) / √(σ² + ε) + β for y [n, h, w, c] and γ, β [c], cut at zero if `rectified`.
  public static func apply(
    _ y: Tensor, statistics: ChannelStatistics, scale gamma: Tensor, shift beta: Tensor,
    rectified: Bool, epsilon: Float = epsilon, on workers: Workers
  ) -> Tensor {
    apply(
      y, FoldedNormalisation(statistics, scale: gamma, shift: beta, epsilon: epsilon),
      rectified: rectified, on: workers)
  }

  /// scale · y + shift for y [n, h, w, c], cut at zero if `rectified`.
  public static func apply(
    _ y: Tensor, _ folded: FoldedNormalisation, rectified: Bool, on workers: Workers
  ) -> Tensor {
    let channels = folded.scale.count
    precondition(y.shape.last == channels, "\(channels) channels' normalisation of \(y.shape)")
    var output = Tensor(uninitialised: y.shape, on: workers)
    let out = output.mutableElements()
    workers.split(y.count / channels) { range, _ in
      let at = range.lowerBound * channels
      kernels_normalise(
        y.elements + at, folded.scale, folded.shift, out + at, range.count, channels,
        rectified ? 1 : 0)
    }
    return output
  }

  /// The gradient of `apply` with respect to y, the statistics being y's own; adds the gradients
  /// of γ and β into theirs. Where the output was cut at zero no gradient passes. The result takes
  /// the memory of the output's gradient where nobody else holds that.
  public static func gradient(
    _ outputGradient: consuming Tensor, input y: Tensor, statistics: ChannelStatistics,
    scale gamma: Tensor,
    shift beta: Tensor, scaleGradient: inout Tensor, shiftGradient: inout Tensor, rectified: Bool,
    epsilon: Float = epsilon, on workers: Workers
  ) -> Tensor {
    var gradient = outputGradient
    // Another holder's memory is read where it is: to copy it would keep one thread alone busy.
    let shared = gradient.leaveSharedMemory(on: workers)
    precondition(gradient.shape == y.shape, "\(gradient.shape) for \(y.shape)")
    let folded = FoldedNormalisation(statistics, scale: gamma, shift: beta, epsilon: epsilon)
    let channels = folded.scale.count
    let rows = y.count / channels
    let flag: Int32 = rectified ? 1 : 0
    let out = gradient.mutableElements()
    let source = shared?.elements ?? UnsafePointer(out)
    let (sum, product) = twoChannelSums(rows: rows, channels: channels, on: workers) {
      range, sum, product in
      let at = range.lowerBound * channels
      kernels_normalisation_sums(
        source + at, y.elements + at, folded.scale, folded.shift,
        statistics.mean, folded.inverse, range.count, channels, flag, sum, product)
    }
    scaleGradient.add(product)
    shiftGradient.add(sum)
    let sumMean = sum.map { Float($0 / Double(rows)) }
    let productMean = product.map { Float($0 / Double(rows)) }
    workers.split(rows) { range, _ in
      let at = range.lowerBound * channels
      kernels_normalisation_gradient(
        source + at, y.elements + at, folded.scale, folded.shift, statistics.mean, folded.inverse,
        sumMean, productMean, out + at, range.count, channels, flag)
    }
    return withExtendedLifetime(shared) { gradient }
  }

  /// The mean of a few pixels evenly spread. Sums are taken about it, so that a mean far from zero
  /// does not swallow the variance's digits.
  private static func roughMean(of y: Tensor, rows: Int, channels: Int) -> [Float] {
    let picked = min(rows, 64)
    var sums = [Double](repeating: 0, count: channels)
    for pick in 0..<picked {
      let row = y.elements + pick * rows / picked * channels
      for c in 0..<channels { sums[c] += Double(row[c]) }
    }
    return sums.map { Float($0 / Double(picked)) }
  }

  /// Two sums a channel, each worker's own added up in the workers' order.
  static func twoChannelSums(
    rows: Int, channels: Int, on workers: Workers,
    _ body:
      @escaping (Range<Int>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) ->
      Void
  ) -> ([Double], [Double]) {
    let stride = channels * 2
    var partial = [Double](repeating: 0, count: workers.threads * stride)
    partial.withUnsafeMutableBufferPointer { buffer in
      let base = buffer.baseAddress!
      workers.split(rows) { range, worker in
        body(range, base + worker * stride, base + worker * stride + channels)
      }
    }
    var (first, second) = (
      [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
    )
    for worker in 0..<workers.threads {
      for c in 0..<channels {
        first[c] += partial[worker * stride + c]
        second[c] += partial[worker * stride + channels + c]
      }
    }
    return (first, second)
  }
}
