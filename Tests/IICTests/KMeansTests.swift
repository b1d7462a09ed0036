import IIC
import Tensor
import Testing

@Suite struct KMeansTests {
  static let corners: [[Float]] = [[0, 0, 0], [10, 0, 0], [0, 10, 0], [0, 0, 10]]

  /// Rows around four corners, and the corner of each.
  static func blobs(_ count: Int, spread: Float, seed: UInt64 = 1) -> (
    rows: [Float], truth: [UInt8]
  ) {
    var generator = SeededGenerator(seed: seed)
    var rows: [Float] = []
    var truth: [UInt8] = []
    for _ in 0..<count {
      let corner = Int.random(in: 0..<4, using: &generator)
      truth.append(UInt8(corner))
      for value in corners[corner] { rows.append(value + spread * generator.normal()) }
    }
    return (rows, truth)
  }

  static func inertia(_ rows: [Float], _ labels: [UInt8], _ centres: [Float], _ d: Int) -> Double {
    labels.enumerated().reduce(0) { sum, label in
      (0..<d).reduce(sum) { sum, column in
        let difference =
          Double(rows[label.offset * d + column]) - Double(centres[Int(label.element) * d + column])
        return sum + difference * difference
      }
    }
  }

  @Test func separateBlobsAreFound() {
    let (rows, truth) = Self.blobs(20_000, spread: 0.5)
    var generator = SeededGenerator(seed: 3)
    let workers = Workers(threads: 2)
    let clusters = KMeans.fit(
      rows: rows, dimensions: 3, clusters: 4, generator: &generator, on: workers)
    #expect(clusters.clusters == 4)
    let labels = clusters.assign(rows, on: workers)
    var confusion = ConfusionMatrix(classes: 4, predictions: 4)
    confusion.add(truth: truth, prediction: labels)
    #expect(confusion.adjustedRandIndex == 1)
    // The means of what was assigned, and their inertia.
    let own = Self.inertia(rows, labels, clusters.centres, 3)
    #expect(abs(clusters.inertia - own) <= 1e-4 * own)
    #expect(abs(own / 60_000 - 0.25) < 0.01)
    for corner in Self.corners {
      let nearest = (0..<4).map { cluster in
        (0..<3).map { abs(clusters.centres[cluster * 3 + $0] - corner[$0]) }.max()!
      }.min()!
      #expect(nearest < 0.03)
    }
  }

  @Test func sameSeedSameClustersOnAnyThreads() {
    let (rows, _) = Self.blobs(30_000, spread: 4)
    func fit(threads: Int) -> KMeans {
      var generator = SeededGenerator(seed: 9)
      return KMeans.fit(
        rows: rows, dimensions: 3, clusters: 7, restarts: 2, iterations: 20, sampleLimit: 25_000,
        generator: &generator, on: Workers(threads: threads))
    }
    let one = fit(threads: 1)
    #expect(one == fit(threads: 1))
    #expect(one == fit(threads: 3))
    #expect(one.assign(rows, on: Workers(threads: 1)) == one.assign(rows, on: Workers(threads: 2)))
  }

  @Test func labelsAreTheNearestCentres() {
    let (rows, _) = Self.blobs(9000, spread: 5)
    var generator = SeededGenerator(seed: 4)
    let workers = Workers(threads: 2)
    let clusters = KMeans.fit(
      rows: rows, dimensions: 3, clusters: 5, iterations: 3, sampleLimit: 500,
      generator: &generator, on: workers)
    let labels = clusters.assign(rows, on: workers)
    #expect(labels.count == 9000)
    for row in stride(from: 0, to: 9000, by: 37) {
      let distances = (0..<5).map { cluster in
        (0..<3).reduce(0.0) { sum, column in
          let difference =
            Double(rows[row * 3 + column]) - Double(clusters.centres[cluster * 3 + column])
          return sum + difference * difference
        }
      }
      #expect(distances[Int(labels[row])] <= distances.min()! * (1 + 1e-5))
    }
  }

  /// More restarts use the first ones' seeds too, so the inertia can only fall.
  @Test func restartsKeepTheBest() {
    let (rows, _) = Self.blobs(3000, spread: 2)
    let workers = Workers(threads: 1)
    var last = Double.infinity
    for restarts in [1, 4, 12] {
      var generator = SeededGenerator(seed: 11)
      let inertia = KMeans.fit(
        rows: rows, dimensions: 3, clusters: 9, restarts: restarts, generator: &generator,
        on: workers
      ).inertia
      #expect(inertia <= last)
      last = inertia
    }
  }

  @Test func fewerDifferentRowsThanClusters() {
    let rows: [Float] = [1, 1, 2, 2, 1, 1, 2, 2]
    var generator = SeededGenerator(seed: 0)
    let workers = Workers(threads: 2)
    let clusters = KMeans.fit(
      rows: rows, dimensions: 2, clusters: 5, generator: &generator, on: workers)
    #expect(clusters.inertia == 0)
    let labels = clusters.assign(rows, on: workers)
    #expect(labels[0] == labels[2] && labels[1] == labels[3] && labels[0] != labels[1])
    #expect(clusters.assign([], on: workers) == [])
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, 1e37, -1e15])
  func numbersThatHaveNoDistancesAreRefused(_ number: Float) throws {
    let rows: [Float] = [1, 2, number, 4]
    let error = try #require(throws: IICError.self) { try KMeans.check(rows.span) }
    #expect(error.reason.contains("not finite"))
  }

  /// The largest rows that are let through, as far from each other as can be.
  @Test func theLargestNumbersAreClustered() throws {
    let rows = [Float](repeating: 9.9e14, count: 5000) + [Float](repeating: -9.9e14, count: 5000)
    #expect(throws: Never.self) { try KMeans.check(rows.span) }
    var generator = SeededGenerator(seed: 0)
    let workers = Workers(threads: 2)
    let clusters = KMeans.fit(
      rows: rows, dimensions: 5000, clusters: 2, generator: &generator, on: workers)
    let labels = clusters.assign(rows, on: workers)
    #expect(clusters.inertia == 0 && labels[0] != labels[1])
  }

  @Test func columnsAreStandardised() {
    let rows: [Float] = [1, 100, 7, 2, 300, 7, 3, 200, 7]
    let standardised = KMeans.standardised(rows, dimensions: 3)
    let unit = Float((3.0 / 2).squareRoot())
    let expected: [Float] = [-unit, -unit, 0, 0, unit, 0, unit, 0, 0]
    for (value, wanted) in zip(standardised, expected) { #expect(abs(value - wanted) < 1e-6) }
    #expect(KMeans.standardised([], dimensions: 3) == [])
  }
}
