import Foundation
import Raster
import Seg
import TestSupport

/// Small tiles in the layout of the Potsdam benchmark.
struct PotsdamFixture {
  let fixture: RasterFixture
  let side: Int

  var images: String { fixture.path("4_Ortho_RGBIR") }
  var labels: String { fixture.path("5_Labels_for_participants") }
  var output: String { fixture.path("potsdam") }
  var preparation: PotsdamPreparation { PotsdamPreparation(images: images, labels: labels) }

  init(side: Int = 800) throws {
    fixture = try RasterFixture()
    self.side = side
    for folder in [images, labels] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
  }

  /// The class of a pixel of the tiles: a mosaic of all six that no block shares with another.
  static func label(column: Int, row: Int) -> Int { (column / 3 + 5 * (row / 2)) % 6 }

  /// The values of a pixel of the tiles' four bands.
  static func pixel(column: Int, row: Int, tile: Int) -> [UInt8] {
    [
      UInt8(truncatingIfNeeded: column * 7 + row * 3 + tile * 50),
      UInt8(truncatingIfNeeded: column / 4 + row), UInt8(truncatingIfNeeded: column ^ row),
      UInt8(truncatingIfNeeded: row * column / 9 + tile),
    ]
  }

  /// Where tile `number` lies: 5 cm a pixel, one tile south of the other.
  func geoTransform(_ number: Int) -> [Double] {
    [366_000, 0.05, 0, 5_812_000 - 40 * Double(number), 0, -0.05]
  }

  func name(_ number: Int) -> String { "top_potsdam_\(number + 2)_10" }

  private func grid(_ number: Int, _ width: Int, _ height: Int) -> RasterGrid {
    RasterGrid(
      width: width, height: height, geoTransform: geoTransform(number),
      coordinateSystem: CoordinateSystem.utmNorth(zone: 33))
  }

  func writeImage(_ number: Int, side: Int? = nil) throws {
    let side = side ?? self.side
    let pixels = (0..<side * side).flatMap {
      Self.pixel(column: $0 % side, row: $0 / side, tile: number)
    }
    try ByteImage(width: side, height: side, channels: 4, pixels: pixels).writeGeoTIFF(
      to: "\(images)/\(name(number))_RGBIR.tif", grid: grid(number, side, side),
      bandNames: ["", "", "", ""])
  }

  /// Writes a label; `change` may give a pixel another colour.
  func writeLabel(
    _ number: Int, side: Int? = nil, change: (_ pixel: Int) -> RGBColour? = { _ in nil }
  ) throws {
    let side = side ?? self.side
    let pixels = (0..<side * side).flatMap { pixel -> [UInt8] in
      let colour =
        change(pixel)
        ?? Potsdam.colours[Self.label(column: pixel % side, row: pixel / side)]
      return [colour.red, colour.green, colour.blue]
    }
    try ByteImage(width: side, height: side, channels: 3, pixels: pixels).writeGeoTIFF(
      to: "\(labels)/\(name(number))_label.tif", grid: grid(number, side, side),
      bandNames: ["red", "green", "blue"])
  }

  func lines(_ name: String, in folder: String? = nil) throws -> [String] {
    try String(contentsOfFile: "\(folder ?? output)/\(name)", encoding: .utf8)
      .split(separator: "\n").map(String.init)
  }

  /// All that lies beside the input folders, hidden or not.
  func leftovers() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: fixture.folder).filter {
      $0.hasPrefix(".") || $0 == "potsdam"
    }
  }
}
