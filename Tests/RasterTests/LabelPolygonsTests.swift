import CGDAL
import Foundation
import TestSupport
import Testing

@testable import Raster

@Suite struct LabelPolygonsTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private let classes = [
    LabelMapClass(name: "water", colour: RGBColour(red: 0, green: 114, blue: 178)),
    LabelMapClass(name: "o'brien's \"grass\" ü", colour: RGBColour(red: 0, green: 158, blue: 115)),
    LabelMapClass(name: "roofs", colour: RGBColour(red: 213, green: 94, blue: 0)),
  ]
  private let width = 120
  private let height = 90

  /// Nodata at the left, water above grass, and roofs of 2 × 3 pixels in a lattice, one of them
  /// touching another at a corner alone.
  private func label(_ column: Int, _ row: Int) -> UInt8 {
    if column < 10 { return 0 }
    if column % 20 < 2 && row % 15 < 3 && column >= 20 { return 3 }
    if (22..<24).contains(column) && (3..<6).contains(row) { return 3 }
    return row < 40 ? 1 : 2
  }

  private func write(_ name: String, overwrite: Bool = false) throws -> [Int] {
    let grid = RasterGrid(
      width: width, height: height, geoTransform: [500_000, 2, 0, 6_000_000, 0, -2],
      coordinateSystem: CoordinateSystem.utmZone32North)
    var map = try LabelMapWriter(
      path: folder.file("\(name).tif"), overwrite: overwrite, grid: grid, classes: classes)
    try map.write(
      (0..<height).flatMap { row in (0..<width).map { label($0, row) } }, in: grid.fullWindow)
    var parts: [Double] = []
    let polygons = try map.polygons(
      at: folder.file("\(name).gpkg"), overwrite: overwrite, observe: { parts.append($0) })
    #expect(parts.last == 1 && parts == parts.sorted())
    #expect(overwrite || !FileManager.default.fileExists(atPath: folder.file("\(name).gpkg")))
    try polygons.publish()
    return try map.publish()
  }

  private struct Feature {
    let label: Int
    let name: String
    let colour: String
    let area: Double
    let envelope: OGREnvelope
  }

  private func features(_ path: String) throws -> (system: String, features: [Feature]) {
    let dataset = try #require(GDALOpenEx(path, UInt32(GDAL_OF_VECTOR), nil, nil, nil))
    defer { GDALClose(dataset) }
    let layer = try #require(GDALDatasetGetLayerByName(dataset, "labels"))
    let system = try #require(OGR_L_GetSpatialRef(layer))
    var features: [Feature] = []
    while let feature = OGR_L_GetNextFeature(layer) {
      defer { OGR_F_Destroy(feature) }
      func text(_ field: String) -> String {
        String(cString: OGR_F_GetFieldAsString(feature, OGR_F_GetFieldIndex(feature, field)))
      }
      let geometry = try #require(OGR_F_GetGeometryRef(feature))
      #expect(OGR_G_IsValid(geometry) == 1)
      var envelope = OGREnvelope()
      OGR_G_GetEnvelope(geometry, &envelope)
      features.append(
        Feature(
          label: Int(text("class")) ?? 0, name: text("name"), colour: text("colour"),
          area: OGR_G_Area(geometry), envelope: envelope))
    }
    return (String(cString: OSRGetAuthorityCode(system, nil)), features)
  }

  @Test func patchesCoverWhatTheMapDoes() throws {
    let counts = try write("labels")
    let (system, features) = try features(folder.file("labels.gpkg"))
    #expect(system == "32632")
    for (index, entry) in classes.enumerated() {
      let own = features.filter { $0.label == index + 1 }
      // Pixels of 2 × 2 metres.
      #expect(own.reduce(0) { $0 + $1.area } == 4 * Double(counts[index + 1]))
      #expect(own.allSatisfy { $0.name == entry.name && $0.colour == entry.colour.description })
    }
    #expect(features.allSatisfy { (1...3).contains($0.label) })
    let roofs = features.filter { $0.label == 3 }
    // Five columns of six rows, and one that touches another at a corner.
    #expect(roofs.count == 5 * 6 + 1 && roofs.allSatisfy { $0.area == 24 })
    #expect(
      roofs.contains { $0.envelope.MinX == 500_040 && $0.envelope.MaxY == 6_000_000 })
    #expect(features.count { $0.label == 1 } == 1 && features.count { $0.label == 2 } == 1)
  }

  @Test func oneMapGivesOneFile() throws {
    _ = try write("one")
    _ = try write("two")
    #expect(
      try Data(contentsOf: URL(filePath: folder.file("one.gpkg")))
        == Data(contentsOf: URL(filePath: folder.file("two.gpkg"))))
    let error = #expect(throws: RasterError.self) { _ = try write("one") }
    #expect(error?.remedy.contains("--overwrite") == true)
    _ = try write("one", overwrite: true)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left.allSatisfy { !$0.hasPrefix(".partial") })
  }
}
