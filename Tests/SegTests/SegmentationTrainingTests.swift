import Foundation
import IIC
import Raster
import Tensor
import Testing

@testable import Seg

@Suite struct SegmentationTrainingTests {
  private let fixture: RasterFixture
  private let workers = Workers(threads: 2)

  init() throws { fixture = try RasterFixture() }

  /// Six pictures of two grounds, each as light as the other: upright stripes left of a border and
  /// flat ground right of it. Labels say which; the last picture has none.
  private func pictures() throws -> PatchDataset {
    for folder in ["data/images", "data/labels"] {
      try FileManager.default.createDirectory(
        atPath: fixture.path(folder), withIntermediateDirectories: true)
    }
    let side = 48
    let grid = RasterGrid(width: side, height: side)
    for number in 0..<6 {
      var generator = SeededGenerator(seed: UInt64(number))
      let border = 16 + 3 * number
      var pixels: [UInt8] = []
      var labels: [UInt8] = []
      for row in 0..<side {
        for column in 0..<side {
          let isLeft = column < border
          let value: Float = isLeft ? ((column + row) % 4 < 2 ? 70 : 180) : 125
          for _ in 0..<3 { pixels.append(UInt8(value + 8 * max(-3, min(generator.normal(), 3)))) }
          labels.append(column == border ? 0 : isLeft ? 1 : 2)
        }
      }
      try ByteImage(width: side, height: side, channels: 3, pixels: pixels).writeGeoTIFF(
        to: fixture.path("data/images/\(number).tif"), grid: grid,
        bandNames: ["red", "green", "blue"])
      guard number < 5 else { continue }
      try ByteImage(width: side, height: side, channels: 1, pixels: labels).writeGeoTIFF(
        to: fixture.path("data/labels/\(number).tif"), grid: grid, bandNames: [""])
    }
    return try PatchDataset.folder(at: fixture.path("data"))
  }

  private func recipe(epochs: Int, channels: Int = 3, classes: Int = 2) throws -> Recipe {
    Recipe(
      name: "pictures", about: .init(title: "two grounds"),
      data: .init(dataset: "segmentation", mode: .iid, trueClasses: 2),
      network: try ModelConfiguration(
        architecture: .segmentationNet10aTwoHead, inputChannels: channels, inputSize: 32,
        classes: classes, overclusters: max(6, classes), subHeads: 2, width: 0.06,
        batchNormTracking: true),
      training: .init(
        epochs: epochs, pairs: 3, repeats: 1, learningRate: 2e-3, firstHead: .overclustering,
        headA: .init(), headB: .init(lambda: 1.5)),
      denseLoss: .init(displacement: 1, collapsed: false),
      views: .patches(PatchViewSettings(jitter: .even(0.1))))
  }

  private func train(_ recipe: Recipe, on dataset: PatchDataset, to name: String) throws
    -> MetricsTable
  {
    let training = try SegmentationTraining(recipe, on: dataset)
    let evaluation = SegmentationEvaluation(dataset, recipe: recipe, on: workers)
    var run = try training.run(at: fixture.path(name))
    try run.run(on: workers, RunActions(evaluate: { try evaluation?.scores(of: $0) }))
    return run.metrics
  }

  @Test func learnsTexturesThatSinglePixelsDoNotTell() throws {
    let dataset = try pictures()
    let metrics = try train(recipe(epochs: 30), on: dataset, to: "run")
    let accuracy = metrics.column("accuracy_by_loss").compactMap(\.self)
    #expect(try #require(accuracy.last) > 0.9, "\(accuracy)")
    let model = try SegmentationModel(reading: fixture.path("run/model.safetensors"))
    #expect(model.bands.map(\.name) == ["red", "green", "blue"])
    #expect(model.bands.allSatisfy { $0.scale == 255 })
  }

  @Test func goesOnBitForBit() throws {
    let dataset = try pictures()
    _ = try train(recipe(epochs: 3), on: dataset, to: "whole")
    _ = try train(recipe(epochs: 1), on: dataset, to: "parts")
    _ = try train(recipe(epochs: 3), on: dataset, to: "parts")
    let states = ["whole", "parts"].map {
      FileManager.default.contents(atPath: fixture.path("\($0)/state.safetensors"))
    }
    #expect(states[0] != nil && states[0] == states[1])
  }

  @Test func scoringSaysHowFarItHasCome() throws {
    let dataset = try pictures()
    var recipe = try recipe(epochs: 1)
    recipe.evaluation.alsoByBatchStatistics = true
    let evaluation = try #require(SegmentationEvaluation(dataset, recipe: recipe, on: workers))
    var generator = SeededGenerator(seed: 4)
    let network = try SegmentationNetwork(configuration: recipe.network, generator: &generator)
    var seen: [[Int]] = []
    _ = try evaluation.scores(of: network) { seen.append([$0, $1]) }
    // Five pictures in batches of three, twice.
    #expect(seen == [[3, 10], [5, 10], [8, 10], [10, 10]])
    seen = []
    _ = try evaluation.featureScores(of: network, seed: 1) { seen.append([$0, $1]) }
    // The six that train, then the five with labels.
    #expect(seen == [[6, 11], [11, 11]])
  }

