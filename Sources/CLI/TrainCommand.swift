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
        iic train mnist --data downloads/mnist -o short --set epochs=3 --set subHeads=1
        iic train mnist --data downloads/mnist -o run --resume
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

  @Flag(help: "Go on with the run that is in the folder.")
  var resume = false

  @OptionGroup(title: "Common options") var common: CommonOptions

  func validate() throws {
    if resume && common.overwrite {
      throw ValidationError("--resume and --overwrite exclude each other")
    }
  }

  func run() throws {
    let interruption = Interruption()
    let console = common.console
    let resolved = try Self.recipe(recipe).setting(set)
    let job = TrainingJob(
      recipe: resolved, data: data, folder: output, resumes: resume, overwrite: common.overwrite,
      threads: common.threadCount, seed: common.seed)
    let report =
      switch resolved.kind {
      case .clustering: try job.trainClusters(on: console, interruption: interruption)
      case .segmentation, .fineTuning:
        throw CommandError(
          "cannot train \(resolved.name): this version trains networks that cluster whole images",
          remedy: "choose another recipe")
      }
    try console.summary(text: report.text, json: report)
  }

  /// The built-in recipe of that name, or the one in that file.
  static func recipe(_ nameOrPath: String) throws -> Recipe {
    let looksLikePath =
      nameOrPath.contains("/") || nameOrPath.hasSuffix(".yaml") || nameOrPath.hasSuffix(".yml")
    guard !looksLikePath else { return try Recipe(reading: nameOrPath) }
    return try Recipe.find(nameOrPath)
  }
}
