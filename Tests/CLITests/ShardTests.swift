import Foundation
import Raster
import Testing

@testable import CLI

@Suite struct ShardTests {
  let folder = TemporaryFolder()

  @Test func partsOfARasterAreThoseOfTheWhole() throws {
    try SmallRasters.writeScene(folder.file("scene.tif"), size: 201)
    let model = try LearnedModel.path(in: folder)
    func label(_ arguments: [String]) throws {
      let outcome = try Program.run(
        ["segment", "scene.tif", "--model", model] + arguments, in: folder)
      try #require(outcome.code == 0, "\(outcome.errors)")
    }
    try label(["-o", "whole.tif"])
    let whole = try RasterFile.open(folder.file("whole.tif"))
    var row = 0
    try FileManager.default.createDirectory(
      atPath: folder.file("parts"), withIntermediateDirectories: false)
    for number in 1...4 {
      try label(["-o", "parts/", "--shard", "\(number)/4"])
      let part = try RasterFile.open(folder.file("parts/scene-\(number)-of-4.tif"))
      let height = part.description.height
      #expect([50, 51].contains(height) && part.description.width == 201)
      let strip = Window(column: 0, row: row, width: 201, height: height)
      #expect(part.description.geoTransform == whole.description.geoTransform(of: strip))
      #expect(
        try part.read(part.description.fullWindow, bands: [1]).values
          == whole.read(strip, bands: [1]).values)
      row += height
    }
    #expect(row == 201)
    // A strip of a window, in one file.
    try label(["-o", "one.tif", "--window", "10,20,64,48", "--shard", "2/3"])
    let one = try RasterFile.open(folder.file("one.tif"))
    #expect(
      try one.read(one.description.fullWindow, bands: [1]).values
        == whole.read(Window(column: 10, row: 36, width: 64, height: 16), bands: [1]).values)
  }

  @Test func severalRastersAreSharedOut() throws {
    for name in ["a", "b", "c"] {
      try SmallRasters.writeScene(folder.file("\(name).tif"), size: 64)
    }
    let model = try LearnedModel.path(in: folder)
    try FileManager.default.createDirectory(
      atPath: folder.file("labels"), withIntermediateDirectories: false)
    func run(_ shard: String, _ output: String) throws -> Program.Outcome {
      try Program.run(
        ["segment", "a.tif", "b.tif", "c.tif", "--model", model, "-o", output, "--shard", shard],
        in: folder)
    }
    #expect(try run("2/2", "labels").code == 0)
    #expect(folder.exists("labels/b.tif") && !folder.exists("labels/a.tif"))
    #expect(try run("1/2", "labels").code == 0)
    #expect(folder.exists("labels/a.tif") && folder.exists("labels/c.tif"))
    let tooMany = try run("1/4", "labels")
    #expect(tooMany.code == 1 && tooMany.errors.contains("at most 3 parts"), "\(tooMany.errors)")
    // One raster of this part, and yet not all there is.
    let file = try run("2/2", "b-labels.tif")
    #expect(file.code == 1 && file.errors.contains("one file for several inputs"), "\(file.errors)")
  }

  @Test(arguments: ["0/4", "5/4", "1/0", "-1/3", "2", "1/2/3", "a/b", "1/99999999"])
  func whatIsNoPartIsRefused(text: String) throws {
    #expect(Shard(argument: text) == nil)
    let outcome = try Program.run(
      ["segment", "scene.tif", "--model", "m.safetensors", "-o", "l.tif", "--shard=\(text)"],
      in: folder)
    #expect(outcome.code == 64 && outcome.errors.contains("--shard"))
  }

  @Test func aPartNeedsAModel() throws {
    let outcome = try Program.run(
      ["segment", "scene.tif", "-o", "l.tif", "--shard", "1/2"], in: folder)
    #expect(outcome.code == 64 && outcome.errors.contains("--shard needs --model"))
  }

  @Test func namesSortAsPartsLie() throws {
    let first = try #require(Shard(argument: "2/12"))
    #expect(first.suffix == "-02-of-12")
    #expect(Shard(argument: "12/12")?.suffix == "-12-of-12")
  }
}
