import Testing

@testable import Raster

@Suite struct RasterWriterTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: RasterFormat.allCases)
  func `probabilities keep every bit, a band a class`(format: RasterFormat) throws {
    let grid = RasterGrid(width: 700, height: 520)
    var writer = try RasterWriter.probabilities(
      path: folder.file("p.tif"), overwrite: false, grid: grid,
      classNames: ["water", "grass", "roofs"], format: format)
    var values = (0..<700 * 300 * 3).map { Float($0 % 977) / 977 }
    values[3] = .nan
    let window = Window(column: 0, row: 0, width: 700, height: 300)
    try writer.write(values, in: window)
    try writer.publish()
    #expect(try folder.contents() == ["p.tif"])
    let file = try RasterFile.open(folder.file("p.tif"))
    #expect(file.description.bands.map(\.name) == ["water", "grass", "roofs"])
    #expect(
      file.description.bands.allSatisfy { $0.dataType == .float32 && $0.nodata?.isNaN == true })
    #expect(file.description.overviews.map(\.width) == [350])
    let patch = try file.read(window, bands: [1, 2, 3])
    #expect(!patch.valid[1] && patch.valid.count { !$0 } == 1)
    #expect(Array(patch.values[6...]) == Array(values[6...]))
    let below = try file.read(
      Window(column: 0, row: 300, width: 700, height: 220), bands: [1, 2, 3])
    #expect(!below.valid.contains(true))
  }

  @Test func `confidence is rounded and clamped per cent, 255 where there is none`() throws {
    let grid = RasterGrid(width: 6, height: 1)
    var writer = try RasterWriter.confidence(
      path: folder.file("c.tif"), overwrite: false, grid: grid)
    try writer.write(
      [0, 49.6, 100, .nan, 12.2], in: Window(column: 0, row: 0, width: 5, height: 1))
    try writer.publish()
    let file = try RasterFile.open(folder.file("c.tif"))
    #expect(file.description.bands[0].nodata == 255)
    let patch = try file.read(grid.fullWindow, bands: [1])
    #expect(patch.valid == [true, true, true, false, true, false])
    #expect(patch.values == [0, 50, 100, 0, 12, 0])
  }

  @Test(arguments: [RasterDataType.uint8, .uint16, .int16, .uint32, .int32, .float32, .float64])
  func `each data type keeps its values`(type: RasterDataType) throws {
    let values: [Float] = [0, 1, 127, 100]
    let path = try folder.raster("t.tif", width: 2, height: 2, values: values, dataType: type)
    let file = try RasterFile.open(path)
    #expect(file.description.bands[0].dataType == type)
    #expect(try file.read(file.description.fullWindow, bands: [1]).values == values)
  }
}
