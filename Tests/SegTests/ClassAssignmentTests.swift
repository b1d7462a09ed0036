import IIC
import Tensor
import Testing

@testable import Seg

@Suite struct ClassAssignmentTests {
  let fixture: RasterFixture
  init() throws { fixture = try RasterFixture() }

  /// The columns of head B's first sub-head before and after, for an untrained network.
  private func columns(
    _ values: [Float], side: Int, bands: Int
  ) throws -> (before: [[Float]], after: [[Float]], sampler: PatchSampler, SegmentationNetwork) {
    let path = try fixture.raster("a.tif", width: side, height: side, values: values)
    var generator = SeededGenerator(seed: 3)
    var imagery = try TrainingImagery([RasterInput(path: path)], using: &generator)
    _ = try imagery.stretch()
    let sampler = PatchSampler(
      imagery, side: 64, views: PatchViews(jitter: nil, symmetry: .square))
    var network = try SegmentationNetwork(
      configuration: ModelConfiguration(
        architecture: .segmentationNet10aTwoHead, inputChannels: bands, inputSize: 64, classes: 3,
        overclusters: 15, subHeads: 2, width: 0.125, batchNormTracking: true),
      generator: &generator)
    let workers = Workers(threads: 2)
    HeadStart.apply(to: &network, sampler, using: &generator, on: workers)
    func columns(_ network: SegmentationNetwork, _ subHead: Int) -> [[Float]] {
      let weight = network.tensors["head_B.heads.\(subHead).0.weight"]!
      return (0..<3).map { column in
        (0..<weight.count / 3).map { weight.values[$0 * 3 + column] }
      }
    }
    let (before, other) = (columns(network, 1), columns(network, 0))
    ClassAssignment.apply(
      to: &network, subHead: { $0 == .clustering ? 1 : 0 }, sampler, using: &generator,
      on: workers)
    #expect(columns(network, 0) == other)
    return (before, columns(network, 1), sampler, network)
  }

  @Test func `head B is fitted to ground that falls into classes, which fall in area`() throws {
    let scene = SmallScene(width: 256, height: 256)
    let (before, after, sampler, network) = try columns(scene.values, side: 256, bands: 4)
    #expect(Set(before).isDisjoint(with: after))
    // Areas, counted over all cells of the grid.
    var areas = [0, 0, 0]
    let workers = Workers(threads: 2)
    for patch in sampler.gridPatches(most: 100) {
      let map = network.probabilities(
        Tensor(shape: [1, 64, 64, 4], values: patch.values), head: .clustering, subHead: 1,
        on: workers
      ).values
      for cell in stride(from: 0, to: map.count, by: 3) {
        areas[(0..<3).max { map[cell + $0] < map[cell + $1] }!] += 1
      }
    }
    #expect(areas[0] > areas[1] && areas[1] > areas[2] && areas[2] > 0, "\(areas)")
  }

  @Test func `ground that is one cloud of colours gets classes, too`() throws {
    var generator = SeededGenerator(seed: 8)
    let values = (0..<160 * 160 * 2).map { _ in 100 + 20 * generator.normal() }
    let (before, after, _, _) = try columns(values, side: 160, bands: 2)
    #expect(Set(before).isDisjoint(with: after) && Set(after).count == 3)
    #expect(after.joined().allSatisfy { $0.isFinite })
  }
}
