import Foundation
import Raster
import Testing

@testable import Seg

@Suite struct PotsdamPreparationTests {
  /// Two tiles of four blocks each, the first one without label.
  private func smallTiles() throws -> PotsdamFixture {
    let tiles = try PotsdamFixture()
    for number in 0..<2 { try tiles.writeImage(number) }
    try tiles.writeLabel(1)
    return tiles
  }

  @Test func blocksAreHalvedNamedAndPlaced() throws {
    let tiles = try smallTiles()
    let summary = try tiles.preparation.write(to: tiles.output, overwrite: false, threads: 2)
    #expect(summary.tiles == 2 && summary.labelledTiles == 1)
    #expect(summary.blocks == [4, 3, 1])
    #expect(summary.offTablePixels == 0 && summary.labelPixels == 800 * 800)

    let rows = try tiles.lines("blocks.csv").dropFirst().map { $0.split(separator: ",") }
    #expect(rows.map { Int($0[0])! }.sorted() == Array(0..<8))
    for row in rows {
      let name = String(row[0])
      let tile = row[1] == tiles.name(0) ? 0 : 1
      let (top, left) = (Int(row[2])! * 400, Int(row[3])! * 400)
      let file = try RasterFile.open("\(tiles.output)/imgs/\(name).tif")
      #expect(file.description.bands.map(\.name) == ["red", "green", "blue", "near infrared"])
      #expect(file.description.bands[3].colourInterpretation == .nearInfrared)
      #expect(file.description.dataBandIndices == [1, 2, 3, 4])
      #expect(file.description.coordinateSystemName?.contains("EPSG:32633") == true)
      let origin = tiles.geoTransform(tile)
      let expected = [
        origin[0] + 0.05 * Double(left), 0.1, 0, origin[3] - 0.05 * Double(top), 0, -0.1,
      ]
      let placed = try #require(file.description.geoTransform)
      #expect(zip(placed, expected).allSatisfy { abs($0 - $1) < 1e-6 })

      let image = try file.readBytes(file.description.fullWindow, bands: [1, 2, 3, 4])
      let labelPath = "\(tiles.output)/gt/\(name).tif"
      #expect(FileManager.default.fileExists(atPath: labelPath) == (tile == 1))
      let label = tile == 1 ? try RasterFile.open(labelPath) : nil
      let classes = try label.map { try $0.readBytes($0.description.fullWindow, bands: [1]) }
      #expect(label.map { $0.description.bands[0].nodata == 0 } ?? true)
      #expect(label.map { $0.description.bands[0].colourTable[2] == Potsdam.colours[1] } ?? true)
      for (column, line) in [(0, 0), (1, 0), (199, 0), (57, 133), (198, 199)] {
        for band in 0..<4 {
          var sum = 2
          for (right, down) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            sum += Int(
              PotsdamFixture.pixel(
                column: left + 2 * column + right, row: top + 2 * line + down, tile: tile)[band])
          }
          #expect(Int(image.pixels[(line * 200 + column) * 4 + band]) == sum / 4)
        }
        if let classes {
          let wanted = PotsdamFixture.label(column: left + 2 * column, row: top + 2 * line)
          #expect(Int(classes.pixels[line * 200 + column]) == wanted + 1)
        }
      }
    }
    let listed = try Potsdam.lists.map { try tiles.lines("\($0).txt") }
    #expect(listed.map(\.count) == [4, 3, 1])
    for (list, names) in zip(Potsdam.lists, listed) {
      #expect(Set(names) == Set(rows.filter { $0[4] == list }.map { String($0[0]) }))
    }
    #expect(Set(rows.filter { $0[1] == tiles.name(0) }.map { $0[4] }) == ["unlabelled_train"])
  }

  @Test func seedDecidesAndThreadsDoNot() throws {
    let tiles = try smallTiles()
    func contents(seed: UInt64, threads: Int, name: String) throws -> [String: Data] {
      var preparation = tiles.preparation
      preparation.seed = seed
      let folder = tiles.fixture.path(name)
      _ = try preparation.write(to: folder, overwrite: false, threads: threads)
      var files: [String: Data] = [:]
      for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
        files[path] = FileManager.default.contents(atPath: "\(folder)/\(path)")
      }
      return files
    }
    let first = try contents(seed: 7, threads: 1, name: "a")
    #expect(try contents(seed: 7, threads: 3, name: "b") == first)
    let other = try contents(seed: 8, threads: 3, name: "c")
    #expect(other["blocks.csv"] != first["blocks.csv"])
  }

  @Test func noiseIsCountedAndRefusedBeyondItsShare() throws {
    let tiles = try smallTiles()
    // 640 pixels, a thousandth.
    try tiles.writeLabel(1) { $0 % 1000 == 0 ? RGBColour(red: 250, green: 9, blue: 3) : nil }
    let summary = try tiles.preparation.write(to: tiles.output, overwrite: false, threads: 2)
    #expect(summary.offTablePixels == 640)

    var strict = tiles.preparation
    strict.largestOffTableShare = 0.0009
    let error = try #require(throws: SegError.self) {
      try strict.write(to: tiles.fixture.path("strict"), overwrite: false, threads: 2)
    }
    #expect(error.description.contains("top_potsdam_3_10_label.tif"))
    #expect(error.description.contains("640 of 640000 pixels"))
    #expect(!FileManager.default.fileExists(atPath: tiles.fixture.path("strict")))
  }

  @Test func unknownColoursAreRefused() throws {
    let tiles = try smallTiles()
    try tiles.writeLabel(0) { $0 < 5 ? RGBColour(red: 0, green: 0, blue: 0) : nil }
    try tiles.writeLabel(1) { $0 == 77 ? RGBColour(red: 128, green: 128, blue: 128) : nil }
    let error = try #require(throws: SegError.self) {
      try tiles.preparation.write(to: tiles.output, overwrite: false, threads: 2)
    }
    #expect(error.description.contains("has 2 labels that cannot be used"))
    #expect(error.description.contains("top_potsdam_2_10_label.tif: 5 pixels"))
    #expect(error.description.contains("such as 128,128,128"))
    #expect(!error.description.contains("\n"))
    #expect(try tiles.leftovers().isEmpty)
  }

  @Test func filesThatDoNotFitAreNamedAndCounted() throws {
    let tiles = try PotsdamFixture()
    try tiles.writeImage(0)
    try tiles.writeImage(1, side: 1200)
    try tiles.writeImage(2, side: 500)
    try tiles.writeLabel(0, side: 400)
    try Data("no raster".utf8).write(
      to: URL(filePath: "\(tiles.labels)/\(tiles.name(1))_label.tif"))
    let error = try #require(throws: SegError.self) {
      try tiles.preparation.write(to: tiles.output, overwrite: false, threads: 2)
    }
    let text = error.description
    #expect(text.contains("has 4 files that cannot be used"))
    #expect(text.contains("2_10_label.tif: 400 × 400 pixels, where its image has 800 × 800"))
    #expect(text.contains("3_10_RGBIR.tif: 1200 × 1200 pixels, where the first tile has 800 × 800"))
    #expect(text.contains("3_10_label.tif: it is not a raster"))
    #expect(text.contains("4_10_RGBIR.tif: 500 × 500 pixels are not blocks of 400"))
    #expect(try tiles.leftovers().isEmpty)
  }

  @Test func labelsWithoutImageAndTooFewLabelsAreRefused() throws {
    let tiles = try smallTiles()
    try tiles.writeLabel(4)
    var error = try #require(throws: SegError.self) {
      try tiles.preparation.write(to: tiles.output, overwrite: false, threads: 1)
    }
    #expect(
      error.description.contains(
        "top_potsdam_6_10_label.tif: there is no top_potsdam_6_10_RGBIR.tif"))
    let bare = try PotsdamFixture()
    try bare.writeImage(0)
    error = try #require(throws: SegError.self) {
      try bare.preparation.write(to: bare.output, overwrite: false, threads: 1)
    }
    #expect(error.description.contains("holds no label"))
    error = try #require(throws: SegError.self) {
      try PotsdamPreparation(images: "/nowhere", labels: bare.labels).write(
        to: bare.output, overwrite: false, threads: 1)
    }
    #expect(error.description.contains("/nowhere"))
  }

  @Test func infraRedRedGreenIsReadToo() throws {
    let tiles = try PotsdamFixture()
    try tiles.writeLabel(0)
    try ByteImage(
      width: 800, height: 800, channels: 3, pixels: .init(repeating: 9, count: 800 * 800 * 3)
    ).writeGeoTIFF(
      to: "\(tiles.images)/\(tiles.name(0))_IRRG.tif", grid: RasterGrid(width: 800, height: 800),
      bandNames: ["red", "green", "blue"])
    let summary = try tiles.preparation.write(to: tiles.output, overwrite: false, threads: 2)
    #expect(summary.bands == ["near infrared", "red", "green"])
    #expect(summary.blocks == [0, 3, 1])
    let file = try RasterFile.open("\(tiles.output)/imgs/0.tif")
    #expect(file.description.bands.map(\.colourInterpretation) == [.nearInfrared, .red, .green])
    #expect(file.description.geoTransform == nil)
  }

  @Test func onlyPreparedFoldersAreReplaced() throws {
    let tiles = try smallTiles()
    let preparation = tiles.preparation
    _ = try preparation.write(to: tiles.output, overwrite: false, threads: 1)
    var error = try #require(throws: RasterError.self) {
      try preparation.write(to: tiles.output, overwrite: false, threads: 1)
    }
    #expect(error.description.contains("--overwrite"))
    try Data().write(to: URL(filePath: "\(tiles.output)/imgs/stale.tif"))
    _ = try preparation.write(to: tiles.output + "/", overwrite: true, threads: 1)
    #expect(!FileManager.default.fileExists(atPath: "\(tiles.output)/imgs/stale.tif"))
    error = try #require(throws: RasterError.self) {
      try preparation.write(to: tiles.images, overwrite: true, threads: 1)
    }
    #expect(error.description.contains("holds other files"))
    #expect(try tiles.leftovers() == ["potsdam"])
  }
}
