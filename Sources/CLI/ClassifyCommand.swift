import ArgumentParser
import Classify
import IIC
import Raster
import Tensor

/// `iic classify`: from images to clusters.
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Assign images to the clusters of a model.",
    discussion: """
      Of each image its most probable cluster, and how probable that is, as a table of \
      comma-separated values: path, cluster (from 1 on), probability. Folders are searched with \
      all that is below them. Images of any size are scaled and cut as the model's file says. \
      What cannot be read is named and left out; the exit code is 1 only where nothing could be \
      read.

      A cluster has no name. The gallery, a page that needs no other file, shows what lies in \
      each: its most certain and its least certain images.

      For example:
        iic classify photographs --model run/model.safetensors \\
          -o clusters.csv --gallery look.html
      """)

  @Argument(help: "Images, and folders of images: JPEG, PNG, TIFF or JPEG 2000.")
  var inputs: [String]

  @Option(help: ArgumentHelp("The model, a file that `iic train` wrote.", valueName: "path"))
  var model: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The table (default: standard output).", valueName: "path"))
  var output: String?

  @Option(help: ArgumentHelp("Write a page to look at the clusters by.", valueName: "path"))
  var gallery: String?

  @Flag(help: "Give the probabilities of all clusters too.")
  var probabilities = false

  @Option(help: "The head: B for clusters, A for over-clusters.")
  var head: HeadName = .clustering

  @Option(
    help: ArgumentHelp(
      "The sub-head, from 1 on (default: the one of the lowest loss).", valueName: "n"))
  var subHead: Int?

  @Option(help: ArgumentHelp("Images that go through the network at once.", valueName: "n"))
  var batch = 128

  @OptionGroup(title: "Common options") var common: CommonOptions

  func validate() throws {
    if !(1...4096).contains(batch) { throw ValidationError("--batch \(batch): give 1 to 4096") }
  }

  func run() throws {
    let interruption = Interruption()
    let console = common.console
    let classifier = try ImageClassifier(reading: model)
    let subHead = try classifier.file.chosenSubHead(of: head, subHead, model: model, on: console)
    let outputs = [output, gallery].compactMap(\.self)
    let (paths, leftOut) = try imagePaths()
    try OutputFiles.check(outputs, overwrite: common.overwrite, inputs: paths + [model])
    interruption.willWrite(outputs)

    let workers = Workers(threads: common.threadCount)
    var progress = ProgressLine("classifying", of: paths.count, unit: "images", on: console)
    let classification: ImageClassification
    do {
      classification = try ImageClassification(
        of: paths, leftOut: leftOut, by: classifier, head: head, subHead: subHead,
        keepingProbabilities: probabilities, batchSize: batch, on: workers
      ) { progress.update(done: $0) }
    } catch let error as IICError {
      throw error.at(path: model)
    }
    progress.finish()
    for problem in classification.skipped { console.warn("\(problem.path): \(problem.reason)") }
    guard !classification.assignments.isEmpty else {
      throw CommandError(
        "cannot classify: none of \(Numbers.counted(classification.skipped.count, "image")) can be "
          + "read",
        remedy: "check the files named above")
    }
    if let gallery {
      try writeGallery(of: classification, subHead: subHead, to: gallery, on: console)
    }
    if let output {
      try AtomicFile.write(classification.csv, to: output)
      console.detail("wrote \(output)")
    }
    let report = ClassificationReport(
      classification, model: model, digest: try classifier.file.digest, head: head,
      subHead: subHead, output: output, gallery: gallery)
    if output == nil, !console.isJSON {
      try Console.writeResult(classification.csv)
      console.say(report.text)
    } else {
      try console.summary(text: report.text, json: report)
    }
  }

  /// The images named, and those below the folders named, each once; and what the folders leave out.
  private func imagePaths() throws -> (images: [String], leftOut: [DatasetReport.Problem]) {
    var seen = Set<String>()
    var (images, leftOut): ([String], [DatasetReport.Problem]) = ([], [])
    for input in inputs {
      guard OutputFiles.isFolder(input) else {
        if seen.insert(input).inserted { images.append(input) }
        continue
      }
      let found = try ImageFolder.imagePaths(below: input)
      images += found.images.filter { seen.insert($0).inserted }
      leftOut += found.leftOut.filter { seen.insert($0.path).inserted }
    }
    guard !images.isEmpty || !leftOut.isEmpty else {
      throw CommandError(
        "cannot classify \(inputs.joined(separator: ", ")): there is no image in it",
        remedy: "images are files ending in \(ImageFolder.imageExtensions.joined(separator: ", "))")
    }
    return (images, leftOut)
  }

  private func writeGallery(
    of classification: ImageClassification, subHead: Int, to path: String, on console: Console
  ) throws {
    let selection = GallerySelection(classification)
    let shown = selection.paths
    var progress = ProgressLine("drawing", of: shown.count, unit: "thumbnails", on: console)
    let thumbnails = try Thumbnail.make(of: shown, threads: common.threadCount) {
      progress.update(done: $0)
    }
    progress.finish()
    let page = ClusterGallery(
      selection, thumbnails: thumbnails,
      caption: ClassificationReport.caption(
        classification, inputs: inputs, model: model, head: head, subHead: subHead))
    try AtomicFile.write(page.html, to: path)
    console.detail("wrote \(path)")
  }
}
