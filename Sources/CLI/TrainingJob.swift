import Classify
import IIC
import Raster
import Tensor

/// What `iic train` does.
struct TrainingJob {
  var recipe: Recipe
  var data: String
  var folder: String
  var resumes: Bool
  var overwrite: Bool
  var threads: Int
  var seed: UInt64

  /// Trains clusters of whole images.
  ///
  /// - Throws: `IICError`, `ClassifyError` or `RasterError`; the files of the last whole epoch stay.
  func trainClusters(
    of images: DatasetImages, on console: Console, interruption: Interruption
  ) throws -> TrainingReport {
    let training = try ClusterTraining(recipe, on: images)
    let workers = Workers(threads: threads)
    let evaluation = try RecipeEvaluation(images, recipe: recipe, on: workers)
    return try train(
      training,
      evaluate: { network, _ in
        try Self.scoring(on: console) { try evaluation?.scores(of: network, observe: $0) }
      },
      picture: { try training.progressionPicture(of: $0, on: workers).drawn() }, workers: workers,
      on: console, interruption: interruption)
  }

  /// Begins a run or goes on with it, whatever its network, and trains until its epochs are over.
  ///
  /// - Parameters:
  ///   - evaluate: scores the network, by the seed that the run began with where anything is drawn;
  ///     nil where there are no labels.
  ///   - picture: a picture of how far the network has come.
  func train<Training: RecipeTraining>(
    _ training: Training,
    evaluate: @escaping (_ network: Training.Network, _ seed: UInt64) throws -> NetworkScores?,
    picture: @escaping (Training.Network) throws -> PNGImage, workers: Workers,
    on console: Console, interruption: Interruption
  ) throws -> TrainingReport {
    var run: Training.Run
    if resumes {
      let folder = try RunFolder(resuming: self.folder)
      let state = try state(of: folder, on: console)
      run = try training.resume(state, in: folder, threads: threads)
      interruption.willWrite(folder.allPaths)
      try folder.write(recipe)
    } else {
      let folder = try RunFolder(beginning: self.folder, overwrite: overwrite)
      run = try training.begin(in: folder, seed: seed, threads: threads)
      interruption.willWrite(folder.allPaths)
    }
    var progress = TrainingProgress(recipe: recipe, on: console)
    let (folder, seed) = (run.folder, run.seed)
    try run.run(
      on: workers,
      RunActions(
        evaluate: { try evaluate($0, seed) },
        report: {
          try RunPage(recipe: recipe, metrics: $0, picture: folder.lastPicture).html()
        },
        picture: { network, batches in
          try folder.makePictureFolder()
          try picture(network).write(to: folder.picturePath(batches: batches), overwrite: true)
        },
        observe: { progress.show($0) }))
    return TrainingReport(recipe: recipe, folder: run.folder, metrics: run.metrics)
  }

  /// Scores with a line of progress that goes when it is over.
  static func scoring<Scores>(
    on console: Console, _ score: (_ observe: (_ done: Int, _ of: Int) -> Void) throws -> Scores
  ) rethrows -> Scores {
    var progress = ProgressLine("scoring", of: 0, unit: "images", on: console)
    defer { progress.takeOff() }
    return try score { progress.update(done: $0, of: $1) }
  }

  /// What a run goes on from, if it is asked for as it began.
  ///
  /// - Throws: `CommandError` where it began with another recipe or seed, or was stopped while it
  ///   began.
  func state(of folder: RunFolder, on console: Console) throws -> TrainingState {
    try checkRecipe(of: folder)
    guard let state = try folder.state() else {
      throw CommandError(
        "cannot resume \(folder.path): it was stopped before its weights were written",
        remedy: "begin it again with --overwrite")
    }
    try check(state, on: console)
    console.say("goes on after epoch \(state.completedEpochs)")
    return state
  }

  /// A run goes on by the recipe that it began with, but for how long it lasts and what is said of
  /// it.
  private func checkRecipe(of folder: RunFolder) throws {
    var begun = try folder.recipe()
    begun.training.epochs = recipe.training.epochs
    begun.about = recipe.about
    guard begun != recipe else { return }
    let lines = zip(
      try begun.yaml.split(separator: "\n"), try recipe.yaml.split(separator: "\n"))
    let other = lines.first { $0 != $1 }
    let words = other.map { was, now in
      "it has `\(was.drop { $0 == " " })` where `\(now.drop { $0 == " " })` is asked for"
    }
    throw CommandError(
      "cannot resume \(folder.path): \(words ?? "it has another recipe")",
      remedy: "give the same recipe and --set as it began with (only epochs may change), or name "
        + "\(folder.path(of: .recipe)) as the recipe")
  }

  private func check(_ state: TrainingState, on console: Console) throws {
    guard seed == 0 || seed == state.seed else {
      throw CommandError(
        "cannot resume \(folder): it began with the seed \(state.seed), not \(seed)",
        remedy: "leave --seed out")
    }
    if threads != state.threads {
      console.warn(
        "the run was computed by \(Numbers.counted(state.threads, "thread")) so far: with "
          + "\(threads) its numbers go on a little differently than they would have")
    }
  }

  /// Reads the recipe's dataset, or a folder of images of one's own.
  func loadImages(on console: Console) throws -> DatasetImages {
    let name = recipe.data.dataset
    if name == ImageFolder.ownImages.name { return try loadFolder(on: console) }
    guard let dataset = ImageDataset.named(name) else {
      let known = ImageDataset.all.map(\.description.name) + [ImageFolder.ownImages.name]
      throw CommandError(
        "cannot train \(recipe.name): there is no dataset \(name)",
        remedy: "set data.dataset to one of \(known.joined(separator: ", "))")
    }
    console.detail("reads \(name) from \(data)")
    return try dataset.load(
      from: data, splits: ClusterTraining.splits(of: dataset.description, for: recipe))
  }

  private func loadFolder(on console: Console) throws -> DatasetImages {
    let folder = try ImageFolder(at: data)
    var progress = ProgressLine(
      "reading", of: folder.entries.count, unit: "images", on: console)
    let loaded = try folder.load(shortestSide: recipe.data.shortestSide, threads: threads) {
      progress.update(done: $0)
    }
    progress.finish()
    for problem in loaded.skipped { console.warn("\(problem.path): \(problem.reason)") }
    let skipped = loaded.skipped.count + folder.withoutClass.count
    if !folder.withoutClass.isEmpty {
      console.warn(
        "\(Numbers.counted(folder.withoutClass.count, "image")) beside the class folders left out")
    }
    console.say(
      "learns from \(Numbers.counted(loaded.images.count, "image"))"
        + (skipped > 0 ? ", \(Numbers.grouped(skipped)) left out" : "")
        + (folder.classNames.isEmpty
          ? ", without labels" : ", scored by \(folder.classNames.count) folders' names"))
    return loaded.dataset
  }
}
