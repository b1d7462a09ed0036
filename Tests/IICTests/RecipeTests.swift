import Foundation
import Testing

@testable import IIC

private let mnist = Recipe.named("mnist")!

@Suite struct RecipeTests {
  @Test(arguments: Recipe.builtIn) func goesThroughYAMLUnchanged(_ recipe: Recipe) throws {
    let yaml = try recipe.yaml
    #expect(try Recipe(yaml: yaml) == recipe)
    #expect(try Recipe(yaml: yaml).yaml == yaml)
    #expect(try recipe.checked() == recipe)
  }

  @Test(arguments: Recipe.builtIn) func everyKeyHasARule(_ recipe: Recipe) throws {
    // What is not known would be refused when the recipe is read.
    #expect(throws: Never.self) { try RecipeDocument(yaml: recipe.yaml) }
    let json = try JSONDecoder().decode(Recipe.self, from: JSONEncoder().encode(recipe))
    #expect(json == recipe)
  }

  @Test func namesDiffer() {
    #expect(Set(Recipe.builtIn.map(\.name)).count == Recipe.builtIn.count)
    #expect(Recipe.named("nothing") == nil)
  }

  @Test func printsNumbersAsPeopleWriteThem() throws {
    let yaml = try mnist.yaml
    #expect(yaml.contains("\n  learningRate: 0.0001\n"))
    #expect(yaml.contains("\n    secondCropSizes: [16, 20, 24]\n"))
    #expect(RecipeRule.decimal(1e-5) == "0.00001" && RecipeRule.decimal(2.5e-7) == "0.00000025")
    #expect(RecipeRule.decimal(0.33) == "0.33" && RecipeRule.decimal(3) == "3")
  }

  @Test func setsKeysInFullAndByTheirLastName() throws {
    let changed = try mnist.setting([
      "epochs=3", "training.headB.passes=1", "secondCropSizes=[20]", "learningRate=1e-3",
      "title=MNIST: once more", "headAUntrained=true",
    ])
    var expected = mnist
    expected.training.epochs = 3
    expected.training.headB.passes = 1
    expected.training.learningRate = 1e-3
    expected.training.headAUntrained = true
    expected.views.greyscale?.secondCropSizes = [20]
    expected.about.title = "MNIST: once more"
    #expect(changed == expected)
  }

  @Test(arguments: ["123", "true", "null and void", "a: b # c", "'", "\u{1F600} é", "- x"])
  func textOfAnyKindGoesThroughYAML(_ title: String) throws {
    let recipe = try mnist.setting(["title=\(title)"])
    #expect(recipe.about.title == title)
    #expect(try Recipe(yaml: recipe.yaml) == recipe)
  }

  @Test(arguments: [(".5", 0.5), ("1.", 1), ("1e-3", 0.001), ("+0.25", 0.25), ("0x1p-2", 0.25)])
  func readsNumbersHoweverTheyAreWritten(_ text: String, _ value: Double) throws {
    #expect(try mnist.setting(["learningRate=\(text)"]).training.learningRate == value)
    let yaml = "basedOn: mnist\ntraining: {learningRate: \(text), epochs: +7}"
    let recipe = try Recipe(yaml: yaml)
    #expect(recipe.training.learningRate == value && recipe.training.epochs == 7)
  }

  @Test func takesGroupsAwayAndPutsOthersInTheirPlace() throws {
    let single = try mnist.setting([
      "architecture=ClusterNet6c", "overclusters=null", "training.headA=null",
    ])
    #expect(single.network.overclusters == nil && single.training.headA == nil)
    #expect(single.network.heads == [.clustering])
  }