  @Test func scoresLeaveUnlabelledPixelsOutAndNameMoreClustersManyToOne() throws {
    let dataset = try pictures()
    let recipe = try recipe(epochs: 1)
    let evaluation = try #require(SegmentationEvaluation(dataset, recipe: recipe, on: workers))
    #expect(evaluation.count == 5)
    var generator = SeededGenerator(seed: 4)
    let network = try SegmentationNetwork(configuration: recipe.network, generator: &generator)
    let confusions = try evaluation.confusions(of: network, head: .clustering)
    #expect(confusions.assignment.count == 2 && confusions.scored == nil)
    // The middle 32 columns of 48, without the border's.
    #expect(confusions.assignment[0].total == 5 * 32 * 31)
    let left = (0..<5).reduce(0) { $0 + 32 * (16 + 3 * $1 - 8) }
    #expect(confusions.assignment[0].truthTotals == [left, 5 * 32 * 31 - left])
    let over = try evaluation.confusions(of: network, head: .overclustering)
    #expect(over.assignment[0].predictions == 6)
    // Classes are two: six clusters are right at least as often as the more frequent class.
    #expect(over.evaluation.subHeads[0].accuracy >= Double(max(left, 4960 - left)) / 4960)
  }

  /// A network of 300 over-clusters; of parameters whose last extent is `extent`, the value is made
  /// anew, a number for each place along that extent.
  private func network(
    settingExtent extent: Int, to number: (Int) -> Float
  ) throws -> (network: SegmentationNetwork, recipe: Recipe) {
    var recipe = try recipe(epochs: 1)
    recipe.network = try ModelConfiguration(
      architecture: .segmentationNet10aTwoHead, inputChannels: 3, inputSize: 32, classes: 2,
      overclusters: 300, subHeads: 1, width: 0.06, batchNormTracking: true)
    var generator = SeededGenerator(seed: 4)
    var network = try SegmentationNetwork(configuration: recipe.network, generator: &generator)
    network.forEachParameter { parameter in
      let shape = parameter.value.shape
      guard shape.last == extent else { return }
      parameter.value = Tensor(
        shape: shape, values: (0..<parameter.value.count).map { number($0 % extent) })
    }
    return (network, recipe)
  }

  @Test func overclustersMayBeMoreThanABytesWorth() throws {
    let dataset = try pictures()
    let (network, recipe) = try network(settingExtent: 300) { $0 == 299 ? 1 : 0 }
    let evaluation = try #require(SegmentationEvaluation(dataset, recipe: recipe, on: workers))
    let over = try evaluation.confusions(of: network, head: .overclustering)
    #expect(over.assignment[0].predictions == 300 && over.assignment[0].total == 5 * 32 * 31)
    #expect(over.assignment[0].predictionTotals[299] > 5 * 32 * 31 / 2)
    let picture = try evaluation.picture(
      of: network, head: .overclustering, subHead: 0, images: 1, colours: dataset.colours)
    #expect(picture.height == 32)
  }

  /// Weights are finite and what they come to is not.
  @Test func networksOfHugeWeightsAreRefused() throws {
    let dataset = try pictures()
    let (network, recipe) = try network(settingExtent: 300) { _ in 3e38 }
    let evaluation = try #require(SegmentationEvaluation(dataset, recipe: recipe, on: workers))
    let error = try #require(throws: IICError.self) {
      try evaluation.confusions(of: network, head: .overclustering)
    }
    #expect(error.reason.contains("not finite"))
    let last = try #require(network.parameters.last { $0.value.shape.count == 1 })
    var shifted = network
    shifted.forEachParameter { parameter in
      if parameter.name == last.name {
        parameter.value = Tensor(shape: parameter.value.shape, repeating: 1e30)
      }
    }
    let trunk = shifted
    let features = try #require(throws: IICError.self) {
      var generator = SeededGenerator(seed: 0)
      _ = try evaluation.kMeans(.features(trunk), clusters: 2, generator: &generator)
    }
    #expect(features.operation == "cluster by k-means")
  }

  @Test func dataThatDoNotFitAreRefused() throws {
    let dataset = try pictures()
    var other = try recipe(epochs: 1, channels: 4)
    #expect(throws: SegError.self) { try SegmentationTraining(other, on: dataset) }
    other = try recipe(epochs: 1)
    other.data.trueClasses = 3
    let error = try #require(throws: SegError.self) { try SegmentationTraining(other, on: dataset) }
    #expect(error.description.contains("has 2 classes where `data.trueClasses` is 3"))
    other.data.mode = .iidPlus
    #expect(throws: SegError.self) {
      try PatchDataset.named(other.data, at: fixture.path("data"))
    }
    other.data.dataset = "maps"
    #expect(throws: SegError.self) {
      try PatchDataset.named(other.data, at: fixture.path("data"))
    }
  }
}

