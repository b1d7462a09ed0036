import Foundation
import IIC
import Tensor
import Testing

@testable import Seg

/// Every built-in recipe that labels pixels, trained for an epoch on files in the layout of its
/// dataset: very narrow, in small crops.
@Suite struct SegmentationRecipeTests {
  private static let recipes = Recipe.builtIn.filter { $0.kind == .segmentation }
  private let folder: PatchFixture
  private let workers = Workers(threads: 2)

  init() throws { folder = try PatchFixture() }

  @Test func thereAreThoseOfThePaperAndOne() {
    #expect(Self.recipes.count == 11)
    #expect(Self.recipes.count { $0.about.publishedRun != nil } == 10)
  }

  /// Writes files of the recipe's dataset and says how many images train in its mode.
  private func writeData(for recipe: Recipe) throws -> Int {
    let isHeldOut = recipe.data.mode == .iidPlus
    switch recipe.data.dataset {
    case "potsdam":
      try folder.archive(side: 32)
      return isHeldOut ? 5 : 6
    case "segmentation":
      try folder.makeFolders("images", "labels")
      for number in 0..<2 {
        try folder.image(
          "images/\(number).tif", width: 40, height: 36, channels: 3,
          bandNames: ["red", "green", "blue"]
        ) { $0 * 3 + $1 * 5 + $2 * 40 + number }
        try folder.image("labels/\(number).tif", width: 40, height: 36, channels: 1) {
          column, _, _ in column / 7
        }
      }
      return 2
    default:
      for classes in CocoStuff.Classes.allCases {
        try folder.cocoStuff(list: classes.curatedList(version: classes.publishedVersion))
      }
      return isHeldOut ? 2 : 3
    }
  }

  @Test(arguments: recipes) func trainsAndScores(_ recipe: Recipe) throws {
    let images = try writeData(for: recipe)
    let small = try recipe.setting([
      "epochs=1", "width=0.02", "inputSize=24", "pairs=2", "displacement=1",
    ])
    let dataset = try PatchDataset.named(small.data, at: folder.folder)
    let training = try SegmentationTraining(small, on: dataset)
    let evaluation = try #require(SegmentationEvaluation(dataset, recipe: small, on: workers))
    var run = try training.begin(
      in: RunFolder(beginning: folder.fixture.path("run"), overwrite: false), seed: 0, threads: 2)
    try run.run(on: workers, RunActions(evaluate: { try evaluation.scores(of: $0) }))
    let heads = small.network.architecture.hasTwoHeads ? 2 : 1
    #expect(run.metrics.column("pairs").last == Double(images * heads))
    let accuracy = try #require(run.metrics.column("accuracy_by_loss").last ?? nil)
    #expect((0...1).contains(accuracy))
    let model = try ModelFile(reading: folder.fixture.path("run/model.safetensors"))
    #expect(try Recipe(yaml: model.recipe ?? "") == small)
    let confusions = try evaluation.confusions(
      of: run.trainer.network, head: .clustering)
    #expect((confusions.scored != nil) == (small.data.mode == .iidPlus))
    // Of COCO-Stuff's columns of classes three or four of six are kept.
    #expect(confusions.assignment[0].total > 0)
  }
}
