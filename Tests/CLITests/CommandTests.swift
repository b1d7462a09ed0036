import ArgumentParser
import Foundation
import Raster
import Seg
import Testing

@testable import CLI

@Suite struct CommandTests {
  let folder = TemporaryFolder()

  @Test func helpHasAnExampleForEachCommand() throws {
    let version = try Program.run(["--version"], in: folder)
    #expect(version.code == 0 && version.output.hasPrefix("iic "))
    let root = try Program.run(["--help"], in: folder)
    #expect(root.code == 0)
    for command in ["segment", "evaluate", "inspect", "demo"] {
      #expect(root.output.contains("\n  \(command) "))
      let help = try Program.run([command, "--help"], in: folder)
      #expect(help.code == 0 && help.errors.isEmpty)
      #expect(help.output.contains("For example") && help.output.contains("  iic \(command) "))
    }
  }

  /// Longer lines are broken where the parser likes, and then cannot be pasted.
  @Test func examplesFitLinesOfHelp() {
    var commands: [any ParsableCommand.Type] = [IICCommand.self]
    var examples = 0
    while let command = commands.popLast() {
      commands += command.configuration.subcommands
      for line in command.configuration.discussion.split(separator: "\n")
      where line.hasPrefix("  ") {
        examples += 1
        #expect(line.count <= 80, "\(line)")
      }
    }
    #expect(examples >= 10)
  }

  @Test func demoScoresItsScene() throws {
    let outcome = try Program.run(["demo", "--steps", "2", "--json", "--quiet"], in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.isEmpty)
    let json = try outcome.json()
    let pixels = try #require(json["pixelKMeans"] as? [String: Any])
    let accuracy = try #require(pixels["accuracy"] as? Double)
    #expect(accuracy > 0.2 && accuracy <= 0.7)
    let scores = try #require(json["scores"] as? [String: Any])
    for name in ["scene.tif", "truth.tif", "labels.tif", "model.safetensors", "picture.png"] {
      #expect(folder.exists("demo/\(name)"))
    }
    let evaluated = try Program.run(
      ["evaluate", "demo/labels.tif", "--truth", "demo/truth.tif", "--json"], in: folder)
    #expect(try evaluated.json()["accuracy"] as? Double == scores["accuracy"] as? Double)
  }

  @Test func demoReplacesItsOwnFiles() throws {
    let files = DemoFiles(folder: folder.file("demo"))
    try files.prepare(overwrite: false)
    try files.write(DemoScene(size: 32, seed: 0), seed: 0)
    try files.prepare(overwrite: false)
    try FileManager.default.removeItem(atPath: files.scene)
    #expect(throws: RasterError.self, "truth.tif is anyone's now") {
      try files.prepare(overwrite: false)
    }
  }

  @Test func demoLeavesAPersonsFilesAlone() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("demo"), withIntermediateDirectories: false)
    try Data("mine".utf8).write(to: URL(filePath: folder.file("demo/picture.png")))
    let outcome = try Program.run(["demo", "--steps", "1"], in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.errorLines.count == 1 && outcome.errors.contains("--overwrite"))
    #expect(try folder.bytes("demo/picture.png") == Data("mine".utf8))
    #expect(!folder.exists("demo/scene.tif"))
  }
}
