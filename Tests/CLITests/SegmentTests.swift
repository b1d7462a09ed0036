import Foundation
import Raster
import Testing

@Suite struct SegmentTests {
  let folder = TemporaryFolder()

  @Test func labelsASceneAndDescribesTheLabels() throws {
    try SmallRasters.writeScene(folder.file("scene.tif"))
    let outcome = try Program.run(
      [
        "segment", "scene.tif", "-o", "labels.tif", "--classes", "3", "--class-names", "a,b b,c",
        "--steps", "3", "--seed", "7", "--json", "--probabilities", "probabilities.tif",
        "--confidence", "confidence.tif", "--quicklook", "look.png", "--vector", "patches.gpkg",
      ], in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")

    let scene = try RasterFile.open(folder.file("scene.tif")).description
    let file = try RasterFile.open(folder.file("labels.tif"))
    let labels = file.description
    #expect(labels.width == scene.width && labels.height == scene.height)
    #expect(labels.geoTransform == scene.geoTransform)
    #expect(labels.coordinateSystem == scene.coordinateSystem)
    #expect(labels.isCloudOptimised)
    #expect(labels.bands[0].nodata == 0)
    #expect(labels.bands[0].categoryNames == ["nodata", "a", "b b", "c"])
    #expect(labels.metadata["IIC_SEED"] == "7" && labels.metadata["IIC_THREADS"] != nil)
    #expect(labels.metadata["IIC_PROGRAM"] == "iic")
    #expect(
      labels.metadata["IIC_COMMAND_LINE"]
        == "iic segment scene.tif --classes 3 --class-names 'a,b b,c' --steps 3 --seed 7")

    let values = try file.read(labels.fullWindow, bands: [1]).values
    #expect(values[0] == 0, "nodata has no class")
    #expect(values[80 * 160 + 80] > 0)

    let probabilities = try RasterFile.open(folder.file("probabilities.tif"))
    #expect(probabilities.description.bands.map(\.name) == ["a", "b b", "c"])
    let patch = try probabilities.read(
      Window(column: 80, row: 80, width: 1, height: 1), bands: [1, 2, 3])
    #expect(abs(patch.values.reduce(0, +) - 1) < 1e-4)
    let best = try #require(patch.values.indices.max { patch.values[$0] < patch.values[$1] })
    #expect(values[80 * 160 + 80] == Float(best + 1))
    let confidence = try RasterFile.open(folder.file("confidence.tif"))
    let perCent = try confidence.read(
      Window(column: 80, row: 80, width: 1, height: 1), bands: [1])
    #expect(perCent.values[0] == (100 * patch.values[best]).rounded())
    #expect(try PNGImage.read(folder.file("look.png")).width == 2 * 160 + 8)
    #expect(try folder.bytes("patches.gpkg").starts(with: "SQLite format 3".utf8))

    let json = try outcome.json()
    let rasters = try #require(json["rasters"] as? [[String: Any]])
    let classes = try #require(rasters[0]["classes"] as? [[String: Any]])
    let counted = classes.compactMap { $0["pixels"] as? Int }
    for value in 1...3 { #expect(counted[value - 1] == values.count { $0 == Float(value) }) }
    #expect(rasters[0]["nodataPixels"] as? Int == 64)
    // Pixels of half a metre.
    for entry in classes {
      let pixels = try #require(entry["pixels"] as? Int)
      #expect(entry["hectares"] as? Double == Double(pixels) * 0.25 / 10_000)
    }
    #expect(rasters[0]["vector"] as? String == "patches.gpkg")
    let model = try #require(json["model"] as? [String: Any])
    #expect(labels.metadata["IIC_MODEL_DIGEST"] == model["digest"] as? String)
  }

  @Test func oneSeedGivesOneFile() throws {
    try SmallRasters.writeScene(folder.file("scene.tif"))
    for name in ["one", "two"] {
      let outcome = try Program.run(
        [
          "segment", "scene.tif", "--classes", "4", "--steps", "4", "-o", "\(name).tif",
          "--save-model", "\(name).safetensors", "--quiet",
        ], in: folder)
      try #require(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.output.isEmpty && outcome.errors.isEmpty)
    }
    #expect(try folder.bytes("one.tif") == folder.bytes("two.tif"))
    #expect(try folder.bytes("one.safetensors") == folder.bytes("two.safetensors"))
  }

  @Test func verboseSaysHowFastAndHowMuchMemory() throws {
    try SmallRasters.writeScene(folder.file("scene.tif"))
    let outcome = try Program.run(
      ["segment", "scene.tif", "--classes", "3", "--steps", "2", "-o", "l.tif", "--verbose"],
      in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    for start in ["learned in", "labelled scene.tif in"] {
      let line = try #require(outcome.errorLines.first { $0.hasPrefix(start) })
      let peak = try #require(line.firstMatch(of: /; peak memory (\d+) MiB$/)?.output.1)
      #expect((10...10_000).contains(try #require(Int(peak))))
    }
    #expect(outcome.errors.contains("megapixels/s"))
    #expect(outcome.errors.contains("s for patches"))
  }

  @Test func aModelLabelsOtherRasters() throws {
    let model = try LearnedModel.path(in: folder)
    try SmallRasters.writeScene(folder.file("a.tif"), size: 120, from: 0)
    try SmallRasters.writeScene(folder.file("b.tif"), size: 90, from: 700)
    try FileManager.default.createDirectory(
      atPath: folder.file("labels"), withIntermediateDirectories: false)
    let outcome = try Program.run(
      ["segment", "a.tif", "b.tif", "--model", model, "-o", "labels"], in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    #expect(try RasterFile.open(folder.file("labels/a.tif")).description.width == 120)
    #expect(try RasterFile.open(folder.file("labels/b.tif")).description.width == 90)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("labels/a.tif: 120 × 120 pixels"))
  }

  @Test func labelsAWindowOnItsOwnGrid() throws {
    let model = try LearnedModel.path(in: folder)
    try SmallRasters.writeScene(folder.file("scene.tif"))
    let pixels = try Program.run(
      ["segment", "scene.tif", "--model", model, "-o", "w.tif", "--window", "20,30,64,48"],
      in: folder)
    try #require(pixels.code == 0, "\(pixels.errors)")
    let description = try RasterFile.open(folder.file("w.tif")).description
    #expect(description.width == 64 && description.height == 48)
    #expect(description.geoTransform == [500_010, 0.5, 0, 4_999_985, 0, -0.5])
    let box = try Program.run(
      [
        "segment", "scene.tif", "--model", model, "-o", "b.tif", "--bbox",
        "500010,4999961,500042,4999985", "--format", "gtiff", "--co", "compress=lzw", "--sieve",
        "20",
      ], in: folder)
    try #require(box.code == 0, "\(box.errors)")
    let boxed = try RasterFile.open(folder.file("b.tif")).description
    #expect(boxed.width == 64 && boxed.height == 48)
    #expect(boxed.compression == "LZW")
  }

  @Test func `what lies outside the polygons of a file has no label`() throws {
    let model = try LearnedModel.path(in: folder)
    try SmallRasters.writeScene(folder.file("scene.tif"))
    // Columns 40 … 79 and rows 20 … 99 of half a metre.
    let area = """
      {"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:32632"}},
       "features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":
       [[[500020,4999990],[500040,4999990],[500040,4999950],[500020,4999950],[500020,4999990]]]}}]}
      """
    try Data(area.utf8).write(to: URL(filePath: folder.file("area.geojson")))
    let outcome = try Program.run(
      ["segment", "scene.tif", "--model", model, "--mask", "area.geojson", "-o", "m.tif"],
      in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    let file = try RasterFile.open(folder.file("m.tif"))
    let labelled = try file.flags(of: file.description.fullWindow)
    for pixel in labelled.indices {
      let inside = (40..<80).contains(pixel % 160) && (20..<100).contains(pixel / 160)
      #expect(labelled[pixel] == inside)
    }
    #expect(!folder.names.contains { $0.hasPrefix(".") })
    #expect(
      file.description.metadata["IIC_COMMAND_LINE"]?.contains("--mask area.geojson") == true)

    let away = try Program.run(
      ["segment", "scene.tif", "--model", model, "--mask", "scene.tif", "-o", "n.tif"], in: folder)
    #expect(away.code == 1 && away.errorLines.count == 1)
    #expect(away.errors.contains("cannot mask by scene.tif: it is not a vector file"))
    #expect(!folder.names.contains { $0.hasPrefix(".") })
  }

  @Test func aRasterWithoutDataIsAllNodata() throws {
    let model = try LearnedModel.path(in: folder)
    try SmallRasters.writeEmpty(folder.file("empty.tif"))
    let outcome = try Program.run(
      ["segment", "empty.tif", "--model", model, "-o", "labels.tif", "--quiet"], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.hasPrefix("iic: warning: no pixel of empty.tif holds data"))
    let file = try RasterFile.open(folder.file("labels.tif"))
    let patch = try file.read(file.description.fullWindow, bands: [1])
    #expect(!patch.valid.contains(true))
  }
}
