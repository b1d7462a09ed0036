internal import IIC
internal import Tensor

/// Cells spread evenly over all imagery, with what they look like and what a network makes of them.
struct CellSample {
  /// [n, 2 · bands]: see ``CellAppearance``.
  private(set) var appearance: Tensor
  /// How the numbers of ``appearance`` belong together: the cells' own bands, their surroundings'.
  let blocks: [Int]
  /// [n, channels]: the trunk's features.
  private(set) var features: Tensor
  /// [n, over-clusters]: head A's probabilities.
  private(set) var overclusters: Tensor

  /// Looks at about `patches` patches of the imagery and at most `most` cells with data.
  init(
    _ network: SegmentationNetwork, overclusterSubHead: Int, _ sampler: PatchSampler,
    patches: Int, most: Int, on workers: Workers
  ) {
    let patches = sampler.gridPatches(most: patches)
    let valid = patches.map { Self.cellsWithData(of: $0) }
    let step = max(1, (valid.reduce(0) { $0 + $1.count } + most - 1) / most)
    var (appearance, features, overclusters) = ([Float](), [Float](), [Float]())
    var seen = 0
    for (patch, places) in zip(patches, valid) {
      let chosen = places.enumerated().filter { (seen + $0.offset) % step == 0 }.map(\.element)
      seen += places.count
      guard !chosen.isEmpty else { continue }
      let image = Tensor(
        shape: [1, patch.side, patch.side, patch.bandCount], values: patch.values)
      let map = network.trunkFeatures(image, on: workers)
      let channels = map.shape[3]
      let values = map.values
      appearance += CellAppearance.rows(of: patch, at: chosen)
      let seenHere = chosen.flatMap { values[$0 * channels..<($0 + 1) * channels] }
      features += seenHere
      overclusters +=
        network.probabilities(
          ofFeatures: Tensor(shape: [1, 1, chosen.count, channels], values: seenHere),
          head: .overclustering, subHead: overclusterSubHead, on: workers
        ).values
    }
    let bands = sampler.imagery.bandCount
    func rows(_ values: [Float], of length: Int) -> Tensor {
      Tensor(shape: [values.count / length, length], values: values)
    }
    self.appearance = rows(appearance, of: 2 * bands)
    blocks = [bands, bands]
    self.overclusters = rows(
      overclusters, of: network.clusters(of: .overclustering))
    self.features = rows(features, of: features.count * 2 * bands / max(appearance.count, 1))
  }

  /// The numbers of a patch's cells whose four pixels have data.
  static func cellsWithData(of patch: Patch) -> [Int] {
    let mask = PairBatch.cellMask(
      patch.valid.map { $0 ? 1 : 0 }, side: patch.side,
      cells: TrunkGeometry.cells(along: patch.side))
    return mask.indices.filter { mask[$0] > 0 }
  }
}
