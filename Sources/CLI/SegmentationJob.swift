import IIC
import Raster
import Seg
import Tensor

/// The main job, all questions answered: which rasters become which label maps, by which model.
struct SegmentationJob {
  struct Target {
    var input: RasterInput
    let outputs: SegmentationOutputs
  }

  enum ModelSource {
    case read(SegmentationModel, path: String)
    case learned(SelfTraining.Settings)
  }

  var targets: [Target]
  /// A vector file, what lies outside whose polygons has no data.
  var polygons: String? = nil
  var model: ModelSource
  var classNames: [String]? = nil
  var savedModel: String? = nil
  var tileSide = 512
  var overlap: Int? = nil
  var refinement = RasterLabelling.Refinement.guided
  var sieve: Int? = nil
  var format = RasterFormat.cog
  var creationOptions: [String: String] = [:]
  var overwrite: Bool
  var threads: Int
  var seed: UInt64
  /// As recorded in the label maps.
  var commandLine: String

  /// Checks all that can be checked before computing, then learns if need be, labels and writes.
  ///
  /// - Throws: `RasterError`, `IICError`, `SegError` or `CommandError`; then no output has appeared
  ///   but those said to be done, and the saved model if learning was done.
  func run(on console: Console, interruption: Interruption) throws -> SegmentationReport {
    try checkOutputs()
    var job = self
    interruption.willWrite(targets.flatMap(\.outputs.all) + [savedModel].compactMap(\.self))
    let masks = try job.drawMasks()
    return try withExtendedLifetime(masks) { try job.runMasked(on: console) }
  }

  /// Draws the polygons on each raster, for as long as what is returned lives.
  private mutating func drawMasks() throws -> [PolygonMask] {
    guard let polygons else { return [] }
    return try targets.indices.map { index in
      let mask = try PolygonMask(
        polygonsOf: polygons, on: RasterFile.open(targets[index].input.path).description,
        beside: targets[index].outputs.labels)
      targets[index].input.mask = mask.path
      return mask
    }
  }

  private func runMasked(on console: Console) throws -> SegmentationReport {
    let warnings = warnings(on: console)
    try warnings.sayBefore()
    var report = SegmentationReport(seed: seed)
    let model = try makeModel(on: console, report: &report)
    // Labels that took minutes are not given up because the disk has no room for the model: that is
    // said at the end.
    var unsaved: (any Error)?
    if let savedModel {
      do {
        try model.file.write(to: savedModel)
        console.detail("wrote the model \(savedModel)")
      } catch {
        unsaved = error
      }
    }
    report.describe(model, digest: try model.file.digest, savedAt: savedModel)
    for target in targets {
      let raster = try label(target, with: model, digest: report.model.digest, on: console)
      warnings.say(of: raster)
      report.rasters.append(raster)
    }
    if let unsaved { throw unsaved }
    return report
  }

  private func warnings(on console: Console) -> SegmentationWarnings {
    let known: SegmentationModel? = if case .read(let model, _) = model { model } else { nil }
    return SegmentationWarnings(model: known, targets: targets, console: console)
  }

  private func checkOutputs() throws {
    var inputs = targets.map(\.input.path) + [polygons].compactMap(\.self)
    if case .read(let model, let path) = model {
      inputs.append(path)
      for target in targets { try check(target.input, fits: model) }
    }
    try OutputFiles.check(
      [savedModel].compactMap(\.self) + targets.flatMap(\.outputs.all), overwrite: overwrite,
      inputs: inputs)
    guard !creationOptions.isEmpty, let first = targets.first else { return }
    // The writers check the options as they begin and finish; these go without having written.
    let grid = RasterGrid(width: 1, height: 1)
    let colour = ModelClass.Colour(red: 0, green: 0, blue: 0)
    var files = try LabelMapFiles(
      first.outputs, grid: grid, classes: [try ModelClass(name: "class 1", colour: colour)],
      format: format, creationOptions: creationOptions, metadata: [:], overwrite: overwrite,
      threads: threads)
    try files.tryFormat()
  }

  private func check(_ input: RasterInput, fits model: SegmentationModel) throws {
    let count =
      try input.bands?.count
      ?? RasterFile.open(input.path).description.dataBandIndices.count
    guard count == model.bands.count else {
      throw CommandError(
        "cannot label \(input.path): it offers \(Numbers.counted(count, "band"))"
          + "\(Self.alphaText(of: input)) where the model takes \(model.bands.count) "
          + "(\(model.bands.map(\.name).joined(separator: ", ")))",
        remedy: "choose \(model.bands.count) with --bands, in that order")
    }
  }

  /// Which band does not count as data unless it is chosen.
  private static func alphaText(of input: RasterInput) -> String {
    guard input.bands == nil,
      let alpha = try? RasterFile.open(input.path).description.bandIndex(showing: .alpha)
    else { return "" }
    return " beside band \(alpha), declared as transparency,"
  }

