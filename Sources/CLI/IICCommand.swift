import ArgumentParser

/// The command `iic`: parses, calls a library, prints.
@main
struct IICCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "iic",
    abstract: "Segments aerial and satellite rasters without labels.",
    discussion: """
      Learns the classes of an image from the image itself, by invariant information clustering, \
      and writes them as a label map that opens in a GIS with a legend.

      For example, four classes of an orthophoto:
        iic segment ortho.tif --classes 4 -o labels.tif
      A scene made on the spot, learned, labelled and scored:
        iic demo

      Messages go to standard error. The exit code is 0 when done, 1 when failed, 64 for wrong \
      usage, 130 when interrupted and 143 when terminated.
      """,
    version: "\(ProgramVersion.program) \(ProgramVersion.current)",
    subcommands: [
      SegmentCommand.self, TrainCommand.self, ClassifyCommand.self, EvaluateCommand.self,
      ViewCommand.self, InspectCommand.self, ExportCommand.self, DatasetsCommand.self,
      RecipesCommand.self, DemoCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      Failure.exit(with: error)
    }
  }
}
