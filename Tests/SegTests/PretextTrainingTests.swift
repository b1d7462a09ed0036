import Foundation
import IIC
import Raster
import Tensor
import Testing

@testable import Seg

/// Features learned by a pretext, on files in the layouts of the datasets.
@Suite struct PretextTrainingTests {
  private static let recipes = Recipe.builtIn.filter { $0.kind == .pretext }
  private let folder: PatchFixture
  private let workers = Workers(threads: 2)

  init() throws { folder = try PatchFixture() }

  @Test func thereAreBothOfEveryResultOfThePaper() {
    #expect(Self.recipes.count == 8)
    #expect(Self.recipes.allSatisfy { $0.about.publishedPerCent != nil })
  }

  private func run(_ recipe: Recipe, on dataset: PatchDataset, to name: String) throws
    -> PretextTraining.Run
  {
    let training = try PretextTraining(recipe, on: dataset)
    let evaluation = try #require(SegmentationEvaluation(dataset, recipe: recipe, on: workers))
    var run = try training.run(at: folder.fixture.path(name))
    try run.run(
      on: workers,
      RunActions(evaluate: { try evaluation.featureScores(of: $0.trunk, seed: 1) }))
    return run
  }

  @Test(arguments: recipes) func trainsAndScores(_ recipe: Recipe) throws {
    let images: Int
    if recipe.data.dataset == "potsdam" {
      try folder.archive(side: 32)
      images = 6
    } else {
      for classes in CocoStuff.Classes.allCases {
        try folder.cocoStuff(list: classes.curatedList(version: classes.publishedVersion))
      }
      images = 3
    }
    let small = try recipe.setting([
      "epochs=1", "width=0.02", "inputSize=24", "pairs=2", "patchSide=5",
    ])
    let dataset = try PatchDataset.named(small.data, at: folder.folder)
    let run = try run(small, on: dataset, to: "run")
    #expect(run.metrics.column("pairs").last == Double(images))
    let loss = try #require(run.metrics.column("loss_B").last ?? nil)
    #expect(loss > 0 && loss < 10)
    let accuracy = try #require(run.metrics.column("accuracy_by_loss").last ?? nil)
    #expect(accuracy > 0 && accuracy <= 1)
    let model = try ModelFile(reading: folder.fixture.path("run/model.safetensors"))
    #expect(model.configuration.architecture == .segmentationNet10aTrunk)
    #expect(try Recipe(yaml: model.recipe ?? "") == small)
    // Of no use after training, but for going on with it.
    #expect(!model.tensors.keys.contains { $0.hasPrefix("pretext.") })
    let state = try #require(try RunFolder(resuming: folder.fixture.path("run")).state())
    #expect(state.tensors.keys.contains("pretext.joint.0.weight.second"))
    let error = try #require(throws: IICError.self) { try SegmentationModel(model) }
    #expect(error.description.contains("no clusters"))
  }

  /// Pictures whose halves differ in texture, which one looks like the middle of the other's noise.
  private func textures() throws -> PatchDataset {
    try folder.makeFolders("images", "labels")
    for number in 0..<8 {
      var generator = SeededGenerator(seed: UInt64(number))
      let noise = (0..<64 * 64).map { _ in Int(20 * max(-3, min(generator.normal(), 3))) }
      let border = 24 + 2 * number
      try folder.image("images/\(number).tif", width: 64, height: 64, channels: 1) {
        column, row, _ in
        let stripes = (column + row) % 4 < 2 ? -50 : 50
        return 128 + noise[row * 64 + column] / 3 + (column < border ? stripes : 0)
      }
      try folder.image("labels/\(number).tif", width: 64, height: 64, channels: 1) {
        column, _, _ in column < border ? 1 : 2
      }
    }
    return try PatchDataset.folder(at: folder.folder)
  }

  private func recipe(_ task: PretextTask, epochs: Int) throws -> Recipe {
    Recipe(
      name: "textures", about: .init(title: "textures"),
      data: .init(dataset: "segmentation", mode: .iid),
      network: try ModelConfiguration(
        architecture: .segmentationNet10aTrunk, inputChannels: 1, inputSize: 48, classes: 2,
        subHeads: 1, width: 0.04, batchNormTracking: true),
      training: .init(epochs: epochs, pairs: 4, repeats: 1, learningRate: 2e-3),
      pretext: .init(task: task, patchSide: 7), views: .patches(PatchViewSettings()))
  }

  @Test func learnsWhatLiesTogether() throws {
    let dataset = try textures()
    let run = try run(recipe(.isola, epochs: 14), on: dataset, to: "run")
    let losses = run.metrics.column("loss_B").compactMap(\.self)
    let (first, last) = (losses.prefix(5).reduce(0, +) / 5, losses.suffix(5).reduce(0, +) / 5)
    #expect(last < first, "\(losses)")
    let accuracy = run.metrics.column("accuracy_by_loss").compactMap(\.self)
    #expect(try #require(accuracy.last) > 0.85, "\(accuracy)")
  }