/// K-means of what single pixels and a random network show, and pictures.
@Suite struct SegmentationBaselineTests {
  private let folder: PatchFixture
  private let workers = Workers(threads: 2)

  init() throws { folder = try PatchFixture() }

  /// Three pictures whose left half is dark and whose right half is light.
  private func halves(side: Int = 24) throws -> PatchDataset {
    try folder.makeFolders("images", "labels")
    for number in 0..<3 {
      try folder.image("images/\(number).tif", width: side, height: side, channels: 2) {
        column, row, _ in (column < side / 2 ? 40 : 200) + (column * 5 + row * 3 + number) % 11
      }
      try folder.image("labels/\(number).tif", width: side, height: side, channels: 1) {
        column, _, _ in column < side / 2 ? 2 : 1
      }
    }
    return try PatchDataset.folder(at: folder.folder)
  }

  private func recipe(side: Int = 24) throws -> Recipe {
    Recipe(
      name: "halves", about: .init(title: "halves"),
      data: .init(dataset: "segmentation", mode: .iid),
      network: try ModelConfiguration(
        architecture: .segmentationNet10a, inputChannels: 2, inputSize: side, classes: 3,
        subHeads: 1, width: 0.05, batchNormTracking: true),
      training: .init(epochs: 1, pairs: 3, repeats: 1, learningRate: 1e-3),
      denseLoss: .init(displacement: 1, collapsed: false),
      views: .patches(PatchViewSettings()))
  }

  @Test func pixelsTellHalvesApart() throws {
    let recipe = try recipe(side: 64)
    let evaluation = try #require(
      SegmentationEvaluation(try halves(side: 64), recipe: recipe, on: workers))
    var generator = SeededGenerator(seed: 0)
    let pixels = try evaluation.kMeans(.pixels, clusters: 2, generator: &generator)
    #expect(pixels.assignment[0].total == 3 * 64 * 64)
    #expect(pixels.evaluation.subHeads[0].accuracy == 1)
    let network = try SegmentationNetwork(configuration: recipe.network, generator: &generator)
    let features = try evaluation.kMeans(.features(network), clusters: 2, generator: &generator)
    #expect(features.assignment[0].total == 3 * 64 * 64)
    // Cells near the border and the rim see other things too.
    #expect(features.evaluation.subHeads[0].accuracy > 0.75)
  }

  /// The lattice's ten pixels of a descriptor are stripes that stand or lie, as light as each other.
  @Test func descriptorsTellTexturesApart() throws {
    try folder.makeFolders("images", "labels")
    for number in 0..<3 {
      for name in ["images", "labels"] {
        try folder.image(
          "\(name)/\(number).tif", width: 60, height: 60, channels: name == "images" ? 2 : 1
        ) { column, row, _ in
          let stands = (column / 20 + row / 20 + number) % 2 == 0
          if name == "labels" { return stands ? 1 : 2 }
          return (stands ? column : row) % 4 < 2 ? 60 : 190
        }
      }
    }
    let evaluation = try #require(
      SegmentationEvaluation(
        try PatchDataset.folder(at: folder.folder), recipe: recipe(side: 60), on: workers))
    var generator = SeededGenerator(seed: 0)
    let descriptors = try evaluation.kMeans(.denseSIFT, clusters: 2, generator: &generator)
    #expect(descriptors.assignment[0].total == 3 * 60 * 60)
    #expect(descriptors.evaluation.subHeads[0].accuracy == 1)
    let pixels = try evaluation.kMeans(.pixels, clusters: 2, generator: &generator)
    #expect(pixels.evaluation.subHeads[0].accuracy < 0.6)
  }

  @Test func picturesShowImageTruthAndPrediction() throws {
    let dataset = try halves()
    let evaluation = try #require(SegmentationEvaluation(dataset, recipe: recipe(), on: workers))
    var generator = SeededGenerator(seed: 2)
    let network = try SegmentationNetwork(configuration: recipe().network, generator: &generator)
    let colours = dataset.colours
    let picture = try evaluation.picture(
      of: network, head: .clustering, subHead: 0, classOfCluster: [0, 1, nil], images: 7,
      colours: colours)
    #expect(picture.width == 3 * 24 + 12 && picture.height == 3 * 24 + 12)
    func colour(_ column: Int, _ row: Int) -> [UInt8] {
      Array(
        picture.pixels[(row * picture.width + column) * 3..<(row * picture.width + column + 1) * 3])
    }
    #expect(colour(3, 0) == [44, 44, 44])
    func bytes(_ own: RGBColour) -> [UInt8] { [own.red, own.green, own.blue] }
    #expect(colour(30, 5) == bytes(colours[1]) && colour(30 + 12, 40) == bytes(colours[0]))
    #expect(colour(26, 5) == [255, 255, 255])
    let predicted = Set((60..<84).flatMap { x in (0..<24).map { colour(x, $0) } })
    #expect(predicted.isSubset(of: [bytes(colours[0]), bytes(colours[1]), [128, 128, 128]]))
  }
}
