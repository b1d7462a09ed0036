import ArgumentParser
import Raster
import Seg

/// `iic segment`: from rasters to label maps.
struct SegmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment",
    abstract: "Label rasters; learn from the rasters themselves when no model is given.",
    discussion: """
      Writes a label map for each raster: a GeoTIFF of one byte a pixel on the raster's own grid, \
      0 where there is no data and 1 to K for the classes, with colours, names and a table of \
      them, so that a GIS shows a legend. Without --model, the classes are learned from all inputs \
      together; --save-model keeps what was learned for other rasters with the same bands.

      With several inputs, the output is a folder that exists: each label map is named for its \
      raster, and so are the files of --probabilities, --confidence, --vector and --quicklook.

      For example, four classes of one image, then the same classes of the next year's:
        iic segment a.tif --classes 4 -o a-labels.tif --save-model m.safetensors
        iic segment b.tif --model m.safetensors -o b-labels.tif
      """)

  @Argument(help: "The rasters: GeoTIFF, JPEG, PNG or JPEG 2000.")
  var inputs: [String]

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The label map; a folder where there are several inputs.", valueName: "path")
  )
  var output: String

  @Option(
    help: ArgumentHelp(
      "Label one part of several, with a model: of several rasters every n-th, of one its i-th "
        + "strip of rows.", valueName: "i/n"))
  var shard: Shard?

  @OptionGroup(title: "Model") var learning: LearningOptions
  @OptionGroup(title: "Bands and pixels") var raster: RasterOptions
  @OptionGroup(title: "Labels") var labelling: LabellingOptions
  @OptionGroup(title: "Common options") var common: CommonOptions

  func validate() throws {
    if shard != nil, learning.model == nil {
      throw ValidationError(
        "--shard needs --model: learn once, with --save-model, and give every part that model")
    }
  }

  func run() throws {
    let interruption = Interruption()
    let console = common.console
    // One raster is shared out by its rows, several are shared out whole.
    let isOne = inputs.count == 1
    let inputs = isOne ? inputs : try shard?.share(of: inputs) ?? inputs
    let outputs = try SegmentationOutputs.outputs(
      for: inputs, isOne: isOne, suffix: isOne ? shard?.suffix ?? "" : "", labels: output,
      probabilities: labelling.probabilities,
      confidence: labelling.confidence, vector: labelling.vector, quicklook: labelling.quicklook)
    let rasters = try inputs.map { path in
      let description = try RasterFile.open(path).description
      var input = try raster.input(of: description)
      if isOne, let shard {
        input.window = try shard.strip(of: input.window ?? description.fullWindow)
      }
      return input
    }
    let job = SegmentationJob(
      targets: zip(rasters, outputs).map { SegmentationJob.Target(input: $0, outputs: $1) },
      polygons: raster.mask, model: try model(), classNames: learning.classNames?.names,
      savedModel: learning.saveModel,
      tileSide: labelling.tile, overlap: labelling.overlap, refinement: labelling.refine,
      sieve: labelling.sieve, format: labelling.format,
      creationOptions: labelling.creationOptionValues, overwrite: common.overwrite,
      threads: common.threadCount, seed: common.seed,
      commandLine: CommandLineRecord.text(Array(CommandLine.arguments.dropFirst())))
    let report = try job.run(on: console, interruption: interruption)
    try console.summary(text: report.text, json: report)
  }

  private func model() throws -> SegmentationJob.ModelSource {
    guard let path = learning.model else { return .learned(learning.settings(seed: common.seed)) }
    let model = try SegmentationModel(reading: path)
    if let classes = learning.classes, classes != model.classes.count {
      throw CommandError(
        "--classes \(classes) does not agree with \(path), a model of \(model.classes.count) classes",
        remedy: "leave --classes out")
    }
    try learning.checkNames(of: model.classes.count)
    return .read(model, path: path)
  }
}
