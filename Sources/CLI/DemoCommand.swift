import ArgumentParser
import IIC
import Raster
import Seg
import Tensor

/// `iic demo`: the main job on a scene made on the spot.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Make a small scene, learn it, label it, score it and show the picture.",
    discussion: """
      The scene is a made-up aerial photograph of 1024 × 1024 pixels and four bands, with its \
      truth: roads, roofs, grass, trees and water that share colours and differ in texture. It is \
      segmented as `iic segment` would, without a look at the truth, and scored beside k-means of \
      single pixels. All files go to one folder, ./demo unless said otherwise; those of an earlier \
      demo are replaced.

      For example:
        iic demo
        iic demo -o /tmp/demo --seed 1
      """)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The folder for the files; made if need be.", valueName: "folder"))
  var output = "demo"

  @Option(help: ArgumentHelp("Training steps (default: as segment's).", valueName: "n"))
  var steps: Int?

  @OptionGroup(title: "Common options") var common: CommonOptions

  func validate() throws {
    if let steps, !(1...10_000_000).contains(steps) {
      throw ValidationError("--steps \(steps): give 1 to 10000000")
    }
  }

  func run() throws {
    let interruption = Interruption()
    let console = common.console
    let files = DemoFiles(folder: output)
    try files.prepare(overwrite: common.overwrite)
    interruption.willWrite([files.scene, files.truth, files.picture])

    let scene = DemoScene(seed: common.seed)
    try files.write(scene, seed: common.seed)
    console.say(
      "\(files.scene) is the scene, \(scene.size) × \(scene.size) pixels of \(DemoScene.bandCount) "
        + "bands; \(files.truth) its truth")

    var settings = SelfTraining.Settings()
    settings.classes = DemoScene.Class.allCases.count
    settings.seed = common.seed
    if let steps { settings.steps = steps }
    let job = SegmentationJob(
      targets: [
        .init(
          input: RasterInput(path: files.scene), outputs: SegmentationOutputs(labels: files.labels))
      ], model: .learned(settings), savedModel: files.model, overwrite: true,
      threads: common.threadCount, seed: common.seed,
      commandLine: CommandLineRecord.text([
        "segment", files.scene, "--classes", "\(settings.classes)", "--steps", "\(settings.steps)",
        "--seed", "\(settings.seed)",
      ]))
    let segmentation = try job.run(on: console, interruption: interruption)
    console.say(segmentation.text)

    let comparison = try LabelComparison(labelsAt: files.labels, truthAt: files.truth)
    let scores = LabelScores(comparison)
    try picture(files, comparison, scores).write(to: files.picture, overwrite: true)
    let report = DemoReport(
      files: files, segmentation: segmentation, scores: scores, pixelScores: try pixelScores(scene))
    try console.result(text: report.text, json: report)
  }

  /// The scores of clusters of single pixels' standardised bands: what colour alone can tell.
  private func pixelScores(_ scene: DemoScene) throws -> LabelScores {
    let workers = Workers(threads: common.threadCount)
    var generator = SeededGenerator(seed: common.seed)
    let pixels = KMeans.standardised(
      scene.values.map(Float.init), dimensions: DemoScene.bandCount)
    let clusters = KMeans.fit(
      rows: pixels, dimensions: DemoScene.bandCount, clusters: DemoScene.Class.allCases.count,
      generator: &generator, on: workers)
    let labels = clusters.assign(pixels, on: workers).map { $0 + 1 }
    return LabelScores(
      try LabelComparison(labels: labels, truth: scene.truth, path: "the scene's pixels"))
  }

  /// Image, labels and truth, each label in the colour of the class it stands for.
  private func picture(
    _ files: DemoFiles, _ comparison: LabelComparison, _ scores: LabelScores
  ) throws -> PNGImage {
    let truthColours = DemoFiles.classes.map(\.colour)
    var labelColours = truthColours
    for (label, match) in zip(comparison.labelValues, scores.matching) {
      guard let match else { continue }
      labelColours[Int(label) - 1] = truthColours[Int(comparison.truthValues[match]) - 1]
    }
    let size = Quicklook.panelSize(
      width: DemoScene.fullSize, height: DemoScene.fullSize, panels: 3)
    return Quicklook.sideBySide([
      try Quicklook.image(
        of: RasterInput(path: files.scene), width: size.width, height: size.height),
      try Quicklook.labels(
        at: files.labels, width: size.width, height: size.height, colours: labelColours),
      try Quicklook.labels(
        at: files.truth, width: size.width, height: size.height, colours: truthColours),
    ])
  }
}
