import Classify
import IIC
import Tensor

/// What `iic train` does by a recipe that fine-tunes.
extension TrainingJob {
  /// Trains a head, and the trunk of a model below it, with labels.
  ///
  /// - Parameter trunk: the model whose trunk it is; a run that goes on needs none.
  /// - Throws: `IICError`, `ClassifyError` or `RasterError`; the files of the last whole epoch stay.
  func fineTune(
    trunk: String?, on console: Console, interruption: Interruption
  ) throws -> FineTuningReport {
    let workers = Workers(threads: threads)
    var run =
      resumes
      ? try resumedFineTuning(trunk: trunk, on: console)
      : try begunFineTuning(trunk: trunk, on: console)
    interruption.willWrite(run.folder.allPaths)
    if resumes { try run.folder.write(run.recipe) }
    var progress: ProgressLine?
    var scoring: ProgressLine?
    var report = FineTuningReport(recipe: run.recipe.name, folder: folder)
    try run.run(on: workers) { event in
      switch event {
      case .step(let epoch, let done, let count, let loss):
        if progress == nil {
          progress = ProgressLine("epoch \(epoch)", of: count, unit: "images", on: console)
        }
        progress?.update(done: done, detail: "loss \(Numbers.decimal(loss, places: 3))")
      case .scored(let done, let count):
        progress?.finish()
        progress = nil
        if scoring == nil {
          scoring = ProgressLine("scoring", of: count, unit: "images", on: console)
        }
        scoring?.update(done: done)
      case .epochEnded(let record):
        scoring?.takeOff()
        scoring = nil
        report.epochs.append(record)
        console.say(report.lastLine)
      }
    }
    return report
  }

  private func begunFineTuning(trunk: String?, on console: Console) throws -> FineTuningRun {
    guard let trunk else {
      throw CommandError(
        "cannot train \(recipe.name): it fine-tunes the trunk of a trained model",
        remedy:
          "name the model by --trunk; \(recipe.fineTuning?.trunk ?? "another recipe") makes one")
    }
    let model = try ImageClassifier(reading: trunk)
    var job = self
    do {
      job.recipe = try FineTuningRun.recipe(recipe, fittedTo: model)
    } catch let error as IICError {
      throw error.at(path: trunk)
    }
    let folder = try RunFolder(beginning: self.folder, overwrite: overwrite)
    guard !folder.holds(trunk) else {
      throw CommandError(
        "cannot replace the run in \(folder.path): --trunk \(trunk) is a model of it",
        remedy: "name another folder")
    }
    return try FineTuningRun(
      in: folder, recipe: job.recipe, model: model, images: job.loadImages(on: console), seed: seed)
  }

  private func resumedFineTuning(trunk: String?, on console: Console) throws -> FineTuningRun {
    let folder = try RunFolder(resuming: self.folder)
    let begun = try folder.recipe()
    var job = self
    // Network and sizes were fitted to the trunk when the run began.
    if begun.kind == .fineTuning {
      job.recipe = try FineTuningRun.recipe(recipe, fittedTo: begun)
    }
    let state = try job.state(of: folder, on: console)
    if let trunk {
      console.say("--trunk \(trunk) is not read: the run goes on with its own trunk")
    }
    return try FineTuningRun(
      resuming: state, in: folder, recipe: job.recipe, images: job.loadImages(on: console))
  }
}

/// What `iic train` puts out at the end of fine-tuning.
struct FineTuningReport: Encodable {
  let recipe: String
  let folder: String
  var epochs: [FineTuningRun.Record] = []

  init(recipe: String, folder: String) {
    self.recipe = recipe
    self.folder = folder
  }

  private enum Key: String, CodingKey {
    case recipe, folder, epochs, loss, trainingAccuracy, accuracy, bestAccuracy
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(recipe, forKey: .recipe)
    try container.encode(folder, forKey: .folder)
    try container.encode(epochs.last?.training.epoch, forKey: .epochs)
    try container.encode(epochs.last?.training.loss, forKey: .loss)
    try container.encode(epochs.last?.training.accuracy, forKey: .trainingAccuracy)
    try container.encode(epochs.last?.accuracy, forKey: .accuracy)
    try container.encode(epochs.map(\.accuracy).max(), forKey: .bestAccuracy)
  }

  /// What the last epoch came to.
  var lastLine: String {
    guard let last = epochs.last else { return "\(folder): no epoch left to train" }
    return "epoch \(last.training.epoch): loss "
      + "\(Numbers.decimal(last.training.loss, places: 4)), right in training "
      + "\(Numbers.perCent(last.training.accuracy)), by ten crops "
      + "\(Numbers.perCent(last.accuracy)), in \(Numbers.duration(last.seconds))"
  }

  var text: String {
    guard let last = epochs.last else { return lastLine }
    let best = epochs.map(\.accuracy).max() ?? 0
    return "\(folder): \(recipe), epoch \(last.training.epoch), accuracy by ten crops "
      + "\(Numbers.perCent(last.accuracy)), the best of these epochs \(Numbers.perCent(best))"
  }
}
