import Foundation
import TestSupport
import Testing

@testable import Raster

@Suite struct PolygonMaskTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// 60 × 40 pixels of 2 m, from (500 000, 5 000 000) to the right and down.
  private func raster(placed: Bool = true) throws -> RasterDescription {
    let path = folder.file("raster.tif")
    let writer = try RasterWriter(
      path: path, overwrite: true,
      grid: RasterGrid(
        width: 60, height: 40, geoTransform: placed ? [500_000, 2, 0, 5_000_000, 0, -2] : nil,
        coordinateSystem: placed ? CoordinateSystem.utmZone32North : nil),
      bandNames: ["a"], dataType: .uint8, nodata: nil)
    try writer.publish()
    return try RasterFile.open(path).description
  }

  /// A GeoJSON file of the given geometries, in UTM zone 32 unless said otherwise.
  private func write(
    _ geometries: [String], system: String? = "EPSG:32632", _ name: String = "area.geojson"
  ) throws -> String {
    let features = geometries.map {
      #"{"type":"Feature","properties":{},"geometry":\#($0)}"#
    }
    let named = system.map { #""crs":{"type":"name","properties":{"name":"\#($0)"}},"# } ?? ""
    let path = folder.file(name)
    try #"{"type":"FeatureCollection",\#(named)"features":[\#(features.joined(separator: ","))]}"#
      .write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// A ring of corners in pixels: columns and rows of the raster.
  private func ring(_ corners: [(Double, Double)]) -> String {
    let points = (corners + [corners[0]]).map { "[\(500_000 + 2 * $0.0),\(5_000_000 - 2 * $0.1)]" }
    return "[\(points.joined(separator: ","))]"
  }

  private func polygon(_ rings: [[(Double, Double)]]) -> String {
    #"{"type":"Polygon","coordinates":[\#(rings.map(ring).joined(separator: ","))]}"#
  }

  private func flags(_ mask: PolygonMask) throws -> [Bool] {
    let file = try RasterFile.open(mask.path)
    #expect(file.description.width == 60 && file.description.height == 40)
    return try file.flags(of: file.description.fullWindow)
  }

  @Test func `pixels are inside where their centres are, holes are not`() throws {
    let area = try write([
      // Centres at 10.5 … 29.5 and 5.5 … 19.5, without the hole; and a part of the lower corner.
      polygon([
        [(10.4, 5.4), (29.6, 5.4), (29.6, 19.6), (10.4, 19.6)],
        [(15, 10), (20, 10), (20, 15), (15, 15)],
      ]),
      polygon([[(50, 30), (80, 30), (80, 60), (50, 60)]]),
    ])
    let mask = try PolygonMask(
      polygonsOf: area, on: raster(), beside: folder.file("out.tif"))
    let found = try flags(mask)
    for row in 0..<40 {
      for column in 0..<60 {
        let hole = (15..<20).contains(column) && (10..<15).contains(row)
        let first = (10..<30).contains(column) && (5..<20).contains(row) && !hole
        #expect(found[row * 60 + column] == (first || (column >= 50 && row >= 30)))
      }
    }
  }

  @Test func `polygons in degrees are brought onto the raster`() throws {
    // From the raster's left side, on the central meridian, to 0.0009 degrees east of it.
    let degrees = "[[[9,45],[9.0009,45],[9.0009,45.3],[9,45.3],[9,45]]]"
    let area = try write(
      [#"{"type":"Polygon","coordinates":\#(degrees)}"#], system: nil)
    let mask = try PolygonMask(
      polygonsOf: area, on: raster(), beside: folder.file("out.tif"))
    let row = Array(try flags(mask)[600..<660])
    // At 45.15° a degree of longitude is 78 637 m; 0.9996 of it, 70.7 m, are 35.4 pixels.
    #expect(row == (0..<60).map { $0 < 35 })
  }

  @Test func `the temporary file goes with the mask`() throws {
    let area = try write([polygon([[(0, 0), (9, 0), (9, 9)]])])
    let path: String
    do {
      let mask = try PolygonMask(
        polygonsOf: area, on: raster(), beside: folder.file("out.tif"))
      path = mask.path
      #expect(FileManager.default.fileExists(atPath: path))
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.file(""))
    #expect(Set(left) == ["area.geojson", "raster.tif"])
  }

  private func reason(_ path: String, placed: Bool = true) throws -> String {
    let description = try raster(placed: placed)
    let error = #expect(throws: RasterError.self) {
      _ = try PolygonMask(polygonsOf: path, on: description, beside: folder.file("out.tif"))
    }
    return error?.reason ?? ""
  }

  @Test func `what cannot be a mask is refused by name`() throws {
    let area = try write([polygon([[(0, 0), (9, 0), (9, 9)]])])
    #expect(try reason(area, placed: false) == "the raster has no place on the ground")
    #expect(try reason(folder.file("none.gpkg")) == "no such file")
    try "not a vector file".write(
      toFile: folder.file("text.gpkg"), atomically: true, encoding: .utf8)
    #expect(try reason(folder.file("text.gpkg")).hasPrefix("it is not a vector file"))
    #expect(try reason("/dev/null") == "it is not a regular file")
    _ = try raster()
    #expect(try reason(folder.file("raster.tif")).hasPrefix("it is not a vector file"))
    let points = try write(
      [#"{"type":"Point","coordinates":[500010,4999990]}"#], "points.geojson")
    #expect(try reason(points) == "it holds no polygons")
    let away = try write([polygon([[(900, 0), (999, 0), (999, 9)]])], "away.geojson")
    #expect(try reason(away).hasPrefix("none of its polygons lies on"))
  }
}
