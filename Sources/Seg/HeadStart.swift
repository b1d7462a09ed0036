internal import IIC
internal import Tensor

/// Gives the heads of a new network a better start than chance does.
///
/// Features behind a ReLU have a mean far from zero. Drawn at random, each cluster's weights meet
/// that mean differently, so that a few clusters win everywhere and most are never used. Here each
/// cluster's weights are made orthogonal to the mean, and scaled so that what they make of the
/// features varies with a standard deviation of 1: every cluster wins somewhere.
enum HeadStart {
  /// Batches that the running statistics are brought up on.
  private static let batches = 24

  /// Changes the heads' weights, and brings the running statistics near the imagery's.
  static func apply(
    to network: inout SegmentationNetwork, _ sampler: PatchSampler,
    using generator: inout SeededGenerator, on workers: Workers
  ) {
    for _ in 0..<batches {
      let batch = sampler.batch(of: 2, using: &generator)
      _ = network.forward(
        [ViewBatch(batch.second)], heads: network.heads, grid: .trunkCells, on: workers)
    }
    let batch = sampler.batch(of: 16, using: &generator)
    let features = network.trunkFeatures(batch.first, on: workers)
    let channels = features.shape[3]
    let cells = features.reshaped(to: [features.count / channels, channels])
    let mean = BatchNormalisation.statistics(of: features, on: workers).mean
    let length = mean.reduce(0) { $0 + $1 * $1 }
    guard length > 0 else { return }
    network.forEachParameter { parameter in
      guard parameter.name.hasPrefix("head") else { return }
      let clusters = parameter.value.shape[3]
      for cluster in 0..<clusters {
        var along: Float = 0
        for c in 0..<channels { along += parameter.value[c * clusters + cluster] * mean[c] }
        for c in 0..<channels {
          parameter.value[c * clusters + cluster] -= along / length * mean[c]
        }
      }
      let logits = Tensor.product(
        cells, parameter.value.reshaped(to: [channels, clusters]), on: workers)
      let spread = BatchNormalisation.statistics(of: logits, on: workers).variance
      for cluster in 0..<clusters where spread[cluster] > 0 {
        let scale = 1 / spread[cluster].squareRoot()
        for c in 0..<channels { parameter.value[c * clusters + cluster] *= scale }
      }
    }
  }
}
