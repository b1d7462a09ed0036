import Foundation
import Raster
import Testing

@testable import Viewer

@Suite struct ViewedMapTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appending(component: "iic-viewer-tests-\(UUID().uuidString)").path(percentEncoded: false)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// A label map of 40 × 30 pixels of 2 m, classes 1 and 3 of three.
  private func writeMap(_ name: String, at corner: (x: Double, y: Double)? = (100, 500)) throws {
    var writer = try LabelMapWriter(
      path: path(name), overwrite: false,
      grid: RasterGrid(
        width: 40, height: 30, geoTransform: corner.map { [$0.x, 2, 0, $0.y, 0, -2] }),
      classes: ["a", "b", "c"].map {
        LabelMapClass(name: $0, colour: RGBColour(red: 9, green: 8, blue: 7))
      })
    let labels = (0..<1200).map { UInt8($0 % 40 < 10 ? 0 : $0 < 600 ? 1 : 3) }
    try writer.write(labels, in: Window(column: 0, row: 0, width: 40, height: 30))
    try writer.publish()
  }

  private func writeImage(
    _ name: String, width: Int = 60, height: Int = 50, geoTransform: [Double]?
  ) throws {
    var writer = try RasterWriter(
      path: path(name), overwrite: false,
      grid: RasterGrid(width: width, height: height, geoTransform: geoTransform),
      bandNames: ["red", "green", "blue"], dataType: .uint8, nodata: 0)
    let values = (0..<width * height).flatMap { pixel in
      [Float(1 + pixel % width), Float(1 + pixel / width), Float(100)]
    }
    try writer.write(values, in: Window(column: 0, row: 0, width: width, height: height))
    try writer.publish()
  }

  @Test func theLegendIsTheMaps() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try writeMap("map.tif")
    let map = try ViewedMap(labelsAt: path("map.tif"))
    #expect(map.legend.entries.map(\.name) == ["a", "b", "c"])
    #expect(map.legend.entries.map(\.pixelCount) == [450, 0, 450])
    #expect(map.image == nil && map.levels == 1)
    // Without a legend the map is gone through.
    try FileManager.default.removeItem(atPath: path("map.tif.aux.xml"))
    var windows = 0
    let counted = try ViewedMap(labelsAt: path("map.tif")) { done, _ in windows = done }
    #expect(windows == 1)
    #expect(counted.legend.entries.map(\.value) == [1, 3])
    #expect(counted.legend.entries.map(\.name) == ["class 1", "class 3"])
    #expect(counted.legend.entries.map(\.pixelCount) == [450, 450])
    #expect(counted.legend.entries[1].colour == RGBColour(red: 9, green: 8, blue: 7))
  }

  @Test func theRasterLiesUnderTheMap() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try writeMap("map.tif")
    // Ten columns and five rows before the map's corner.
    try writeImage("wide.tif", geoTransform: [80, 2, 0, 510, 0, -2])
    let over = try ViewedMap(labelsAt: path("map.tif"), over: path("wide.tif"))
    #expect(over.image?.window == Window(column: 10, row: 5, width: 40, height: 30))

    let refused: [(String, [Double]?, String)] = [
      ("coarse.tif", [80, 2.5, 0, 510, 0, -2.5], "another size"),
      ("between.tif", [81, 2, 0, 510, 0, -2], "between its pixels"),
      ("beside.tif", [300, 2, 0, 510, 0, -2], "elsewhere"),
      ("nowhere.tif", nil, "60 × 50 pixels"),
    ]
    for (name, transform, words) in refused {
      try writeImage(name, geoTransform: transform)
      let error = #expect(throws: RasterError.self) {
        _ = try ViewedMap(labelsAt: path("map.tif"), over: path(name))
      }
      #expect(error?.reason.contains(words) == true, "\(error?.description ?? "")")
    }
    // Without a place on the ground, size decides.
    try writeMap("flat.tif", at: nil)
    try writeImage("same.tif", width: 40, height: 30, geoTransform: nil)
    let flat = try ViewedMap(labelsAt: path("flat.tif"), over: path("same.tif"))
    #expect(flat.image?.window == Window(column: 0, row: 0, width: 40, height: 30))
  }

  @Test func valueZeroMayBeAClass() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var writer = try RasterWriter(
      path: path("zero.tif"), overwrite: false, grid: RasterGrid(width: 3, height: 1),
      bandNames: ["class"], dataType: .uint8, nodata: 255)
    try writer.write([0, 7, 255], in: Window(column: 0, row: 0, width: 3, height: 1))
    try writer.publish()
    let map = try ViewedMap(labelsAt: path("zero.tif"))
    #expect(map.legend.entries.map(\.value) == [0, 7])
    #expect(map.emptyValue == 255)
    let tile = try await TileReader(path: path("zero.tif")).labels(
      level: 0, column: 0, row: 0, of: TileGrid(width: 3, height: 1), empty: map.emptyValue)
    #expect(tile == [0, 7, 255])
    #expect(ViewedMap.colour(of: 0) != ViewedMap.colour(of: 1))
  }

  @Test func whatIsNoLabelMapIsRefused() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try writeImage("image.tif", geoTransform: nil)
    let error = #expect(throws: RasterError.self) {
      _ = try ViewedMap(labelsAt: path("image.tif"))
    }
    #expect(error?.reason.contains("3 bands of uint8") == true)
  }

  @Test func tilesShowTheMapAndTheRasterUnderIt() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try writeMap("map.tif")
    try writeImage("wide.tif", geoTransform: [80, 2, 0, 510, 0, -2])
    let map = try ViewedMap(labelsAt: path("map.tif"), over: path("wide.tif"))
    let grid = TileGrid(width: 40, height: 30)
    let labels = TileReader(path: path("map.tif"))
    let whole = try await labels.labels(level: 0, column: 0, row: 0, of: grid, empty: 0)
    #expect(whole?.count == 1200)
    #expect(whole?[9] == 0 && whole?[10] == 1 && whole?[1199] == 3)
    let halved = try await labels.labels(level: 1, column: 0, row: 0, of: grid, empty: 0)
    #expect(halved?.count == 300)
    #expect(halved?[4] == 0 && halved?[5] == 1 && halved?[299] == 3)
    #expect(try await labels.labels(level: 0, column: 1, row: 0, of: grid, empty: 0) == nil)

    let image = try #require(map.image)
    let colours = try await TileReader(path: path("wide.tif")).colours(
      level: 0, column: 0, row: 0, of: grid, image: image)
    let pixels = try #require(colours)
    #expect(pixels.count == 4800)
    // Red rises by columns, green by rows; all is opaque.
    #expect(pixels[0] < pixels[4 * 39] && pixels[1] == pixels[4 * 39 + 1])
    #expect(pixels[1] < pixels[4 * 40 * 29 + 1])
    #expect(stride(from: 3, to: 4800, by: 4).allSatisfy { pixels[$0] == 255 })
  }
}

@Suite struct TileGridTests {
  @Test(arguments: [(256, 256), (257, 100), (1000, 700), (1, 5000)])
  func tilesOfALevelCoverTheMapOnce(width: Int, height: Int) throws {
    let grid = TileGrid(width: width, height: height)
    for level in 0..<5 {
      var pixels = 0
      for row in 0... {
        guard grid.tile(level: level, column: 0, row: row) != nil else { break }
        for column in 0... {
          guard let tile = grid.tile(level: level, column: column, row: row) else { break }
          pixels += tile.window.pixelCount
          #expect(tile.width <= 256 && tile.height <= 256)
          #expect(tile.width == (tile.window.width + (1 << level) - 1) >> level)
          #expect(tile.window.column + tile.window.width <= width)
        }
      }
      #expect(pixels == width * height)
    }
  }

  @Test func thereAreNoOthers() {
    let grid = TileGrid(width: 1000, height: 700)
    for place in [(-1, 0, 0), (0, -1, 0), (0, 4, 0), (0, 0, 3), (0, .max, 0), (99, 0, 0)] {
      #expect(grid.tile(level: place.0, column: place.1, row: place.2) == nil)
    }
  }
}