  @Test(arguments: PretextTask.allCases) func goesOnBitForBit(_ task: PretextTask) throws {
    let dataset = try textures()
    _ = try run(recipe(task, epochs: 2), on: dataset, to: "whole")
    _ = try run(recipe(task, epochs: 1), on: dataset, to: "parts")
    _ = try run(recipe(task, epochs: 2), on: dataset, to: "parts")
    let states = ["whole", "parts"].map {
      FileManager.default.contents(atPath: folder.fixture.path("\($0)/state.safetensors"))
    }
    #expect(states[0] != nil && states[0] == states[1])
  }

  private func batches(
    _ recipe: Recipe, _ dataset: PatchDataset, threads: Int = 2
  ) throws -> [PretextBatch] {
    var source = PretextSource(
      dataset, recipe: recipe, threads: threads, generator: SeededGenerator(seed: 3))
    source.beginPass(part: 0)
    var batches: [PretextBatch] = []
    while let batch = try source.nextBatch() { batches.append(batch) }
    return batches
  }

  private func potsdam(_ name: String) throws -> (Recipe, PatchDataset) {
    try folder.archive()
    let recipe = try Recipe.find(name).setting([
      "inputSize=20", "patchSide=5", "pairs=4", "brightness=0", "contrast=0", "saturation=0",
      "hue=0",
    ])
    return (recipe, try PatchDataset.named(recipe.data, at: folder.folder))
  }

  @Test func everyImageOnceAPassWhateverTheThreads() throws {
    let (recipe, dataset) = try potsdam("potsdam-3-isola")
    let (one, many) = (
      try batches(recipe, dataset, threads: 1), try batches(recipe, dataset, threads: 3)
    )
    #expect(one.map { $0.views.shape[0] } == [4, 2])
    #expect(one.allSatisfy { $0.mask == nil && $0.colours == nil })
    #expect(one.map(\.views.values) == many.map(\.views.values))
    #expect(one.map(\.question) == many.map(\.question))
    // The red of a block's upper left pixel, or upper right where it is flipped, is its number.
    let numbers = one.flatMap { batch in
      (0..<batch.views.shape[0]).map { image in
        [0, 19].map { Int((batch.views.values[(image * 400 + $0) * 4] * 255).rounded()) }
          .min() ?? 0
      }
    }
    #expect(numbers.sorted() == Array(0..<6))
    let generators = one.map { batch in
      var dropout = batch.dropout
      return dropout.next()
    }
    #expect(Set(generators).count == 2)
  }

  @Test func twoOfThreeColoursBecomeNoise() throws {
    let (recipe, dataset) = try potsdam("potsdam-3-doersch")
    for batch in try batches(recipe, dataset) {
      for image in 0..<batch.views.shape[0] {
        func band(_ band: Int) -> [Float] {
          (0..<400).map { batch.views.values[(image * 400 + $0) * 4 + band] }
        }
        func moments(_ values: [Float]) -> (mean: Float, deviation: Float) {
          let mean = values.reduce(0, +) / 400
          return (
            mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 400).squareRoot()
          )
        }
        let all = (0..<4).map { moments(band($0)) }
        let kept = try #require((0..<3).max { all[$0].deviation < all[$1].deviation })
        for index in 0..<3 where index != kept {
          #expect(abs(all[index].mean - all[kept].mean) < 0.01 * all[kept].deviation)
          let ratio = all[index].deviation / all[kept].deviation
          #expect((0.007...0.013).contains(ratio), "\(ratio)")
        }
        // Infra-red stays.
        #expect(all[3].deviation > 0.05)
      }
    }
  }

  @Test func gradientsStayWhereColoursGo() throws {
    try folder.cocoStuff()
    let recipe = try Recipe.find("coco-stuff-3-doersch").setting([
      "preScale=1", "inputSize=32", "patchSide=5", "pairs=2", "flipProbability=1",
      "brightness=0", "contrast=0", "saturation=0", "hue=0",
    ])
    let dataset = try PatchDataset.named(recipe.data, at: folder.folder)
    for batch in try batches(recipe, dataset) {
      let colours = try #require(batch.colours)
      #expect(colours.shape == Array(batch.views.shape.dropLast()) + [3])
      for image in 0..<batch.views.shape[0] {
        let first = image * 1024
        let (seen, shown) = (batch.views.values, colours.values)
        // Every crop is flipped: red, the last of the bands, is the column, but for what PIL's hues
        // of 8 bits make of it.
        let offsets = (0..<1024).map { seen[(first + $0) * 3 + 2] * 255 - Float(31 - $0 % 32) }
        let left = Int((offsets.reduce(0, +) / 1024).rounded())
        #expect(offsets.allSatisfy { abs($0 - Float(left)) < 4 }, "\(left)")
        // Columns 20…49 of 60 have a class that counts: the mask is flipped with the image.
        if let mask = batch.mask {
          for pixel in 0..<1024 {
            let column = left + 31 - pixel % 32
            // Where the border of the classes lies is known to two columns.
            guard ![20, 50].contains(where: { abs($0 - column) <= 2 }) else { continue }
            #expect(mask.values[first + pixel] == ((20..<50).contains(column) ? 1 : 0))
          }
        }
        var same = 0
        for band in 0..<3 {
          let places = (first..<first + 1024).map { $0 * 3 + band }
          if places.allSatisfy({ seen[$0] == shown[$0] }) { same += 1 }
        }
        #expect(same == 1)
      }
    }
  }
}
