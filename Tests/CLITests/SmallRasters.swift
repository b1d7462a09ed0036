import Foundation
import Raster
import Seg
import TestSupport

/// Rasters made for the tests.
enum SmallRasters {
  static let geoTransform = [500_000, 0.5, 0, 5_000_000, 0, -0.5]

  static func grid(width: Int, height: Int) -> RasterGrid {
    RasterGrid(
      width: width, height: height, geoTransform: geoTransform,
      coordinateSystem: CoordinateSystem.utmZone32North)
  }

  /// Made once: it takes a second.
  private static let scene = DemoScene(seed: 0)

  /// A square of the demo scene from a pixel on its diagonal, four bands; 0 is nodata, in the upper
  /// left corner alone.
  static func writeScene(_ path: String, size: Int = 160, from first: Int = 400) throws {
    var writer = try RasterWriter(
      path: path, overwrite: false, grid: grid(width: size, height: size),
      bandNames: ["red", "green", "blue", "near infrared"], dataType: .uint8, nodata: 0)
    var values: [Float] = []
    for row in first..<first + size {
      let start = (row * scene.size + first) * 4
      values += scene.values[start..<start + size * 4].map { max(Float($0), 1) }
    }
    for row in 0..<8 {
      for column in 0..<8 {
        let pixel = (row * size + column) * 4
        for band in 0..<4 { values[pixel + band] = 0 }
      }
    }
    try writer.write(values, in: Window(column: 0, row: 0, width: size, height: size))
    try writer.publish()
  }

  /// A raster of the given bands without one pixel of data.
  static func writeEmpty(_ path: String, bands: Int = 4) throws {
    let writer = try RasterWriter(
      path: path, overwrite: false, grid: grid(width: 100, height: 90),
      bandNames: (1...bands).map { "band \($0)" }, dataType: .uint8, nodata: 0)
    try writer.publish()
  }

  /// A label map of known values.
  static func writeLabels(
    _ path: String, _ labels: [UInt8], width: Int, names: [String]
  ) throws {
    let grid = grid(width: width, height: labels.count / width)
    var writer = try LabelMapWriter(
      path: path, overwrite: false, grid: grid,
      classes: zip(names, ClassPalette.colours(count: names.count)).map {
        LabelMapClass(name: $0, colour: $1)
      })
    try writer.write(labels, in: grid.fullWindow)
    try writer.publish()
  }

  /// A TIFF of 20 × 20 pixels of 8 bits that says by four ground control points where it lies.
  static func writeWithControlPoints(_ path: String) throws {
    let side = 20
    let pixels = (0..<side * side).map { UInt8($0 % 251) }
    // Column, row, 0, x, y, 0 of each point.
    let points: [[Double]] = [
      [0, 0, 0, 500_000, 5_000_000, 0], [20, 0, 0, 500_010, 5_000_001, 0],
      [0, 20, 0, 500_001, 4_999_990, 0], [20, 20, 0, 500_012, 4_999_989, 0],
    ]
    let numbers = points.joined().flatMap {
      withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init)
    }
    let (atPixels, atPoints) = (8, 8 + pixels.count)
    let tags: [(tag: UInt16, type: UInt16, count: UInt32, value: UInt32)] = [
      (256, 3, 1, UInt32(side)), (257, 3, 1, UInt32(side)), (258, 3, 1, 8), (259, 3, 1, 1),
      (262, 3, 1, 1), (273, 4, 1, UInt32(atPixels)), (277, 3, 1, 1), (278, 3, 1, UInt32(side)),
      (279, 4, 1, UInt32(pixels.count)), (33922, 12, 24, UInt32(atPoints)),
    ]
    let directory = atPoints + numbers.count
    var bytes: [UInt8] = [0x49, 0x49, 42, 0]
    func append(_ value: UInt32, bytes count: Int) {
      for shift in 0..<count { bytes.append(UInt8(value >> (8 * shift) & 0xFF)) }
    }
    append(UInt32(directory), bytes: 4)
    bytes += pixels + numbers
    append(UInt32(tags.count), bytes: 2)
    for entry in tags {
      append(UInt32(entry.tag), bytes: 2)
      append(UInt32(entry.type), bytes: 2)
      append(entry.count, bytes: 4)
      append(entry.value, bytes: 4)
    }
    append(0, bytes: 4)
    try Data(bytes).write(to: URL(filePath: path))
  }

  /// A TIFF of 2 × 2 complex numbers, of the fewest tags that make one.
  static func writeComplex(_ path: String) throws {
    let tags: [(tag: UInt16, type: UInt16, value: UInt32)] = [
      (256, 3, 2), (257, 3, 2), (258, 3, 64), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1),
      (278, 3, 2), (279, 4, 32), (339, 3, 6),
    ]
    var bytes: [UInt8] = [0x49, 0x49, 42, 0, 40, 0, 0, 0]
    bytes += [UInt8](repeating: 0, count: 32)
    func append(_ value: UInt32, bytes count: Int) {
      for shift in 0..<count { bytes.append(UInt8(value >> (8 * shift) & 0xFF)) }
    }
    append(UInt32(tags.count), bytes: 2)
    for entry in tags {
      append(UInt32(entry.tag), bytes: 2)
      append(UInt32(entry.type), bytes: 2)
      append(1, bytes: 4)
      append(entry.value, bytes: 4)
    }
    append(0, bytes: 4)
    try Data(bytes).write(to: URL(filePath: path))
  }
}

/// A model learned once for all tests that only use one: three classes of four bands.
enum LearnedModel {
  private static let bytes: Result<Data, any Error> = Result {
    let folder = TemporaryFolder()
    try SmallRasters.writeScene(folder.file("scene.tif"))
    let outcome = try Program.run(
      [
        "segment", "scene.tif", "-o", "labels.tif", "--classes", "3", "--steps", "3",
        "--save-model", "model.safetensors",
      ], in: folder)
    guard outcome.code == 0 else { throw CommandFailed(errors: outcome.errors) }
    return try folder.bytes("model.safetensors")
  }

  /// Puts the model into a folder and returns its path.
  static func path(in folder: TemporaryFolder) throws -> String {
    let path = folder.file("learned.safetensors")
    try bytes.get().write(to: URL(filePath: path))
    return path
  }

  struct CommandFailed: Error {
    let errors: String
  }
}
