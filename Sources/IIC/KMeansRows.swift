internal import Synchronization
internal import Tensor

/// The points that k-means works on: rows [n, d].
struct KMeansRows: Sendable {
  /// Rows are worked off in blocks of this many and the blocks' sums added in order, so that the
  /// result does not depend on the number of threads.
  private static let blockRows = 8192

  private let values: [Float]
  private let dimensions: Int
  private let count: Int

  init(_ values: [Float], dimensions: Int) {
    precondition(
      values.count.isMultiple(of: dimensions), "\(values.count) numbers in rows of \(dimensions)")
    self.values = values
    self.dimensions = dimensions
    count = values.count / dimensions
  }

  /// At most `limit` of the rows, in their own order, each as likely as any other (Knuth's
  /// selection sampling).
  init(
    drawing limit: Int, from values: [Float], dimensions: Int, generator: inout SeededGenerator
  ) {
    let count = values.count / dimensions
    guard count > limit else {
      self.init(values, dimensions: dimensions)
      return
    }
    var drawn: [Float] = []
    drawn.reserveCapacity(limit * dimensions)
    var wanted = limit
    for row in 0..<count where Int.random(in: 0..<count - row, using: &generator) < wanted {
      drawn += values[row * dimensions..<(row + 1) * dimensions]
      wanted -= 1
    }
    self.init(drawn, dimensions: dimensions)
  }

  /// Mean and variance of each column.
  private var moments: [(mean: Double, variance: Double)] {
    (0..<dimensions).map { column in
      let places = stride(from: column, to: values.count, by: dimensions)
      let mean = places.reduce(0) { $0 + Double(values[$1]) } / Double(count)
      let squares = places.reduce(0) { sum, place in
        let difference = Double(values[place]) - mean
        return sum + difference * difference
      }
      return (mean, squares / Double(count))
    }
  }

  /// The mean over the columns of their variances.
  var meanVariance: Double {
    moments.reduce(0) { $0 + $1.variance } / Double(dimensions)
  }

  /// The values with mean 0 and variance 1 in each column, 0 in a constant one.
  var standardised: [Float] {
    guard count > 0 else { return [] }
    let moments = moments.map { (mean: $0.mean, deviation: $0.variance.squareRoot()) }
    var result = values
    for row in 0..<count {
      for (column, moment) in moments.enumerated() {
        let place = row * dimensions + column
        result[place] =
          moment.deviation > 0
          ? Float((Double(values[place]) - moment.mean) / moment.deviation) : 0
      }
    }
    return result
  }

  /// K-means++ seeds [k, d]: the first row at random, each further one with a probability
  /// proportional to its squared distance from the nearest seed so far.
  func seeds(_ clusters: Int, generator: inout SeededGenerator) -> [Float] {
    var seeds: [Float] = []
    var distances = Array(repeating: Float.infinity, count: count)
    var chosen = Int.random(in: 0..<count, using: &generator)
    while true {
      let seed = Array(values[chosen * dimensions..<(chosen + 1) * dimensions])
      seeds += seed
      guard seeds.count < clusters * dimensions else { return seeds }
      var total = 0.0
      for row in 0..<count {
        distances[row] = min(distances[row], squaredDistance(row, seed.span, centre: 0))
        total += Double(distances[row])
      }
      let threshold = Double.random(in: 0..<1, using: &generator) * total
      var sum = 0.0
      // Where every row is a seed already, and so all distances are 0, the last row is taken again.
      chosen =
        distances.firstIndex { distance in
          sum += Double(distance)
          return sum > threshold
        } ?? count - 1
    }
  }

