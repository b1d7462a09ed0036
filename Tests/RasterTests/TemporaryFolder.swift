import Foundation

@testable import Raster

/// A folder that goes away with the test that made it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("raster-tests-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func contents() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  func bytes(of name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  /// Writes a small raster, [height, width, bands] row-major, and returns its path.
  func raster(
    _ name: String, width: Int, height: Int, values: [Float], dataType: RasterDataType = .float32,
    nodata: Double? = nil, bandNames: [String]? = nil, format: RasterFormat = .geoTIFF,
    creationOptions: [String: String] = [:]
  ) throws -> String {
    let bandCount = values.count / (width * height)
    let grid = RasterGrid(width: width, height: height)
    var writer = try RasterWriter(
      path: file(name), overwrite: false, grid: grid,
      bandNames: bandNames ?? [String](repeating: "", count: bandCount), dataType: dataType,
      nodata: nodata, format: format, creationOptions: creationOptions)
    try writer.write(values, in: grid.fullWindow)
    try writer.publish()
    return file(name)
  }
}

/// The error that `body` throws, or `nil` where it throws none.
func refusal(_ body: () throws -> Void) throws -> RasterError? {
  do {
    try body()
    return nil
  } catch let error as RasterError {
    return error
  }
}

/// A classic TIFF of one uncompressed strip, made by hand to be what no writer makes.
func tiff(
  width: UInt32, height: UInt32, bitsPerSample: UInt16, sampleFormat: UInt16, stripBytes: UInt32,
  pixels: [UInt8], samplesPerPixel: UInt32 = 1
) -> [UInt8] {
  func little(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 0xFF) } }
  func little(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8)] }
  // Tag, value; widths and strip fields are LONG (4), the others SHORT (3).
  let entries: [(tag: UInt16, type: UInt16, value: UInt32)] = [
    (256, 4, width), (257, 4, height), (258, 3, UInt32(bitsPerSample)), (259, 3, 1), (262, 3, 1),
    (273, 4, 8), (277, 3, samplesPerPixel), (278, 4, height), (279, 4, stripBytes),
    (339, 3, UInt32(sampleFormat)),
  ]
  let directory = UInt32(8 + pixels.count)
  var bytes: [UInt8] = [0x49, 0x49, 42, 0] + little(directory) + pixels
  bytes += little(UInt16(entries.count))
  for entry in entries {
    bytes += little(entry.tag) + little(entry.type) + little(UInt32(1)) + little(entry.value)
  }
  return bytes + little(UInt32(0))
}
