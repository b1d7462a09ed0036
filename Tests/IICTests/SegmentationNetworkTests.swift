import Foundation
import IIC
import Tensor
import TestSupport
import Testing

@Suite struct SegmentationNetworkTests {
  let workers = Workers(threads: 2)

  @Test(arguments: [ModelArchitecture.segmentationNet10a, .segmentationNet10aTwoHead])
  func hasTheDescribedTensors(architecture: ModelArchitecture) throws {
    for tracking in [true, false] {
      let configuration = try GoldenNetwork.configuration(architecture, tracking: tracking)
      var generator = SeededGenerator(seed: 1)
      let network = try SegmentationNetwork(
        configuration: configuration, generator: &generator)
      let described = configuration.tensorDescriptions
      #expect(
        network.tensors.mapValues(\.shape)
          == Dictionary(uniqueKeysWithValues: described.map { ($0.name, $0.shape) }))
      let learned = described.filter {
        $0.role != .runningMean && $0.role != .runningVariance
      }
      #expect(network.parameters.map(\.name) == learned.map(\.name))
      #expect(network.buffers.count == (tracking ? 12 : 0))
    }
  }

  @Test func beginsAsPublished() throws {
    let configuration = try ModelConfiguration(
      architecture: .segmentationNet10a, inputChannels: 4, inputSize: 200, classes: 6,
      subHeads: 1, width: 0.25, batchNormTracking: true)
    var generator = SeededGenerator(seed: 3)
    let network = try SegmentationNetwork(configuration: configuration, generator: &generator)
    let tensors = network.tensors
    #expect(tensors["trunk.features.1.weight"]!.values.allSatisfy { $0 == 1 })
    #expect(tensors["trunk.features.1.bias"]!.values.allSatisfy { $0 == 0 })
    #expect(tensors["trunk.features.17.running_mean"]!.values.allSatisfy { $0 == 0 })
    #expect(tensors["trunk.features.17.running_var"]!.values.allSatisfy { $0 == 1 })
    // 3×3×128 in, 128 out: mean 0 and variance 2 / 1152, both within five standard errors.
    let values = tensors["trunk.features.16.weight"]!.values.map { Double($0) }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + $1 * $1 } / count
    let expected = 2.0 / 1152
    #expect(abs(mean) < 5 * (expected / count).squareRoot())
    #expect(abs(variance / expected - 1) < 5 * (2 / count).squareRoot())
    var again = SeededGenerator(seed: 3)
    let twin = try SegmentationNetwork(configuration: configuration, generator: &again)
    #expect(
      twin.tensors["head.heads.0.0.weight"]!.values == tensors["head.heads.0.0.weight"]!.values)
  }

  @Test func refusesArchitecturesOfWholeImages() throws {
    let configuration = try ModelConfiguration(
      architecture: .clusterNet6c, inputChannels: 1, inputSize: 24, classes: 10, subHeads: 1,
      batchNormTracking: true)
    var generator = SeededGenerator(seed: 1)
    #expect(throws: IICError.self) {
      try SegmentationNetwork(configuration: configuration, generator: &generator)
    }
  }

  @Test func refusesMissingAndMisshapenTensors() throws {
    let configuration = try GoldenNetwork.configuration()
    let tensors = try GoldenNetwork.network().tensors
    var missing = tensors
    missing["trunk.features.4.bias"] = nil
    #expect(throws: IICError.self) {
      try SegmentationNetwork(configuration: configuration, tensors: missing)
    }
    var misshapen = tensors
    misshapen["head_B.heads.1.0.weight"] = Tensor(shape: [1, 1, 64, 4])
    #expect(throws: IICError.self) {
      try SegmentationNetwork(configuration: configuration, tensors: misshapen)
    }
  }

  @Test func publishedOutputAgreesWithAnotherImplementation() throws {
    let golden = try GoldenFile("network_outputs")
    let network = try GoldenNetwork.network()
    let view = try GoldenNetwork.batch(0).first.firstAxis(0..<1)
    for head in HeadName.allCases {
      let outputs = network.publishedOutput(view, head: head, on: workers)
      #expect(outputs.count == 2)
      for (index, output) in outputs.enumerated() {
        expectClose(
          output, golden["evaluation.head_\(head.rawValue).\(index)"], absolute: 2e-5, relative: 0,
          "head \(head.rawValue), sub-head \(index)")
      }
    }
  }

  @Test func oneHeadAnswersAsHeadBDoes() throws {
    let two = try GoldenNetwork.network()
    let renamed = two.tensors.map { ($0.replacingOccurrences(of: "head_B", with: "head"), $1) }
    let one = try SegmentationNetwork(
      configuration: GoldenNetwork.configuration(.segmentationNet10a),
      tensors: Dictionary(uniqueKeysWithValues: renamed))
    let view = try GoldenNetwork.batch(0).first
    #expect(one.heads == [.clustering])
    for subHead in 0..<2 {
      #expect(
        one.probabilities(view, head: .clustering, subHead: subHead, on: workers).values
          == two.probabilities(view, head: .clustering, subHead: subHead, on: workers).values)
    }
  }

  @Test func withoutTrackingTheBatchsOwnStatisticsNormalise() throws {
    let golden = try GoldenFile("network_outputs")
    let network = try SegmentationNetwork(
      configuration: GoldenNetwork.configuration(tracking: false),
      tensors: GoldenNetwork.network().tensors)
    let outputs = network.publishedOutput(
      try GoldenNetwork.batch(0).first, head: .clustering, on: workers)
    expectClose(outputs[0], golden["training.head_B.0"], absolute: 2e-5, relative: 0)
  }

  @Test func trainingPassGivesTheHeadsAskedForOnEitherGrid() throws {
    var network = try GoldenNetwork.network()
    let view = try GoldenNetwork.batch(0).first
    let before = network.buffers.map(\.value.values)
    let (padded, _) = network.forward(
      [ViewBatch(view)], heads: [.clustering, .overclustering], grid: .stretched, on: workers)
    #expect(padded.map { $0.map(\.shape) } == [[[2, 14, 14, 2, 3], [2, 14, 14, 2, 7]]])
    #expect(zip(before, network.buffers).allSatisfy { $0 != $1.value.values })
    let (cells, _) = network.forward(
      [ViewBatch(view)], heads: [.clustering], grid: .trunkCells, on: workers)
    #expect(cells.map { $0.map(\.shape) } == [[[2, 12, 12, 2, 3]]])
    // The ring around the trunk's cells knows nothing; within it both grids are one.
    for row in 0..<14 {
      for column in 0..<14 {
        for value in 0..<6 {
          let inside = (1...12).contains(row) && (1...12).contains(column)
          let expected: Float =
            inside ? cells[0][0][((row - 1) * 12 + column - 1) * 6 + value] : 1.0 / 3
          #expect(abs(padded[0][0][(row * 14 + column) * 6 + value] - expected) < 1e-6)
        }
      }
    }
  }

  @Test func cellsLieWhereTheGeometrySays() throws {
    // The pixels that a cell's features depend on by more than rounding, which a convolution's
    // tiles share among neighbours.
    let network = try GoldenNetwork.network()
    let size = 48
    let base = ReferenceTensor.random([1, size, size, 4], seed: 4, in: 0...1)
    let features = network.trunkFeatures(base.tensor, on: workers)
    let cells = TrunkGeometry.cells(along: size)
    #expect(features.shape == [1, cells, cells, 64])
    let cell = cells / 2
    let centre = Double(cell * TrunkGeometry.cellSpacing) + TrunkGeometry.firstCell
    let reach = Double(TrunkGeometry.receptiveField - 1) / 2
    func cellChanges(when column: Int) -> Bool {
      var moved = base
      for row in 0..<size {
        for band in 0..<4 { moved[0, row, column, band] += 3 }
      }
      let changed = network.trunkFeatures(moved.tensor, on: workers)
      let start = (cell * cells + cell) * 64
      return (start..<start + 64).contains { abs(features[$0] - changed[$0]) > 1e-4 }
    }
    #expect(cellChanges(when: Int(centre - reach)))
    #expect(cellChanges(when: Int(centre + reach)))
    #expect(!cellChanges(when: Int(centre - reach) - 1))
    #expect(!cellChanges(when: Int(centre + reach) + 1))
  }
}