  @Test(arguments: [
    ("epoch=3", "there is no key `epoch`; did you mean `epochs`?"),
    ("passes=2", "`passes` can mean `training.headA.passes` or `training.headB.passes`"),
    ("epochs=0", "`training.epochs` is `0`; give a whole number from 1 to 1000000"),
    ("epochs=many", "`training.epochs` is `many`; give a whole number from 1 to 1000000"),
    ("epochs=[3]", "`training.epochs` is not a single value; give a whole number"),
    ("learningRate=-1", "`training.learningRate` is `-1`; give a number from"),
    ("learningRate=nan", "`training.learningRate` is `nan`; give a number from"),
    ("mode=both", "`data.mode` is `both`; give one of IID, IID+"),
    ("alwaysRotates=yes", "`views.greyscale.alwaysRotates` is `yes`; give true or false"),
    ("secondCropSizes=16", "`views.greyscale.secondCropSizes` is `16`; give a list such as"),
    ("pairs=701", "`training.pairs` is 701, not a multiple of `training.repeats`, 5; give 700"),
    ("overclusters=9", "`network.overclusters` is 9, fewer than the 10"),
    ("overclusters=null", "`overclusters` is missing"),
    ("training.headA=null", "`training.headA` is missing"),
    ("subHeads=65", "`network.subHeads` is `65`; give a whole number from 1 to 64"),
    ("sobel=true", "`inputChannels` is 1 with `sobel`"),
    ("epochs", "`epochs` sets nothing; write key=value"),
    ("epochs={a: [", "the value of `training.epochs` is not YAML"),
    ("title=null", "`about.title` is missing; give one line of text"),
    (
      "architecture=SupHead5",
      "`network.architecture` is SupHead5, which learns from labels on a trained trunk; train by "
        + "stl10-fine-tuning or images-fine-tuning"
    ),
  ]) func refusesInOneLine(_ change: String, _ reason: String) throws {
    let error = try #require(throws: IICError.self) { try mnist.setting([change]) }
    #expect("\(error)".contains(reason), "\(error)")
    #expect(!"\(error)".contains("\n"))
  }

  @Test(arguments: [
    ("repeats=3", "`training.repeats` is 3 with `triplets`"),
    ("lambda=1.5", "`training.headB.lambda` is 1.5 with `triplets`"),
    ("kMeans=maybe", "`triplets.kMeans` is `maybe`; give true or false"),
  ]) func refusesWhatTripletsCannotBe(_ change: String, _ reason: String) throws {
    let triplets = try Recipe.find("mnist-triplets").setting(["pairs=300"])
    let error = try #require(throws: IICError.self) { try triplets.setting([change]) }
    #expect("\(error)".contains(reason), "\(error)")
  }

