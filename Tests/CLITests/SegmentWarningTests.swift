import Foundation
import IIC
import Raster
import Tensor
import TestSupport
import Testing

@testable import CLI

/// What a person is told of rasters that can be labelled, and should not be trusted blindly.
@Suite struct SegmentWarningTests {
  let folder = TemporaryFolder()

  /// Labels `raster.tif` by a model and returns what was said.
  private func label(_ model: String? = nil, _ more: [String] = []) throws -> String {
    let outcome = try Program.run(
      [
        "segment", "raster.tif", "-o", "labels.tif", "--overwrite", "--quiet", "--model",
        try model ?? LearnedModel.path(in: folder),
      ] + more, in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    return outcome.errors
  }

  private func write(
    _ name: String, bands: [String], type: RasterDataType = .uint8, grid: RasterGrid? = nil,
    value: (_ pixel: Int, _ band: Int) -> Float
  ) throws {
    let grid = grid ?? SmallRasters.grid(width: 40, height: 40)
    var writer = try RasterWriter(
      path: folder.file(name), overwrite: false, grid: grid, bandNames: bands, dataType: type)
    try writer.write(
      (0..<grid.width * grid.height).flatMap { pixel in bands.indices.map { value(pixel, $0) } },
      in: grid.fullWindow)
    try writer.publish()
  }

  @Test func bandsInAnotherOrder() throws {
    try write("raster.tif", bands: ["blue", "green", "red", "near infrared"]) { pixel, band in
      Float(pixel * 7 % 200 + band)
    }
    #expect(try label().contains("--bands 3,2,1,4"))
    #expect(try !label(nil, ["--bands", "3,2,1,4"]).contains("--bands"))
  }

  @Test func unitsThatTheModelDoesNotKnow() throws {
    let names = ["red", "green", "blue", "near infrared"]
    try write("raster.tif", bands: names, type: .float32) { pixel, _ in Float(pixel) / 1600 }
    let said = try label()
    #expect(said.contains("nearly all of raster.tif is class"))
    try SmallRasters.writeScene(folder.file("scene.tif"), size: 64)
    try FileManager.default.createDirectory(
      atPath: folder.file("out"), withIntermediateDirectories: false)
    let learned = try Program.run(
      ["segment", "scene.tif", "raster.tif", "-o", "out", "--steps", "1"], in: folder)
    try #require(learned.code == 0, "\(learned.errors)")
    #expect(learned.errors.contains("scene.tif holds uint8 and raster.tif float32"))
  }

  @Test func missingDataThatIsNotDeclared() throws {
    try write("raster.tif", bands: ["", ""], type: .float32) { pixel, band in
      pixel % 40 < 4 ? -9999 : Float(pixel * 7 % 200 + band)
    }
    for (options, warns) in [([], true), (["--nodata", "-9999"], false)] {
      let outcome = try Program.run(
        [
          "segment", "raster.tif", "-o", "labels.tif", "--steps", "1", "--overwrite", "--quiet",
        ] + options, in: folder)
      try #require(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("10.0 % of the pixels are -9999") == warns)
      #expect(outcome.errors.contains("give --nodata -9999") == warns)
    }
  }

  @Test func infraRedThatPassesForTransparency() throws {
    var pixels: [UInt8] = []
    for pixel in 0..<1600 {
      for period in [251, 83, 127] { pixels.append(UInt8(pixel % period)) }
      pixels.append(UInt8(pixel % 3) * 100)
    }
    try PNGImage(width: 40, height: 40, channels: 4, pixels: pixels)
      .write(to: folder.file("raster.tif"), overwrite: false)
    let outcome = try Program.run(
      [
        "segment", "raster.tif", "-o", "labels.tif", "--model", LearnedModel.path(in: folder),
      ], in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("3 bands beside band 4, declared as transparency"))
    let taken = try label(nil, ["--bands", "1,2,3,4"])
    #expect(!taken.contains("transparency"))
    let labels = try RasterFile.open(folder.file("labels.tif"))
    let values = try labels.read(labels.description.fullWindow, bands: [1]).values
    #expect(values.allSatisfy { $0 > 0 }, "a band of data masks nothing")
    let learned = try Program.run(
      ["segment", "raster.tif", "-o", "labels.tif", "--steps", "1", "--overwrite"], in: folder)
    #expect(learned.errors.contains("--bands 1,2,3,4 takes it in"))
  }

  @Test func tilesThatMayShow() throws {
    let configuration = try ModelConfiguration(
      architecture: .segmentationNet10a, inputChannels: 1, inputSize: 64, classes: 3, subHeads: 1,
      width: 0.05, batchNormTracking: false)
    var generator = SeededGenerator(seed: 1)
    let network = try SegmentationNetwork(configuration: configuration, generator: &generator)
    try ModelFile(
      configuration: configuration, tensors: network.tensors,
      bands: [BandScaling(name: "grey", offset: 0, scale: 255)]
    ).write(to: folder.file("untracked.safetensors"))
    try write("raster.tif", bands: ["grey"]) { pixel, _ in Float(pixel * 7 % 200) }
    #expect(try label(folder.file("untracked.safetensors")).contains("--tile"))
    #expect(try !label(nil, ["--bands", "1,1,1,1"]).contains("--tile"))
  }

  @Test func groundControlPoints() throws {
    try SmallRasters.writeWithControlPoints(folder.file("raster.tif"))
    let said = try label(nil, ["--bands", "1,1,1,1"])
    #expect(said.contains("ground control points") && said.contains("gdalwarp raster.tif"))
  }

  @Test func truthOfAnotherCoordinateSystem() throws {
    let labels: [UInt8] = (0..<400).map { UInt8($0 % 3 + 1) }
    try SmallRasters.writeLabels(
      folder.file("labels.tif"), labels, width: 20, names: ["a", "b", "c"])
    for (name, zone) in [("same.tif", 32), ("other.tif", 33)] {
      var grid = SmallRasters.grid(width: 20, height: 20)
      // The same zone by another name is the same.
      grid.coordinateSystem = CoordinateSystem.utmZone32North
        .replacing("zone 32N", with: "zone \(zone)").replacing("32632", with: "326\(zone)")
        .replacing("\"central_meridian\",9", with: "\"central_meridian\",\(6 * zone - 183)")
      try write(name, bands: [""], grid: grid) { pixel, _ in Float(labels[pixel]) }
      let outcome = try Program.run(["evaluate", "labels.tif", "--truth", name], in: folder)
      try #require(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("different coordinate systems") == (zone == 33))
    }
  }

  /// Stretched between the extremes of float32, whose difference is no float32.
  @Test func quicklooksShowAnyNumbers() throws {
    try write("raster.tif", bands: [""], type: .float32) { pixel, _ in
      pixel % 2 == 0 ? -.greatestFiniteMagnitude : .greatestFiniteMagnitude
    }
    try write("constant.tif", bands: [""], type: .float32) { _, _ in 3e38 }
    let extremes = try Quicklook.image(
      of: .init(path: folder.file("raster.tif")), width: 40, height: 40)
    #expect(Set(extremes.pixels.map(\.red)) == [0, 255])
    let constant = try Quicklook.image(
      of: .init(path: folder.file("constant.tif")), width: 40, height: 40)
    #expect(Set(constant.pixels.map(\.red)).count == 1)
  }

  @Test func aResultThatCannotBeWrittenIsNoSuccess() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "'\(Program.path)' recipes --json > /dev/full"]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(said.contains("standard output"), "\(said)")
  }
}
