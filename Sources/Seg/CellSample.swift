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
  /// [n, over-clusters]: head A's probabilities in the mean over the cell and the eight around it,
  /// ``spacing`` cells apart; those that the patch does not have or that have no data are left out.
  private(set) var surroundings: Tensor

  /// How far apart the cells of ``surroundings`` are, in cells of two pixels. Nearer ones see much
  /// the same pixels and say little that is new.
  static let spacing = 4

  /// Looks at about `patches` patches of the imagery and at most `most` cells with data.
  init(
    _ network: SegmentationNetwork, overclusterSubHead: Int, _ sampler: PatchSampler,
    patches: Int, most: Int, on workers: Workers
  ) {
    let patches = sampler.gridPatches(most: patches)
    let valid = patches.map { Self.cellsWithData(of: $0) }
    let step = max(1, (valid.reduce(0) { $0 + $1.count } + most - 1) / most)
    var (appearance, features) = ([Float](), [Float]())
    var (overclusters, surroundings) = ([Float](), [Float]())
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
      features += chosen.flatMap { values[$0 * channels..<($0 + 1) * channels] }
      let here = network.probabilities(
        ofFeatures: map, head: .overclustering, subHead: overclusterSubHead, on: workers)
      let clusters = here.shape[3]
      let everywhere = here.values
      overclusters += chosen.flatMap { everywhere[$0 * clusters..<($0 + 1) * clusters] }
      surroundings += Self.surroundings(
        everywhere, clusters: clusters, across: map.shape[2], withData: places, at: chosen)
    }
    let bands = sampler.imagery.bandCount
    func rows(_ values: [Float], of length: Int) -> Tensor {
      Tensor(shape: [values.count / length, length], values: values)
    }
    self.appearance = rows(appearance, of: 2 * bands)
    blocks = [bands, bands]
    let clusters = network.clusters(of: .overclustering)
    self.overclusters = rows(overclusters, of: clusters)
    self.surroundings = rows(surroundings, of: clusters)
    self.features = rows(features, of: features.count * 2 * bands / max(appearance.count, 1))
  }

  /// [chosen.count, clusters]: see ``surroundings``.
  ///
  /// - Parameters:
  ///   - probabilities: [cells, clusters] of a square patch's cells, `across` a row.
  ///   - withData: The cells that have data.
  static func surroundings(
    _ probabilities: [Float], clusters: Int, across: Int, withData: [Int], at chosen: [Int]
  ) -> [Float] {
    var hasData = [Bool](repeating: false, count: across * across)
    for cell in withData { hasData[cell] = true }
    let steps = [-spacing, 0, spacing]
    var result: [Float] = []
    result.reserveCapacity(chosen.count * clusters)
    for cell in chosen {
      let around = steps.flatMap { down in
        steps.compactMap { right -> Int? in
          let (row, column) = (cell / across + down, cell % across + right)
          guard 0..<across ~= row, 0..<across ~= column else { return nil }
          return hasData[row * across + column] ? row * across + column : nil
        }
      }
      var sums = [Float](repeating: 0, count: clusters)
      for neighbour in around {
        for cluster in 0..<clusters {
          sums[cluster] += probabilities[neighbour * clusters + cluster]
        }
      }
      result += sums.map { $0 / Float(around.count) }
    }
    return result
  }

  /// The numbers of a patch's cells whose four pixels have data.
  static func cellsWithData(of patch: Patch) -> [Int] {
    let mask = PairBatch.cellMask(
      patch.valid.map { $0 ? 1 : 0 }, side: patch.side,
      cells: TrunkGeometry.cells(along: patch.side))
    return mask.indices.filter { mask[$0] > 0 }
  }
}
