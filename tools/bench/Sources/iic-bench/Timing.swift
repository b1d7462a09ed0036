import Foundation

/// The seconds that each repeat of a case took.
struct Timing {
  let seconds: [Double]

  /// Times `body`, called twice before the clock is looked at: after that all buffers are there.
  static func measure(repeats: Int, _ body: () throws -> Void) rethrows -> Timing {
    for _ in 0..<2 { try body() }
    return Timing(
      seconds: try (0..<repeats).map { _ in
        try ContinuousClock().measure { try body() } / .seconds(1)
      })
  }

  var least: Double { seconds.min() ?? 0 }

  var median: Double {
    let sorted = seconds.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// `CASE min SECONDS median SECONDS RATE UNIT`, the rate that of the median.
  func line(of name: String, amount: Double, unit: String) -> String {
    String(format: "%@ min %.4f median %.4f %.4g %@", name, least, median, amount / median, unit)
  }
}
