internal import Foundation
public import IIC
internal import Raster
public import Tensor

/// A recipe's semi-supervised training in a run folder: it trains epoch by epoch, scores, keeps the
/// best models, and can go on bit for bit where it stopped.
public struct FineTuningRun: Sendable {
  /// What an epoch came to.
  public struct Record: Sendable, Equatable {
    /// The epoch, with the loss and accuracy on the images it was trained on.
    public let training: SemiSupervisedTraining.Epoch
    /// The part of the scored images that is right by ten crops.
    public let accuracy: Double
    /// How long training it took, in seconds.
    public let seconds: Double
  }

  /// What happens in a run.
  public enum Event: Sendable {
    /// So many images of an epoch are done, with the last step's loss.
    case step(epoch: Int, done: Int, of: Int, loss: Double)
    /// So many images are scored; none when an epoch's scoring begins.
    case scored(done: Int, of: Int)
    /// An epoch is over and its files are written.
    case epochEnded(Record)
  }

  /// The folder.
  public let folder: RunFolder
  /// The recipe.
  public let recipe: Recipe
  /// The lines of `metrics.csv`, the heading first.
  public private(set) var lines: [String]
  private var training: SemiSupervisedTraining
  private let images: DatasetImages
  private let preparation: ImagePreparation
  private let seed: UInt64
  private var lowestLoss: Double?
  private var highestAccuracy: Double?
  private var isBegun: Bool

  private static let heading = "epoch,learning_rate,images,loss,training_accuracy,accuracy,seconds"

  /// A run from its beginning, of whose folder nothing is touched before ``run(on:observe:)``.
  ///
  /// - Parameters:
  ///   - recipe: as ``recipe(_:fittedTo:)`` gives it.
  ///   - model: whose trunk is trained.
  /// - Throws: ``ClassifyError`` where the images are too few, too small or without labels, `IICError`
  ///   where the model cannot be fine-tuned.
  public init(
    in folder: RunFolder, recipe: Recipe, model: ImageClassifier, images: DatasetImages,
    seed: UInt64
  ) throws {
    try Self.check(images, for: recipe)
    training = try SemiSupervisedTraining(
      trunkOf: model.clusterNetwork(), classes: images.description.classNames.count,
      settings: .init(recipe), generator: SeededGenerator(seed: seed))
    self.folder = folder
    self.recipe = recipe
    self.images = images
    self.seed = seed
    preparation = model.views.preparation
    lines = [Self.heading]
    isBegun = false
  }

  /// A run that goes on from the state of its folder.
  ///
  /// - Throws: ``ClassifyError`` where the images are too few, too small, without labels or of other
  ///   classes, `IICError` where the folder's files do not go together.
  public init(
    resuming state: TrainingState, in folder: RunFolder, recipe: Recipe, images: DatasetImages
  ) throws {
    try Self.check(images, for: recipe)
    func failure(_ file: String) -> IICError {
      IICError(
        operation: "resume", path: folder.path,
        reason: "its \(file) is not the one that was written",
        remedy: "put it back, or begin a new run")
    }
    let model = try ModelFile(reading: folder.path(of: .latest))
    guard let preparation = model.images, let learned = model.classes?.map(\.name) else {
      throw failure("latest.safetensors")
    }
    guard learned == images.description.classNames else {
      throw ClassifyError(
        operation: "train on", path: images.description.name,
        reason: "the run has learned other classes (\(learned.joined(separator: ", ")))",
        remedy: "name images of the same classes, or begin a new run")
    }
    let written = try folder.text(of: .metrics).split(separator: "\n").map(String.init)
    guard written.first == Self.heading, written.count > state.completedEpochs else {
      throw failure("metrics.csv")
    }
    training = try SemiSupervisedTraining(
      resuming: state, configuration: model.configuration, settings: .init(recipe))
    self.folder = folder
    self.recipe = recipe
    self.images = images
    self.preparation = preparation
    seed = state.seed
    lowestLoss = state.lowestLoss
    highestAccuracy = state.highestAccuracy
    lines = Array(written.prefix(state.completedEpochs + 1))
    isBegun = true
  }