  @Test func tripletsAreForOneHeadOfWholeImages() throws {
    for (base, reason) in [
      ("mnist", "`network.architecture` is ClusterNet6cTwoHead with `triplets`"),
      ("potsdam", "`triplets` is given; leave it out"),
      ("stl10-fine-tuning", "`triplets` is given; leave it out"),
    ] {
      let error = try #require(throws: IICError.self) {
        try Recipe(yaml: "basedOn: \(base)\ntriplets: {kMeans: true}")
      }
      #expect("\(error)".contains(reason), "\(error)")
    }
    let own = try Recipe(yaml: "basedOn: mnist-triplets\ntriplets: null")
    #expect(own.triplets == nil && own.kind == .clustering)
  }

  @Test(arguments: [
    ("repeats=5", "`training.repeats` is 5 with `fineTuning`; give 1"),
    ("passes=2", "`training.headB.passes` is 2 with `fineTuning`; give 1"),
    ("lambda=1.5", "`training.headB.lambda` is 1.5 with `fineTuning`; give 1"),
    ("pictureEvery=10", "`evaluation.pictureEvery` is 10 with `fineTuning`; give 0"),
    ("alsoByBatchStatistics=true", "with `fineTuning`; give false"),
  ]) func refusesWhatFineTuningPassesOver(_ change: String, _ reason: String) throws {
    let recipe = try Recipe.find("images-fine-tuning")
    let error = try #require(throws: IICError.self) { try recipe.setting([change]) }
    #expect("\(error)".contains(reason), "\(error)")
    let digits = try #require(throws: IICError.self) {
      try Recipe(
        yaml: """
          basedOn: mnist
          fineTuning:
            {trunk: mnist, head: SupHead5, trunkLearningRate: 0.1, penultimateFeatures: true}
          """)
    }
    #expect(digits.reason.contains("`views` has no group sobel"), "\(digits)")
  }

  @Test func wholeImagesWithoutSobelHaveNoColours() throws {
    let error = try #require(throws: IICError.self) {
      try Recipe(yaml: "basedOn: mnist\nnetwork: {includeRGB: true, inputChannels: 5}")
    }
    #expect("\(error)".contains("`network.includeRGB` is true without `network.sobel`"))
    let sobel = try Recipe.find("cifar10").setting(["includeRGB=true", "inputChannels=5"])
    #expect(sobel.network.includeRGB)
  }

  /// Keys that would be accepted, and nothing made of them.
  @Test(arguments: [
    ("coco-stuff", "data: {coarseLabels: false}", "`data.coarseLabels` is false with the dataset"),
    ("coco-stuff-3", "data: {coarseLabels: false}", "give true"),
    ("segmentation", "data: {coarseLabels: false}", "`data.coarseLabels` is given"),
    ("segmentation", "data: {curatedVersion: 6}", "`data.curatedVersion` is given"),
    ("segmentation", "data: {shortestSide: 90}", "`data.shortestSide` is given"),
    ("segmentation", "data: {unlabelled: omitted}", "`data.unlabelled` is given"),
    ("potsdam-3", "data: {dataset: segmentation}", "leave it out, or give null"),
    (
      "cifar10", "views: {sobel: {fluidWarp: {rotation: 20, cropSizes: []}}}",
      "`views.sobel.fluidWarp.rotation` is 20 where"
    ),
    (
      "potsdam", affine(least: 1.2, greatest: 0.8),
      "`views.patches.affine.greatestScale` is 0.8, below `leastScale`, 1.2"
    ),
  ]) func refusesWhatWouldBePassedOver(_ base: String, _ yaml: String, _ reason: String) throws {
    let error = try #require(throws: IICError.self) {
      try Recipe(yaml: "basedOn: \(base)\n\(yaml)")
    }
    #expect("\(error)".contains(reason), "\(error)")
  }

  @Test func whatGoesTogetherIsNotRefused() throws {
    for (base, yaml) in [
      ("coco-stuff", "data: {coarseLabels: null, curatedVersion: 6}"),
      ("potsdam", "data: {coarseLabels: true}"),
      ("potsdam-3", "data: {dataset: segmentation, coarseLabels: null}"),
      ("cifar10", "views: {sobel: {fluidWarp: {rotation: 20, cropSizes: [20]}}}"),
      ("potsdam", Self.affine(least: 1.2, greatest: 1.2)),
    ] {
      #expect(throws: Never.self) { try Recipe(yaml: "basedOn: \(base)\n\(yaml)") }
    }
  }

  private static func affine(least: Double, greatest: Double) -> String {
    "views: {patches: {affine: {rotation: 30, shear: 10, leastScale: \(least), "
      + "greatestScale: \(greatest)}}}"
  }

  @Test func networksThatLearnedFromLabelsAreNoRecipes() throws {
    var recipe = try Recipe.find("stl10-plus")
    recipe.network = try ModelConfiguration(
      architecture: .supHead5, inputChannels: 2, inputSize: 64, classes: 10, subHeads: 1,
      sobel: true, batchNormTracking: true)
    let error = try #require(throws: IICError.self) { try recipe.checked() }
    #expect(error.remedy.contains("images-fine-tuning"))
  }

  @Test func aFileMayBuildOnABuiltInRecipe() throws {
    let recipe = try Recipe(yaml: "basedOn: mnist\nname: mine\ntraining:\n  epochs: 2\n")
    var expected = mnist
    expected.name = "mine"
    expected.training.epochs = 2
    #expect(recipe == expected)
  }

  @Test(arguments: [
    ("", "it is not a mapping"),
    ("- 1", "it is not a mapping"),
    ("name: a\nname: b", "a key is given twice"),
    ("name: [", "it is not YAML: line"),
    ("basedOn: mnits", "did you mean mnist?"),
    ("basedOn: mnist\nnetwork: 3", "`network` is a group of keys"),
    ("basedOn: mnist\ntraining:\n  lrate: 3", "there is no key `training.lrate`"),
    ("basedOn: mnist\nviews:\n  sobel: {cropSize: 20}", "is missing"),
    ("name: mine", "`about` is missing"),
    ("a: &x 1\nb: *x", "it uses `&` or `*`"),
    ("? [1]\n: 2", "a key of it is no word"),
    ("basedOn: mnist\nname:\n  deeper: 1", "`name` is not a single value"),
  ]) func refusesFiles(_ yaml: String, _ reason: String) throws {
    let error = try #require(throws: IICError.self) { try Recipe(yaml: yaml, file: "my.yaml") }
    #expect("\(error)".contains(reason) && "\(error)".contains("my.yaml"), "\(error)")
    #expect(!"\(error)".contains("\n"))
  }

  @Test(arguments: ["[", "{a: ", "- ", "? "]) func refusesDeepNesting(_ opening: String) throws {
    let yaml = String(repeating: opening, count: 60_000 / opening.count)
    #expect(throws: IICError.self) { try Recipe(yaml: yaml) }
    #expect(throws: IICError.self) {
      try mnist.setting(["epochs=" + String(repeating: opening, count: 10_000)])
    }
  }

  @Test func refusesLongFiles() throws {
    let error = try #require(throws: IICError.self) {
      try Recipe(yaml: "name: " + String(repeating: "a", count: 70_000))
    }
    #expect(error.reason == "it is longer than 64 KiB")
  }
}

extension Recipe: CustomTestStringConvertible {
  public var testDescription: String { name }
}
