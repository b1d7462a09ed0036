import Foundation
import Testing

/// Each of these fails with one line that names the file and the remedy, and leaves nothing behind.
@Suite struct BadInputTests {
  let folder = TemporaryFolder()

  /// Runs `segment` on what may not work; the folder is to look afterwards as it did before.
  private func expectFailure(
    _ arguments: [String], code: Int32 = 1, says words: [String],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let before = folder.names
    let outcome = try Program.run(["segment"] + arguments, in: folder)
    #expect(outcome.code == code, "\(outcome.errors)", sourceLocation: location)
    #expect(outcome.output.isEmpty, sourceLocation: location)
    #expect(outcome.errorLines.count == 1, "\(outcome.errors)", sourceLocation: location)
    #expect(outcome.errors.hasPrefix("iic: "), "\(outcome.errors)", sourceLocation: location)
    for word in words {
      #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: location)
    }
    #expect(folder.names == before, sourceLocation: location)
  }

  @Test func filesThatAreNoRasters() throws {
    try expectFailure(["missing.tif", "-o", "out.tif"], says: ["missing.tif", "no such file"])
    try Data("not a raster, whatever its name\n".utf8).write(
      to: URL(filePath: folder.file("text.tif")))
    try expectFailure(["text.tif", "-o", "out.tif"], says: ["text.tif", "not a raster"])
    try SmallRasters.writeComplex(folder.file("complex.tif"))
    try expectFailure(["complex.tif", "-o", "out.tif"], says: ["complex.tif", "complex numbers"])
    let labels = [UInt8](repeating: 1, count: 400)
    try SmallRasters.writeLabels(folder.file("palette.tif"), labels, width: 20, names: ["a"])
    try expectFailure(["palette.tif", "-o", "out.tif"], says: ["palette.tif", "-expand rgb"])
    try SmallRasters.writeScene(folder.file("scene.tif"))
    let whole = try folder.bytes("scene.tif")
    for part in [whole.count / 20, whole.count / 2, whole.count - 100] {
      try whole.prefix(part).write(to: URL(filePath: folder.file("cut.tif")))
      try expectFailure(["cut.tif", "-o", "out.tif"], says: ["cut.tif", "get the file again"])
    }
  }

  @Test func bandsAndPixelsThatAreNotThere() throws {
    try SmallRasters.writeScene(folder.file("scene.tif"), size: 64)
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--bands", "1,2,9"],
      says: ["scene.tif", "no band 9", "bands 1 to 4"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--window", "60,0,10,10"],
      says: ["scene.tif", "not inside", "64 × 64"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--bbox", "-1,-1,0,0"], says: ["scene.tif", "outside"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--model", LearnedModel.path(in: folder), "--bands", "1,2,3"],
      says: ["scene.tif", "3 bands", "takes 4", "--bands"])
    try SmallRasters.writeEmpty(folder.file("empty.tif"))
    try expectFailure(["empty.tif", "-o", "out.tif"], says: ["empty.tif", "--nodata"])
  }

  @Test func outputsThatCannotBeWritten() throws {
    // So many steps would take hours: the outputs are looked at before.
    let long = ["--steps", "1000000"]
    try SmallRasters.writeScene(folder.file("scene.tif"), size: 64)
    try expectFailure(
      ["scene.tif", "-o", "no/folder/out.tif"] + long, says: ["no/folder/out.tif", "mkdir"])
    try expectFailure(["scene.tif", "-o", "/proc/out.tif"] + long, says: ["/proc/out.tif"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--save-model", "no/model.safetensors"] + long,
      says: ["no/model.safetensors"])
    try Data("mine".utf8).write(to: URL(filePath: folder.file("mine.tif")))
    try expectFailure(
      ["scene.tif", "-o", "mine.tif"] + long, says: ["mine.tif", "--overwrite"])
    #expect(try folder.bytes("mine.tif") == Data("mine".utf8))
    try expectFailure(
      ["scene.tif", "-o", "scene.tif", "--overwrite"] + long, says: ["scene.tif", "input"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--confidence", "./out.tif"] + long, says: ["out.tif"])
    try expectFailure(
      ["scene.tif", "mine.tif", "-o", "out.tif"] + long, says: ["out.tif", "folder"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--co", "COMPRESS=JPEG"] + long, says: ["COMPRESS=JPEG"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--vector", "out.shp"] + long, says: ["out.shp", ".gpkg"])
    try expectFailure(["scene.tif", "-o", "out.png"] + long, says: ["out.png", ".tif"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--quicklook", "look.jpg"] + long, says: ["look.jpg", ".png"])
    // GDAL judges these only as it finishes the file.
    for option in ["BLOCKXSIZE=100", "PREDICTOR=3"] {
      try expectFailure(
        ["scene.tif", "-o", "out.tif", "--format", "gtiff", "--co", option] + long,
        says: ["out.tif", "other creation options"])
    }
  }

  @Test func classesThatCannotBe() throws {
    try SmallRasters.writeScene(folder.file("scene.tif"), size: 64)
    for classes in ["1", "300"] {
      try expectFailure(
        ["scene.tif", "-o", "out.tif", "--classes", classes], code: 64,
        says: [classes, "2 to 255"])
    }
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--classes", "3", "--class-names", "a,b"], code: 64,
      says: ["2 names", "3"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--classes", "5", "--model", LearnedModel.path(in: folder)],
      says: ["5", "3 classes"])
  }

  @Test func wrongUsage() throws {
    try expectFailure(["-o", "out.tif"], code: 64, says: ["inputs", "iic segment --help"])
    try expectFailure(["scene.tif"], code: 64, says: ["output"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--bands", "red"], code: 64, says: ["red", "--bands"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--no-such-option"], code: 64, says: ["--no-such-option"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--quiet", "--verbose"], code: 64, says: ["--quiet"])
    try expectFailure(
      ["scene.tif", "-o", "out.tif", "--model", "m", "--steps", "3"], code: 64, says: ["--steps"])
  }
}
