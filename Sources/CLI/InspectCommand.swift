import ArgumentParser
import Foundation
import IIC
import Raster

/// `iic inspect`: what a file is, and whether iic can use it.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what a raster or a model is, and whether iic can use it.",
    discussion: """
      What the file is follows from its content, whatever its name. The exit code is 1 where iic \
      cannot use it, and the reason is said.

      For example, after `iic demo`:
        iic inspect demo/scene.tif
        iic inspect demo/model.safetensors --json
      """)

  @Argument(help: "A raster or a model file.")
  var file: String

  @OptionGroup(title: "Common options") var common: CommonOptions

  func run() throws {
    _ = Interruption()
    let console = common.console
    if try Self.isModel(file) {
      let inspection = try ModelInspection(ModelFile(reading: file), path: file)
      try console.result(text: inspection.text, json: inspection)
      if let reason = inspection.reason, let remedy = inspection.remedy {
        throw CommandError("cannot classify by \(file): \(reason)", remedy: remedy)
      }
    } else {
      let inspection = RasterInspection(try RasterFile.open(file).description)
      try console.result(text: inspection.text, json: inspection)
      if let reason = inspection.reason {
        throw CommandError(
          "cannot use \(file): \(reason)", remedy: "name a raster with a band of data")
      }
    }
  }

  /// A safetensors file begins with its header's length in eight bytes and the header, in JSON.
  private static func isModel(_ path: String) throws -> Bool {
    guard let handle = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? handle.close() }
    guard let start = try? handle.read(upToCount: 9), start.count == 9 else { return false }
    return start[8] == UInt8(ascii: "{") && start[6] == 0 && start[7] == 0
  }
}
