import Classify
import Foundation
import IIC
import Tensor
import Testing

/// Every built-in recipe of whole images, one epoch of a very narrow network on very few images in
/// the published layouts.
@Suite struct RecipeTrainingTests {
  private static let names = Recipe.builtIn.filter {
    $0.kind == .clustering && ImageDataset.named($0.data.dataset) != nil
  }.map(\.name)
  private let fixture: DatasetFixture

  init() throws {
    fixture = try DatasetFixture()
    try fixture.writeMNIST(train: 12, test: 8)
    try fixture.write(
      DatasetFixture.cifarRecords(0..<12) { [UInt8($0 % 10)] }, to: "data_batch_1.bin")
    try fixture.write(
      DatasetFixture.cifarRecords(12..<20) { [UInt8($0 % 10)] }, to: "test_batch.bin")
    try fixture.write(
      DatasetFixture.cifarRecords(0..<12) { [UInt8($0 % 20), UInt8($0)] }, to: "train.bin")
    try fixture.write(
      DatasetFixture.cifarRecords(12..<20) { [UInt8($0 % 20), UInt8($0)] }, to: "test.bin")
    try fixture.write(DatasetFixture.stlImages(0..<12), to: "train_X.bin")
    try fixture.write((0..<12).map { UInt8($0 % 10 + 1) }, to: "train_y.bin")
    try fixture.write(DatasetFixture.stlImages(12..<20), to: "test_X.bin")
    try fixture.write((0..<8).map { UInt8($0 % 10 + 1) }, to: "test_y.bin")
    try fixture.write(DatasetFixture.stlImages(20..<45), to: "unlabeled_X.bin")
  }

  @Test(arguments: names) func trainsAndScores(_ name: String) throws {
    let published = try Recipe.find(name)
    let recipe = try published.setting([
      "width=0.02", "epochs=1", "pairs=\(10 * published.training.repeats)", "subHeads=2",
    ])
    let dataset = try #require(ImageDataset.named(recipe.data.dataset))
    let images = try dataset.load(
      from: fixture.path, splits: ClusterTraining.splits(of: dataset.description, for: recipe))
    let workers = Workers(threads: 2)
    let training = try ClusterTraining(recipe, on: images)
    let evaluation = try #require(try RecipeEvaluation(images, recipe: recipe, on: workers))
    let folder = try RunFolder(beginning: fixture.file("run"), overwrite: false)
    var run = try training.begin(in: folder, seed: 3, threads: 2)
    var records: [TrainingRecord] = []
    try run.run(
      on: workers,
      RunActions(
        evaluate: { try evaluation.scores(of: $0) },
        observe: { if case .epochEnded(let record) = $0 { records.append(record) } }))

    // Twelve train, eight test, and STL-10's twenty-five without labels.
    let hasUnlabelled = recipe.data.unlabelled == .mixed
    let isWhole = recipe.data.mode == .iid
    let few = isWhole ? 20 : 12
    let all = few + (hasUnlabelled ? 25 : 0)
    let passesB = recipe.training.headB.passes
    let imageCount =
      recipe.training.headA.map { few * passesB + all * $0.passes } ?? all * passesB
    let last = try #require(records.last)
    #expect(records.count == 2 && last.pairs == imageCount * recipe.training.repeats)
    #expect(last.losses.map(\.head) == recipe.network.heads)
    // Minus the information; that of triplets has no limit.
    let losses = last.losses.flatMap(\.subHeads).map(\.withoutLambda)
    #expect(losses.allSatisfy { recipe.triplets == nil ? $0 <= 1e-6 : $0.isFinite })
    #expect(last.evaluation?.subHeads.count == 2)
    #expect((last.evaluationByBatchStatistics != nil) == recipe.evaluation.alsoByBatchStatistics)
    let model = try ModelFile(reading: folder.path(of: .model))
    #expect(model.configuration == recipe.network && model.recordedSubHead != nil)
    #expect(model.images != nil)
  }

  @Test func refusesImagesThatTheRecipeIsNotFor() throws {
    let digits = try #require(ImageDataset.named("mnist")).load(from: fixture.path)
    let colours = try Recipe.find("cifar10").setting([
      "includeRGB=true", "inputChannels=5", "dataset=mnist",
    ])
    let grey = try #require(try refusal { _ = try ClusterTraining(colours, on: digits) })
    #expect(grey.reason.contains("its images are grey"))
    let channels = try Recipe.find("mnist").setting(["inputChannels=3"])
    let wrong = try #require(try refusal { _ = try ClusterTraining(channels, on: digits) })
    #expect(wrong.remedy == "give 1")
  }
}