  /// One of Lloyd's iterations: the means of the rows nearest to each centre, and the inertia of
  /// the centres given.
  func lloydStep(
    from centres: [Float], on workers: Workers
  ) -> (centres: [Float], inertia: Double) {
    let clusters = centres.count / dimensions
    let blocks = blockwise(on: workers) { block in
      var sums = BlockSums(clusters: clusters, dimensions: dimensions)
      for row in block {
        let (nearest, distance) = nearestCentre(row, centres.span)
        sums.inertia += Double(distance)
        sums.counts[nearest] += 1
        if distance > sums.farthestDistance {
          (sums.farthest, sums.farthestDistance) = (row, distance)
        }
        for column in 0..<dimensions {
          sums.values[nearest * dimensions + column] += Double(values[row * dimensions + column])
        }
      }
      return sums
    }
    var sums = BlockSums(clusters: clusters, dimensions: dimensions)
    for block in blocks { sums.add(block) }

    var moved = centres
    for cluster in 0..<clusters {
      let places = cluster * dimensions..<(cluster + 1) * dimensions
      if sums.counts[cluster] > 0 {
        for place in places {
          moved[place] = Float(sums.values[place] / Double(sums.counts[cluster]))
        }
      } else if sums.farthestDistance > 0 {
        moved.replaceSubrange(
          places, with: values[sums.farthest * dimensions..<(sums.farthest + 1) * dimensions])
        // A second empty cluster stays where it is until the next step.
        sums.farthestDistance = 0
      }
    }
    return (moved, sums.inertia)
  }

  /// The nearest centre of each row.
  func labels(centres: [Float], on workers: Workers) -> [UInt8] {
    blockwise(on: workers) { block in
      block.map { UInt8(nearestCentre($0, centres.span).index) }
    }.flatMap(\.self)
  }

  private func nearestCentre(_ row: Int, _ centres: Span<Float>) -> (index: Int, distance: Float) {
    var nearest = 0
    var least = Float.infinity
    for centre in 0..<centres.count / dimensions {
      let distance = squaredDistance(row, centres, centre: centre)
      if distance < least { (nearest, least) = (centre, distance) }
    }
    return (nearest, least)
  }

  private func squaredDistance(_ row: Int, _ centres: Span<Float>, centre: Int) -> Float {
    var sum: Float = 0
    for column in 0..<dimensions {
      let difference = values[row * dimensions + column] - centres[centre * dimensions + column]
      sum += difference * difference
    }
    return sum
  }

  /// What `body` makes of each block of rows, in the blocks' order.
  private func blockwise<Result: Sendable>(
    on workers: Workers, _ body: @escaping @Sendable (Range<Int>) -> Result
  ) -> [Result] {
    let count = count
    let blocks = (count + Self.blockRows - 1) / Self.blockRows
    let results = BlockResults<Result>(count: blocks)
    workers.forEachChunk(of: blocks) { range, _ in
      for block in range {
        let start = block * Self.blockRows
        results.set(block, body(start..<min(start + Self.blockRows, count)))
      }
    }
    return results.all
  }
}

/// What one block of rows adds to an iteration.
private struct BlockSums {
  var values: [Double]
  var counts: [Int]
  var inertia = 0.0
  var farthest = 0
  var farthestDistance: Float = 0

  init(clusters: Int, dimensions: Int) {
    values = Array(repeating: 0, count: clusters * dimensions)
    counts = Array(repeating: 0, count: clusters)
  }

  mutating func add(_ other: BlockSums) {
    for index in values.indices { values[index] += other.values[index] }
    for index in counts.indices { counts[index] += other.counts[index] }
    inertia += other.inertia
    if other.farthestDistance > farthestDistance {
      (farthest, farthestDistance) = (other.farthest, other.farthestDistance)
    }
  }
}

/// Where the threads put their results, a place for each.
private final class BlockResults<Result: Sendable>: Sendable {
  private let places: Mutex<[Result?]>

  init(count: Int) { places = Mutex(Array(repeating: nil, count: count)) }

  func set(_ place: Int, _ result: Result) { places.withLock { $0[place] = result } }

  var all: [Result] { places.withLock { $0.map { $0! } } }
}
