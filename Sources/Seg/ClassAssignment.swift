internal import IIC
internal import Tensor

/// Which class each over-cluster of a trained network belongs to: 0 for the class that covers most
/// of the imagery, and so on.
struct ClassAssignment {
  /// A class for each over-cluster.
  let classOfCluster: [Int]

  /// Patches that are looked at.
  private static let patches = 96
  /// How much a band's local standard deviation counts beside its mean.
  private static let textureWeight = 1.0
  /// How much head B's classes count beside them.
  private static let agreementWeight = 0.5

  /// Looks at what each over-cluster covers in the imagery, merges them by Ward's linkage of their
  /// mean colours and textures, each in units of its spread over the imagery, and of the classes
  /// that head B sees there, and puts the classes in the order of falling area.
  ///
  /// - Parameters:
  ///   - subHead: The sub-head to use of each head.
  init(
    _ network: SegmentationNetwork, subHead: (HeadName) -> Int, _ sampler: PatchSampler,
    generator: SeededGenerator, on workers: Workers
  ) {
    let classes = network.clusters(of: .clustering)
    let clusters = network.clusters(of: .overclustering)
    var generator = generator
    var summary = Summary(clusters: clusters)
    for _ in 0..<Self.patches / 8 {
      let batch = sampler.batch(of: 8, using: &generator)
      let features = network.trunkFeatures(batch.first, on: workers)
      let (map, agreed) = (
        network.probabilities(
          ofFeatures: features, head: .overclustering, subHead: subHead(.overclustering),
          on: workers),
        network.probabilities(
          ofFeatures: features, head: .clustering, subHead: subHead(.clustering), on: workers)
      )
      for patch in 0..<8 {
        summary.add(
          batch.first.firstAxis(patch..<patch + 1), map.firstAxis(patch..<patch + 1),
          agreed: agreed.firstAxis(patch..<patch + 1),
          mask: batch.mask!.firstAxis(patch..<patch + 1))
      }
    }
    let merged = ClassMerging.assignment(
      means: summary.scaledMeans(
        textureWeight: Self.textureWeight, agreementWeight: Self.agreementWeight),
      weights: summary.weights, classes: classes)
    let areas = summary.areas(of: merged, classes: classes)
    let order = areas.indices.sorted { (areas[$0], $1) > (areas[$1], $0) }
    var rank = [Int](repeating: 0, count: classes)
    for (place, label) in order.enumerated() { rank[label] = place }
    classOfCluster = merged.map { rank[$0] }
  }

  /// Sums over cells, each cell shared among the over-clusters by its probabilities.
  private struct Summary {
    var weights: [Double]
    /// Sums of the statistics, a row a cluster.
    private var sums: [[Double]]
    /// Sums of head B's probabilities, a row a cluster.
    private var agreed: [[Double]]
    /// The over-clusters' probabilities at every cell with data, one cell after the other.
    private var cellProbabilities: [Float] = []
    /// Sums and sums of squares over all cells.
    private var total: [Double] = []
    private var square: [Double] = []

    init(clusters: Int) {
      weights = [Double](repeating: 0, count: clusters)
      sums = [[Double]](repeating: [], count: clusters)
      agreed = sums
    }

    mutating func add(_ patch: Tensor, _ map: Tensor, agreed other: Tensor, mask: Tensor) {
      let (cells, bands) = (map.shape[1], patch.shape[3])
      let size = 2 * bands
      if total.isEmpty {
        total = [Double](repeating: 0, count: size)
        square = total
        sums = sums.map { _ in total }
        agreed = agreed.map { _ in [Double](repeating: 0, count: other.shape[3]) }
      }
      let statistics = patch.withSpan {
        SurfaceStatistics.atCells(
          of: $0, patchSide: patch.shape[1], bands: bands, cells: cells)
      }
      let (probabilities, classes, valid) = (map.values, other.values, mask.values)
      for cell in 0..<cells * cells where valid[cell] > 0 {
        let first = cell * weights.count
        cellProbabilities += probabilities[first..<first + weights.count]
        for index in 0..<size {
          let value = statistics[cell * size + index]
          total[index] += value
          square[index] += value * value
        }
        for cluster in weights.indices {
          let share = Double(probabilities[cell * weights.count + cluster])
          guard share > 1e-4 else { continue }
          weights[cluster] += share
          for index in 0..<size {
            sums[cluster][index] += share * statistics[cell * size + index]
          }
          for index in agreed[cluster].indices {
            agreed[cluster][index] +=
              share * Double(classes[cell * agreed[cluster].count + index])
          }
        }
      }
    }

    /// How many cells each class wins once over-clusters are merged.
    func areas(of classOfCluster: [Int], classes: Int) -> [Int] {
      var areas = [Int](repeating: 0, count: classes)
      for first in stride(from: 0, to: cellProbabilities.count, by: weights.count) {
        var shares = [Float](repeating: 0, count: classes)
        for (cluster, label) in classOfCluster.enumerated() {
          shares[label] += cellProbabilities[first + cluster]
        }
        areas[shares.indices.max { shares[$0] < shares[$1] }!] += 1
      }
      return areas
    }

    /// The clusters' means, each statistic divided by its standard deviation over all cells, and
    /// head B's probabilities as they are.
    func scaledMeans(textureWeight: Double, agreementWeight: Double) -> [[Double]] {
      let count = max(weights.reduce(0, +), 1)
      let factors = total.indices.map { index -> Double in
        let mean = total[index] / count
        let deviation = max(0, square[index] / count - mean * mean).squareRoot()
        let weight = index < total.count / 2 ? 1 : textureWeight
        return deviation > 0 ? weight / deviation : 0
      }
      return weights.indices.map { cluster in
        let share = 1 / max(weights[cluster], 1e-12)
        return zip(sums[cluster], factors).map { $0 * $1 * share }
          + agreed[cluster].map { $0 * agreementWeight * share }
      }
    }
  }
}
