public import Tensor

/// K-means clusters of rows of numbers, such as the pixels of a raster: the baseline that learns
/// nothing from neighbourhood.
///
/// Rows [n, d] are n points of d numbers each, row-major, finite and below 1e15 in magnitude.
public struct KMeans: Sendable, Equatable {
  /// How many numbers a row has.
  public let dimensions: Int
  /// The clusters' means [k, d], row-major.
  public let centres: [Float]
  /// The sum of squared distances of the rows fitted to their nearest centre.
  public let inertia: Double

  /// How many clusters there are.
  public var clusters: Int { centres.count / dimensions }

  /// Beyond it, squared distances of rows of many numbers are no longer finite as `Float`.
  private static let largestMagnitude: Float = 1e15

  /// Checks numbers that come from outside, such as those that a model's network makes of images.
  ///
  /// Throws an ``IICError`` where one is not finite, or so large that distances would not be.
  public static func check(_ values: Span<Float>) throws {
    // One comparison refuses NaN too.
    guard values.indices.allSatisfy({ abs(values[$0]) < largestMagnitude }) else {
      throw IICError(
        operation: "cluster by k-means",
        reason: "numbers among its rows are not finite, or beyond 1e15 in magnitude",
        remedy: "take a model whose training did not diverge, or train it again with a lower "
          + "learning rate")
    }
  }

  /// Finds clusters by Lloyd's iterations from k-means++ seeds (Arthur and Vassilvitskii, 2007), as
  /// often as `restarts` says, and keeps those of the lowest inertia, the first of equals.
  ///
  /// The same rows and generator give the same clusters, whatever the number of threads. A cluster
  /// that loses all its rows goes on from the row that is farthest from its centre. Traps on sizes
  /// that do not fit and on rows that are not finite.
  ///
  /// - Parameters:
  ///   - rows: [n, d], n at least 1.
  ///   - clusters: 1…256.
  ///   - sampleLimit: no more rows than these are fitted, drawn at random from all.
  ///   - iterations: the most that one restart takes; it ends before when the centres move less
  ///     than 1e-4 of the rows' variance altogether.
  public static func fit(
    rows: [Float], dimensions: Int, clusters: Int, restarts: Int = 4, iterations: Int = 100,
    sampleLimit: Int = 65_536, generator: inout SeededGenerator, on workers: Workers
  ) -> KMeans {
    precondition(
      dimensions >= 1 && !rows.isEmpty && rows.count.isMultiple(of: dimensions),
      "\(rows.count) numbers in rows of \(dimensions)")
    precondition((1...256).contains(clusters), "\(clusters) clusters")
    precondition(restarts >= 1 && iterations >= 1 && sampleLimit >= 1, "nothing to do")
    let sample = KMeansRows(
      drawing: sampleLimit, from: rows, dimensions: dimensions, generator: &generator)
    let tolerance = 1e-4 * sample.meanVariance

    var best: KMeans?
    for _ in 0..<restarts {
      var next = sample.seeds(clusters, generator: &generator)
      var centres = next
      var inertia = Double.infinity
      for _ in 0..<iterations {
        centres = next
        let step = sample.lloydStep(from: centres, on: workers)
        inertia = step.inertia
        let movement = zip(centres, step.centres).reduce(0.0) { sum, pair in
          let difference = Double(pair.0) - Double(pair.1)
          return sum + difference * difference
        }
        if movement <= tolerance { break }
        next = step.centres
      }
      precondition(inertia.isFinite, "k-means of rows that are not finite")
      if best.map({ inertia < $0.inertia }) ?? true {
        best = KMeans(dimensions: dimensions, centres: centres, inertia: inertia)
      }
    }
    return best!
  }

  /// The nearest centre of each row, [n]; the first of equally near ones. Traps unless the rows
  /// have as many numbers as those fitted.
  public func assign(_ rows: [Float], on workers: Workers) -> [UInt8] {
    KMeansRows(rows, dimensions: dimensions).labels(centres: centres, on: workers)
  }

  /// The rows with each column moved and scaled to mean 0 and variance 1 over all rows, so that no
  /// column weighs more for its units; a column that is constant becomes 0.
  public static func standardised(_ rows: [Float], dimensions: Int) -> [Float] {
    KMeansRows(rows, dimensions: dimensions).standardised
  }
}
