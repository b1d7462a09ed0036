import ArgumentParser
import Foundation
import IIC

/// `iic train`: trains by a recipe, into a run folder.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network by a built-in recipe or a YAML file.",
    discussion: """
      A recipe fixes everything but the data and the seed; `iic recipes` lists the built-in ones, \
      with the published settings. The run folder holds the recipe with every setting \
      (recipe.yaml), the model of the lowest loss, which no label chose (model.safetensors), that \
      of the highest accuracy where there are labels (model-best-accuracy.safetensors), the last \
      one (latest.safetensors), what is needed to go on (state.safetensors), and a row an epoch \
      (metrics.csv). It can be stopped at any time; --resume goes on after the last whole epoch, \
      bit for bit as if it had never stopped.

      For example:
        iic train mnist --data downloads/mnist -o run
        iic train mnist --data downloads/mnist -o short \\
          --set epochs=3 --set subHeads=1
        iic train mnist --data downloads/mnist -o run --resume
        iic train images --data photographs -o run --classes 10
        iic train images-fine-tuning --data sorted \\
          --trunk run/model.safetensors -o tuned
      """)

  @Argument(help: "A recipe's name, or a YAML file.")
  var recipe: String

  @Option(help: ArgumentHelp("The folder, or archive, with the dataset.", valueName: "path"))
  var data: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The run folder.", valueName: "folder"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Another value than the recipe's, such as epochs=3 or training.headB.passes=1. Repeatable.",
      valueName: "key=value"))
  var set: [String] = []

  @Option(
    help: ArgumentHelp(
      "So many classes, and five times as many clusters beside them where there are two heads; "
        + "auto tries \(ClassCount.tried.map(String.init).joined(separator: ", ")), each in a "
        + "folder of its own inside the run folder.",
      valueName: "k|auto"))
  var classes: ClassCount?

  @Option(
    help: ArgumentHelp(
      "The model whose trunk a recipe for fine-tuning trains, with labels.", valueName: "path"))
  var trunk: String?

  @Flag(help: "Go on with the run that is in the folder.")
  var resume = false

  @OptionGroup(title: "Common options") var common: CommonOptions

  func validate() throws {
    if resume && common.overwrite {
      throw ValidationError("--resume and --overwrite exclude each other")
    }
    if classes != nil, ClassCount.isGiven(by: set) {
      throw ValidationError("--classes and --set classes=… exclude each other: leave one out")
    }
  }

  func run() throws {
    let interruption = Interruption()
    let recipe = try Self.recipe(recipe)
    try checkOptions(for: recipe)
    switch classes {
    case nil: try train(recipe.setting(set), interruption: interruption)
    case .number(let number):
      let changes = try ClassCount.changes(to: recipe, classes: number)
      try train(recipe.setting(changes + set), interruption: interruption)
    case .several:
      try search(recipe, interruption: interruption)
    }
  }

  private func train(_ recipe: Recipe, interruption: Interruption) throws {
    let console = common.console
    let job = job(recipe, folder: output)
    switch recipe.kind {
    case .clustering:
      let report = try job.trainClusters(
        of: job.loadImages(on: console), on: console, interruption: interruption)
      try console.summary(text: report.text, json: report)
    case .fineTuning:
      let report = try job.fineTune(trunk: trunk, on: console, interruption: interruption)
      try console.summary(text: report.text, json: report)
    case .segmentation:
      let report = try job.trainSegmentation(on: console, interruption: interruption)
      try console.summary(text: report.text, json: report)
    case .pretext:
      let report = try job.trainPretext(on: console, interruption: interruption)
      try console.summary(text: report.text, json: report)
    }
  }

  private func checkOptions(for recipe: Recipe) throws {
    if trunk != nil, recipe.kind != .fineTuning {
      throw CommandError(
        "--trunk is for recipes that fine-tune, and \(recipe.name) does not",
        remedy: "leave it out")
    }
    if classes != nil, recipe.kind == .fineTuning {
      throw CommandError(
        "--classes is about clusters, and \(recipe.name) learns the classes of the labels",
        remedy: "leave it out")
    }
  }

  /// Trains a run for each number of classes, on the same images.
  private func search(_ recipe: Recipe, interruption: Interruption) throws {
    let console = common.console
    guard recipe.kind == .clustering, recipe.triplets == nil else {
      throw Self.refusal(of: recipe)
    }
    let recipes = try ClassCount.tried.map {
      try recipe.setting(ClassCount.changes(to: recipe, classes: $0) + set)
    }
    let images = try job(recipes[0], folder: output).loadImages(on: console)
    var search = ClassSearch()
    for (classes, recipe) in zip(ClassCount.tried, recipes) {
      console.say("\(classes) classes")
      let folder = "\(output)/classes-\(classes)"
      var job = job(recipe, folder: folder)
      // Stopped in the middle, some runs have not begun.
      job.resumes = resume && RunFolder.isRun(folder)
      let report = try job.trainClusters(of: images, on: console, interruption: interruption)
      search.attempts.append(.init(classes: classes, report: report))
      try AtomicFile.write(Array(search.csv.utf8), to: "\(output)/classes.csv")
    }
    try console.summary(text: search.text, json: search)
  }

  private func job(_ recipe: Recipe, folder: String) -> TrainingJob {
    TrainingJob(
      recipe: recipe, data: data, folder: folder, resumes: resume, overwrite: common.overwrite,
      threads: common.threadCount, seed: common.seed)
  }

  private static func refusal(of recipe: Recipe) -> CommandError {
    CommandError(
      "cannot search for classes by \(recipe.name): "
        + (recipe.triplets == nil
          ? "it does not cluster whole images" : "the loss of triplets says nothing of how many"),
      remedy: "give --classes a number, or choose another recipe")
  }

  /// The built-in recipe of that name, or the one in that file.
  static func recipe(_ nameOrPath: String) throws -> Recipe {
    let looksLikePath =
      nameOrPath.contains("/") || nameOrPath.hasSuffix(".yaml") || nameOrPath.hasSuffix(".yml")
    guard !looksLikePath else { return try Recipe(reading: nameOrPath) }
    return try Recipe.find(nameOrPath)
  }
}
