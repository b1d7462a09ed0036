/// Sums of a convolution's output on its way out, from which its channels' mean and variance follow:
/// a worker's own about a centre of its own, put together at the end in the workers' order.
final class OutputTotals: @unchecked Sendable {
  private struct Total {
    var centre: [Float] = []
    var count = 0
    var sum: [Double]
    var square: [Double]

    func mean(of channel: Int) -> Double { Double(centre[channel]) + sum[channel] / Double(count) }
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
    var mean = [Double](repeating: 0, count: channels)
    for part in parts {
      let share = Double(part.count) / Double(count)
      for channel in 0..<channels { mean[channel] += part.mean(of: channel) * share }
    }
    var squares = [Double](repeating: 0, count: channels)
    for part in parts {
      let n = Double(part.count)
      for channel in 0..<channels {
        let (sum, offset) = (part.sum[channel], part.mean(of: channel) - mean[channel])
        squares[channel] += part.square[channel] - sum * sum / n + n * offset * offset
      }
    }
    return ChannelStatistics(
      mean: mean.map { Float($0) },
      variance: squares.map { Float(max(0, $0 / Double(count))) }, count: count)
  }
}