  private static func check(_ images: DatasetImages, for recipe: Recipe) throws {
    let classes = images.description.classNames.count
    guard (2...255).contains(classes) else {
      throw ClassifyError(
        operation: "train on", path: images.description.name,
        reason: "its images have \(classes == 0 ? "no labels" : "\(classes) classes")",
        remedy: "use images of 2 to 255 classes, sorted into a folder a class")
    }
    let name = images.description.name
    let views = SemiSupervisedTraining.Settings(recipe).views
    _ = try images.assignment(.iidPlus).labelsToLearn(named: name, seenBy: views)
    let scored = try images.scoring(recipe.data.mode)
    _ = try scored.requiredLabels(named: name)
    try scored.checkSize(for: views, named: name)
  }

  /// Trains until the recipe's epochs are over. A run from its beginning first makes its folder, in
  /// place of what was there.
  ///
  /// - Throws: `IICError` where training comes to no numbers or a file cannot be written, and whatever
  ///   `observe` throws.
  public mutating func run(
    on workers: Workers, observe: (Event) throws -> Void = { _ in }
  ) throws {
    let name = images.description.name
    let labelled = try images.assignment(.iidPlus)
    let scored = try images.scoring(recipe.data.mode)
    if !isBegun {
      try folder.begin(recipe)
      // What a run that is stopped in its first epoch goes on from.
      try write(.latest)
      try writeMetrics()
      try writeState(on: workers)
      isBegun = true
    }
    while training.completedEpochs < recipe.training.epochs {
      let start = ContinuousClock.now
      let number = training.completedEpochs + 1
      let epoch = try training.trainEpoch(on: labelled, named: name, workers: workers) {
        try observe(.step(epoch: number, done: $0, of: labelled.count, loss: $1))
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      try observe(.scored(done: 0, of: scored.count))
      let evaluation = try TenCropEvaluation(
        of: training.network, on: scored, named: name,
        views: SemiSupervisedTraining.Settings(recipe).views, workers: workers
      ) { try observe(.scored(done: $0, of: scored.count)) }
      let record = Record(training: epoch, accuracy: evaluation.accuracy, seconds: seconds)
      try finish(record, on: workers)
      try observe(.epochEnded(record))
    }
  }

  /// Writes an epoch's files, the state last: what is in the folder is then never older than it.
  private mutating func finish(_ record: Record, on workers: Workers) throws {
    let epoch = record.training
    if epoch.loss < lowestLoss ?? .infinity {
      lowestLoss = epoch.loss
      try write(.model)
    }
    if record.accuracy > highestAccuracy ?? -1 {
      highestAccuracy = record.accuracy
      try write(.bestAccuracy)
    }
    try write(.latest)
    func cell(_ value: Double) -> String { String(format: "%.6f", value) }
    lines.append(
      "\(epoch.epoch),\(epoch.learningRate),\(epoch.images),\(cell(epoch.loss)),"
        + "\(cell(epoch.accuracy)),\(cell(record.accuracy)),"
        + String(format: "%.1f", record.seconds))
    try writeMetrics()
    try folder.write(page.html(), to: .report)
    try writeState(on: workers)
  }

  private func writeMetrics() throws {
    try folder.write(lines.joined(separator: "\n") + "\n", to: .metrics)
  }

  private func writeState(on workers: Workers) throws {
    try training.state(
      seed: seed, threads: workers.threads, lowestLoss: lowestLoss,
      highestAccuracy: highestAccuracy
    ).write(to: folder.path(of: .state))
  }

  private var page: FineTuningPage {
    FineTuningPage(
      recipe: recipe,
      epochs: lines.dropFirst().compactMap { line in
        let cells = line.split(separator: ",").map { Double($0) ?? .nan }
        guard cells.count == 7 else { return nil }
        return .init(
          epoch: Int(exactly: cells[0]) ?? 0, loss: cells[3], trainingAccuracy: cells[4],
          accuracy: cells[5])
      })
  }

  private func write(_ file: RunFolder.File) throws {
    let names = images.description.classNames
    let colours = ClassPalette.colours(count: names.count)
    let bands = recipe.network.includeRGB ? ["red", "green", "blue"] : ["grey"]
    try ModelFile(
      configuration: training.network.configuration, tensors: training.network.tensors,
      bands: bands.map { try BandScaling(name: $0, offset: 0, scale: 255) },
      classes: zip(names, colours).map {
        try ModelClass(
          name: $0, colour: .init(red: $1.red, green: $1.green, blue: $1.blue))
      },
      recipe: recipe.yaml, images: preparation
    ).write(to: folder.path(of: file))
  }
}
