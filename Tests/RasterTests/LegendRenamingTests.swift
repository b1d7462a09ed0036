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

  @Test func `columns and categories of other programs stay`() throws {
    try writeMap("map.tif")
    let sidecar = folder.file("map.tif.aux.xml")
    var text = try String(contentsOfFile: sidecar, encoding: .utf8)
    // A column more, a count that is not whole, a name for no data and one beyond the table.
    text = text.replacing(
      "<Row index=\"0\">",
      with: """
        <FieldDefn index="6"><Name>Owner</Name><Type>2</Type><Usage>0</Usage></FieldDefn>
        <Row index="0">
        """)
    text = text.replacing(/<F>7<\/F>\s*<\/Row>/, with: "<F>7.5</F><F>town</F></Row>")
    text = text.replacing(/<F>3<\/F>\s*<\/Row>/, with: "<F>3</F><F>county</F></Row>")
    text = text.replacing("<Category>nodata<", with: "<Category>background<")
    text = text.replacing(
      "<Category>class 2</Category>",
      with: "<Category>class 2</Category><Category>beyond</Category>")
    try text.write(toFile: sidecar, atomically: true, encoding: .utf8)
    let before = try #require(try RasterFile.open(folder.file("map.tif")).legend())
    #expect(before.entries.map(\.pixelCount) == [nil, 3])
    try before.named(["a", "b"]).write(toMapAt: folder.file("map.tif"))
    let file = try RasterFile.open(folder.file("map.tif"))
    #expect(file.description.bands[0].categoryNames == ["background", "a", "b", "beyond"])
    #expect(try file.legend() == before.named(["a", "b"]))
    let after = try String(contentsOfFile: sidecar, encoding: .utf8)
    for kept in ["Owner", "town", "county", "7.5"] { #expect(after.contains(kept), "\(kept)") }
  }

  @Test func `a sidecar that is a link or read-only is written all the same`() throws {
    try writeMap("map.tif")
    let sidecar = folder.file("map.tif.aux.xml")
    let files = FileManager.default
    try files.moveItem(atPath: sidecar, toPath: folder.file("real.xml"))
    try files.createSymbolicLink(atPath: sidecar, withDestinationPath: "real.xml")
    try files.setAttributes([.posixPermissions: 0o444], ofItemAtPath: folder.file("real.xml"))
    let legend = try #require(try RasterFile.open(folder.file("map.tif")).legend())
    try legend.named(["a", "b"]).write(toMapAt: folder.file("map.tif"))
    #expect(try files.destinationOfSymbolicLink(atPath: sidecar) == "real.xml")
    #expect(
      try files.attributesOfItem(atPath: folder.file("real.xml"))[.posixPermissions] as? Int
        == 0o444)
    #expect(
      try RasterFile.open(folder.file("map.tif")).legend()?.entries.map(\.name) == ["a", "b"])
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
