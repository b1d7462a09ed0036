import ArgumentParser
import Foundation
import IIC

/// `iic export`: a model for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model as ONNX, for use elsewhere.",
    discussion: """
      The file takes pixel values as they are and gives probabilities: scaling the bands, and \
      bringing the network's cells to pixels, are part of it. A model of rasters takes images of any \
      size, at least 18 pixels a side (20 with gradients); --size fixes it, for programs that want \
      that. No data must be dealt with outside, and so must the refinement that `iic segment` does \
      unless told --refine none.

      For example, after `iic demo`:
        iic export demo/model.safetensors -o demo/model.onnx
      """)

  @Argument(help: "The model, a file that `iic segment --save-model` or `iic train` wrote.")
  var model: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write (default: the model's name, ending in .onnx).", valueName: "path"))
  var output: String?

  @Option(help: "The head: B for classes, A for over-clusters.")
  var head: HeadName = .clustering

  @Option(
    help: ArgumentHelp(
      "The sub-head, from 1 on (default: the one of the lowest loss).", valueName: "n"))
  var subHead: Int?

  @Option(help: ArgumentHelp("Fix height and width, in pixels.", valueName: "n"))
  var size: Int?

  @OptionGroup(title: "Common options") var common: CommonOptions

  func validate() throws {
    if let size, !(1...65536).contains(size) {
      throw ValidationError("--size \(size): give 18 to 65536")
    }
  }

  func run() throws {
    let interruption = Interruption()
    let console = common.console
    let output = output ?? Self.defaultOutput(for: model)
    try OutputFiles.check([output], overwrite: common.overwrite, inputs: [model])
    interruption.willWrite([output])
    do {
      let file = try ModelFile(reading: model)
      let subHead = try file.chosenSubHead(of: head, subHead, model: model, on: console)
      let network = try ONNXModel(file, head: head, subHead: subHead, side: size)
      let bytes = network.serialised(
        producer: (ProgramVersion.program, ProgramVersion.current))
      try AtomicFile.write(bytes, to: output)
      let report = try ExportReport(
        network, of: file, path: output, bytes: bytes.count, head: head, subHead: subHead)
      if !file.configuration.batchNormTracking {
        console.warn(
          "\(model) normalises by the statistics of what it is given: probabilities depend on the "
            + "other images of a batch, and on what else an image shows")
      }
      try console.summary(text: report.text, json: report)
    } catch let error as IICError {
      throw error.at(path: model)
    }
  }

  private static func defaultOutput(for model: String) -> String {
    URL(filePath: model).deletingPathExtension().appendingPathExtension("onnx").relativePath
  }
}