  private func makeModel(
    on console: Console, report: inout SegmentationReport
  ) throws -> SegmentationModel {
    let model: SegmentationModel
    switch self.model {
    case .read(let read, let path):
      console.detail("labels with the model \(path)")
      report.model.path = path
      model = read
    case .learned(let settings):
      model = try learn(settings, on: console, report: &report)
    }
    return try classNames.map { try model.named($0) } ?? model
  }

  private func learn(
    _ settings: SelfTraining.Settings, on console: Console, report: inout SegmentationReport
  ) throws -> SegmentationModel {
    console.detail(
      "learns \(settings.classes) classes in \(settings.steps) steps on "
        + "\(Numbers.counted(threads, "thread")), "
        + "seed \(settings.seed)")
    let start = ContinuousClock.now
    var reading = ProgressLine("reading", of: 100, unit: "%", on: console)
    func showReading(_ part: Double) { reading.update(done: Int(part * 100)) }
    func warn(of notice: SelfTraining.Notice) {
      guard case .repeatedExtreme(let value, let share) = notice else { return }
      let text = value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
      reading.takeOff()
      console.warn(
        "\(Numbers.perCent(share)) of the pixels are \(text) in every band: if that marks missing data, "
          + "give --nodata \(text)")
    }
    var progress = ProgressLine("learning", of: settings.steps, unit: "steps", on: console)
    var loss: Double?
    var waiting = 0.0
    let model = try SelfTraining(settings).learn(
      from: targets.map(\.input), on: Workers(threads: threads),
      observeReading: showReading, notice: warn
    ) { state in
      loss = state.loss
      waiting = state.secondsWaiting
      progress.update(
        done: state.step, of: state.steps, detail: "loss \(Numbers.decimal(state.loss, places: 3))")
    }
    progress.finish()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    console.detail(
      "learned in \(Numbers.duration(seconds)), of which steps waited "
        + "\(Numbers.decimal(waiting, places: 2)) s for patches" + Self.memory)
    report.model.learned = SegmentationReport.Learning(
      steps: settings.steps, loss: loss, seconds: seconds)
    return model
  }

  private func label(
    _ target: Target, with model: SegmentationModel, digest: String, on console: Console
  ) throws -> SegmentationReport.LabelledRaster {
    let start = ContinuousClock.now
    let description = try RasterFile.open(target.input.path).description
    let grid = RasterGrid(of: description, window: target.input.window ?? description.fullWindow)
    var files = try LabelMapFiles(
      target.outputs, grid: grid, classes: model.classes, format: format,
      creationOptions: creationOptions, metadata: metadata(digest: digest), overwrite: overwrite,
      threads: threads)
    let labelling = RasterLabelling(
      model, tileSide: tileSide, overlap: overlap, refinement: refinement)
    var progress = ProgressLine(
      "labelling \(target.input.path)", of: 0, unit: "tiles", on: console)
    try labelling.label(
      target.input, threads: threads, withProbabilities: files.takesProbabilities
    ) { tile, done, count in
      try files.write(tile)
      progress.update(done: done, of: count)
    }
    progress.finish()
    if let sieve { try files.sieve(smallerThan: sieve) }
    var writing = ProgressLine(
      "writing \(target.outputs.labels)", of: 100, unit: "%", on: console)
    let counts = try files.publish { writing.update(done: Int($0 * 100)) }
    writing.takeOff()
    if let quicklook = target.outputs.quicklook {
      try Quicklook.picture(
        of: target.input, labelsAt: target.outputs.labels,
        colours: model.classes.map { RGBColour($0.colour) }
      ).write(to: quicklook, overwrite: overwrite)
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let megapixels = Double(grid.width) * Double(grid.height) / 1e6
    console.detail(
      "labelled \(target.input.path) in \(Numbers.duration(seconds)), "
        + "\(Numbers.decimal(megapixels / seconds, places: 2)) megapixels/s" + Self.memory)
    return SegmentationReport.LabelledRaster(
      input: target.input.path, outputs: target.outputs, width: grid.width, height: grid.height,
      counts: counts, classes: model.classes, pixelArea: description.pixelArea, seconds: seconds)
  }

  /// The peak so far, to end a line with.
  private static var memory: String { PeakMemory.text.map { "; peak memory \($0)" } ?? "" }

  private func metadata(digest: String) -> [String: String] {
    var items = [
      "IIC_PROGRAM": ProgramVersion.program, "IIC_VERSION": ProgramVersion.current,
      "IIC_MODEL_DIGEST": digest, "IIC_SEED": String(seed), "IIC_COMMAND_LINE": commandLine,
    ]
    // Learning depends on them, labelling does not.
    if case .learned = model { items["IIC_THREADS"] = String(threads) }
    return items
  }
}
