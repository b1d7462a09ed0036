import Foundation
import Testing

@testable import Raster

@Suite struct LegendRenamingTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func writeMap(_ name: String, format: RasterFormat = .cog) throws {
    var writer = try LabelMapWriter(
      path: folder.file(name), overwrite: false, grid: RasterGrid(width: 6, height: 2),
      classes: ["class 1", "class 2"].map {
        LabelMapClass(name: $0, colour: RGBColour(red: 10, green: 20, blue: 30))
      }, format: format)
    try writer.write(
      [0, 1, 1, 1, 2, 2, 0, 1, 1, 1, 1, 2], in: Window(column: 0, row: 0, width: 6, height: 2))
    try writer.publish()
  }

  @Test(arguments: RasterFormat.allCases)
  func `names change, and nothing else does`(format: RasterFormat) throws {
    try writeMap("map.tif", format: format)
    let map = try folder.bytes(of: "map.tif")
    // What another program has added to the sidecar.
    let sidecar = folder.file("map.tif.aux.xml")
    let text = try String(contentsOfFile: sidecar, encoding: .utf8)
    try text.replacing(
      "<PAMRasterBand band=\"1\">",
      with: "<PAMRasterBand band=\"1\">\n<Metadata><MDI key=\"SEEN\">by hand</MDI></Metadata>"
    ).write(toFile: sidecar, atomically: true, encoding: .utf8)

    let before = try #require(try RasterFile.open(folder.file("map.tif")).legend())
    let names = ["Wald & <Wiese> ü", "water"]
    try before.named(names).write(toMapAt: folder.file("map.tif"))

    let file = try RasterFile.open(folder.file("map.tif"))
    let after = try #require(try file.legend())
    #expect(after.entries.map(\.name) == names)
    #expect(after.entries.map(\.pixelCount) == [7, 3])
    #expect(after == before.named(names))
    #expect(file.description.bands[0].categoryNames == ["nodata"] + names)
    #expect(try String(contentsOfFile: sidecar, encoding: .utf8).contains("by hand"))
    #expect(try folder.bytes(of: "map.tif") == map)
    #expect(try folder.contents() == ["map.tif", "map.tif.aux.xml"])
  }

  @Test func `a map without a sidecar gets one`() throws {
    try writeMap("map.tif")
    try FileManager.default.removeItem(atPath: folder.file("map.tif.aux.xml"))
    let legend = LabelMapLegend(entries: [
      .init(value: 2, name: "only", colour: nil, pixelCount: nil)
    ])
    try legend.write(toMapAt: folder.file("map.tif"))
    let file = try RasterFile.open(folder.file("map.tif"))
    #expect(file.description.bands[0].categoryNames == ["nodata", "", "only"])
    #expect(try file.legend()?.entries.map(\.name) == ["only"])
  }

  @Test func `what is no raster is refused, and nothing is left`() throws {
    _ = try folder.write(Array("text".utf8), to: "text.tif")
    let legend = LabelMapLegend(entries: [
      .init(value: 1, name: "a", colour: nil, pixelCount: nil)
    ])
    for name in ["text.tif", "missing.tif"] {
      #expect(throws: RasterError.self) { try legend.write(toMapAt: folder.file(name)) }
    }
    #expect(try folder.contents() == ["text.tif"])
  }
}
