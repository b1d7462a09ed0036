import ArgumentParser
import Seg

/// The model that labels: one from a file, or one learned from the inputs themselves.
struct LearningOptions: ParsableArguments {
  static let defaultClasses = 6

  @Option(
    help: ArgumentHelp(
      "Label with this model instead of learning from the inputs.", valueName: "path"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Classes to tell apart, 2 to 255 (default: \(LearningOptions.defaultClasses), or the model's).",
      valueName: "k"))
  var classes: Int?

  @Option(
    help: ArgumentHelp(
      "Finer clusters learned beside the classes (default: 5 × classes, at most 255).",
      valueName: "k"))
  var overcluster: Int?

  @Option(help: "How long to learn: 100, 300 or 1200 steps (default: standard).")
  var effort: SelfTraining.Effort?

  @Option(help: ArgumentHelp("Training steps, in place of the effort's.", valueName: "n"))
  var steps: Int?

  @Option(help: ArgumentHelp("Keep the model in this file, for --model.", valueName: "path"))
  var saveModel: String?

  @Option(
    help: ArgumentHelp(
      "What the classes are called in the legend, one name a class.", valueName: "a,b,c"))
  var classNames: NameList?

  func validate() throws {
    if model != nil {
      let learning = [
        ("--overcluster", overcluster != nil), ("--effort", effort != nil),
        ("--steps", steps != nil),
      ]
      if let option = learning.first(where: \.1)?.0 {
        throw ValidationError("\(option) is about learning: leave it out with --model")
      }
    }
    if let steps, !(1...10_000_000).contains(steps) {
      throw ValidationError("--steps \(steps): give 1 to 10000000")
    }
    if let classes, !(2...255).contains(classes) {
      throw ValidationError("--classes \(classes): give 2 to 255")
    }
    let count = classes ?? Self.defaultClasses
    if let overcluster, !(max(count, 2)...4096).contains(overcluster) {
      throw ValidationError(
        "--overcluster \(overcluster): give at least as many as there are classes, at most 4096")
    }
    if model == nil, let names = classNames?.names, names.count != count {
      throw ValidationError("--class-names gives \(names.count) names for \(count) classes")
    }
  }

  /// Checks that there is a name a class.
  func checkNames(of count: Int) throws {
    guard let names = classNames?.names else { return }
    guard names.count == count else {
      throw CommandError(
        "--class-names gives \(names.count) names for \(count) classes",
        remedy: "give \(count) names, separated by commas")
    }
  }

  /// How the inputs are learned from.
  func settings(seed: UInt64) -> SelfTraining.Settings {
    var settings = SelfTraining.Settings()
    settings.classes = classes ?? Self.defaultClasses
    settings.overclusters = overcluster
    settings.steps = steps ?? (effort ?? .standard).steps
    settings.seed = seed
    return settings
  }
}

extension SelfTraining.Effort: ExpressibleByArgument {}
