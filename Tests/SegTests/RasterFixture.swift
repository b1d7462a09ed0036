import Foundation
import Raster
import Tensor

/// A folder of small rasters that goes away with the test that made it.
final class RasterFixture: Sendable {
  let folder: String

  init() throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("seg-tests-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Writes a raster, [height, width, bands] row-major, and returns its path.
  func raster(
    _ name: String, width: Int, height: Int, values: [Float], dataType: RasterDataType = .float32,
    nodata: Double? = nil, bandNames: [String]? = nil
  ) throws -> String {
    let grid = RasterGrid(width: width, height: height)
    let bandCount = values.count / (width * height)
    var writer = try RasterWriter(
      path: path(name), overwrite: false, grid: grid,
      bandNames: bandNames ?? [String](repeating: "", count: bandCount), dataType: dataType,
      nodata: nodata, format: .geoTIFF, creationOptions: ["COMPRESS": "NONE"])
    try writer.write(values, in: grid.fullWindow)
    try writer.publish()
    return path(name)
  }

  /// Writes a raster whose pixels are (column + 1, row + 1), and (0, 0) where there is no data, so
  /// that a pixel says where it comes from.
  func coordinates(
    _ name: String, width: Int, height: Int, hasData: (_ column: Int, _ row: Int) -> Bool
  ) throws -> String {
    let values = (0..<width * height).flatMap { pixel -> [Float] in
      let (column, row) = (pixel % width, pixel / width)
      return hasData(column, row) ? [Float(column + 1), Float(row + 1)] : [0, 0]
    }
    return try raster(name, width: width, height: height, values: values, nodata: 0)
  }
}

/// A made-up piece of ground in four bands of 8 bits: water on the left, above a winding shore,
/// meadow, and in it square fields, some striped.
struct SmallScene {
  let width: Int
  let height: Int
  /// [height, width, 4], 1 … 255.
  var values: [Float]

  init(width: Int, height: Int, seed: UInt64 = 0) {
    self.width = width
    self.height = height
    var generator = SeededGenerator(seed: seed)
    values = (0..<width * height).flatMap { pixel -> [Float] in
      let (column, row) = (pixel % width, pixel / width)
      let shore = Double(width) / 4 + 12 * sin(Double(row) / 17)
      var colour: [Float] = [110, 140, 70, 180]
      if Double(column) < shore {
        colour = [30, 50, 90, 15]
      } else if column / 37 % 2 == 1 && row / 41 % 2 == 0 {
        let isFurrow = row / 41 % 4 == 0 && column / 2 % 2 == 0
        colour = isFurrow ? [90, 70, 50, 60] : [190, 170, 140, 120]
      }
      return colour.map { min(max(($0 + 6 * generator.normal()).rounded(), 1), 255) }
    }
  }

  /// Takes the data of some pixels away.
  mutating func clear(_ isCleared: (_ column: Int, _ row: Int) -> Bool) {
    for pixel in 0..<width * height where isCleared(pixel % width, pixel / width) {
      for band in 0..<4 { values[pixel * 4 + band] = 0 }
    }
  }

  /// Writes it as Byte with nodata 0 and returns the path.
  func write(to fixture: RasterFixture, _ name: String) throws -> String {
    try fixture.raster(
      name, width: width, height: height, values: values, dataType: .uint8, nodata: 0,
      bandNames: ["red", "green", "blue", "near infrared"])
  }
}
