/// Sums of a convolution's output on its way out, from which its channels' mean and variance follow:
/// a worker's own about a centre of its own, put together at the end in the workers' order.
final class OutputTotals: @unchecked Sendable {
  private struct Total {
    var centre: [Float] = []
    var count = 0
    var sum: [Double]
    var square: [Double]
  }

  // Each worker touches its own entry alone.
  private let totals: UnsafeMutableBufferPointer<Total>
  private let channels: Int

  /// Totals of no pixels yet.
  init(channels: Int, workers: Int) {
    self.channels = channels
    totals = .allocate(capacity: workers)
    let zeros = [Double](repeating: 0, count: channels)
    totals.initialize(repeating: Total(sum: zeros, square: zeros))
  }

  deinit {
    totals.deinitialize()
    totals.deallocate()
  }

  /// Adds what `body` sums up, in groups of 16 sums and 16 sums of squares about the centre it is
  /// given, returning the count; `makeCentre` is asked for one when the worker has none yet.
  func add(
    worker: Int, makeCentre: () -> [Float],
    body: (_ centre: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>) -> Int
  ) {
    if totals[worker].centre.isEmpty {
      totals[worker].centre = makeCentre()
    }
    let lanes = 16
    let size = (channels + lanes - 1) / lanes * lanes * 2
    withUnsafeTemporaryAllocation(of: Float.self, capacity: size) { sums in
      sums.initialize(repeating: 0)
      totals[worker].count += totals[worker].centre.withUnsafeBufferPointer {
        body($0.baseAddress!, sums.baseAddress!)
      }
      for channel in 0..<channels {
        let at = channel / lanes * 2 * lanes + channel % lanes
        totals[worker].sum[channel] += Double(sums[at])
        totals[worker].square[channel] += Double(sums[at + lanes])
      }
    }
  }

  /// Mean and variance over all workers' pixels (Chan, Golub and LeVeque, 1983).
  func statistics() -> ChannelStatistics {
    let parts = totals.filter { $0.count > 0 }
    let count = parts.reduce(0) { $0 + $1.count }
    var statistics = ChannelStatistics(
      mean: [Float](repeating: 0, count: channels),
      variance: [Float](repeating: 0, count: channels), count: count)
    for channel in 0..<channels {
      let means = parts.map { Double($0.centre[channel]) + $0.sum[channel] / Double($0.count) }
      var mean = 0.0
      for (part, own) in zip(parts, means) { mean += own * Double(part.count) / Double(count) }
      var squares = 0.0
      for (part, own) in zip(parts, means) {
        let (n, sum) = (Double(part.count), part.sum[channel])
        squares += part.square[channel] - sum * sum / n + n * (own - mean) * (own - mean)
      }
      statistics.mean[channel] = Float(mean)
      statistics.variance[channel] = Float(max(0, squares / Double(count)))
    }
    return statistics
  }
}
