internal import IIC
internal import Tensor

/// Which class each over-cluster of a trained network belongs to: 0 for the class that covers most
/// of the imagery, and so on.
struct ClassAssignment {
  /// A class for each over-cluster.
  let classOfCluster: [Int]

  /// Pairs of patches that are looked at.
  private static let pairs = 96
  /// How far apart the two places of a pair may lie, in cells.
  private static let reach = 2

  /// Looks at how often over-clusters meet in two views of the imagery, merges them by that, and
  /// puts the classes in the order of falling area.
  init(
    _ network: SegmentationNetwork, subHead: Int, _ sampler: PatchSampler,
    generator: SeededGenerator, classes: Int, on workers: Workers
  ) {
    let clusters = network.clusters(of: .overclustering)
    var generator = generator
    var joint = [[Double]](repeating: [Double](repeating: 0, count: clusters), count: clusters)
    for _ in 0..<Self.pairs / 8 {
      let batch = sampler.batch(of: 8, using: &generator)
      let maps = [batch.first, batch.second].map {
        network.probabilities($0, head: .overclustering, subHead: subHead, on: workers)
      }
      var first = maps[0]
      var second = AffineSampling.forward(maps[1], matrices: batch.matrices!, on: workers)
      first.multiplyPixels(by: batch.mask!, on: workers)
      second.multiplyPixels(by: batch.mask!, on: workers)
      let met = DisplacedJoint(halfSide: Self.reach).forward(first, second, on: workers)
      for (index, value) in met.values.enumerated() {
        let (row, column) = (index / clusters % clusters, index % clusters)
        joint[row][column] += Double(value) / 2
        joint[column][row] += Double(value) / 2
      }
    }
    let total = joint.reduce(0) { $0 + $1.reduce(0, +) }
    joint = joint.map { $0.map { $0 / total } }
    let merged = ClassMerging.assignment(joint: joint, classes: classes)
    var areas = [Double](repeating: 0, count: classes)
    for (cluster, label) in merged.enumerated() { areas[label] += joint[cluster].reduce(0, +) }
    let order = areas.indices.sorted { areas[$0] > areas[$1] }
    classOfCluster = merged.map { order.firstIndex(of: $0)! }
  }
}
