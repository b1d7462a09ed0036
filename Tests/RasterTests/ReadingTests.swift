import Testing

@testable import Raster

@Suite struct ReadingTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func `windows come pixel-interleaved, bands in the order asked for`() throws {
    // Band b at column x, row y is 100·b + 10·y + x.
    var values: [Float] = []
    for row in 0..<3 {
      for column in 0..<4 {
        for band in 1...3 { values.append(Float(100 * band + 10 * row + column)) }
      }
    }
    let file = try RasterFile.open(
      try folder.raster("a.tif", width: 4, height: 3, values: values, dataType: .int16))
    let patch = try file.read(Window(column: 1, row: 1, width: 2, height: 2), bands: [3, 1])
    #expect(patch.values == [311, 111, 312, 112, 321, 121, 322, 122])
    #expect(patch.valid == [true, true, true, true])
    #expect(patch.width == 2 && patch.height == 2 && patch.bandCount == 2)
  }

  @Test func `a pixel is nodata where every chosen band says so`() throws {
    let values: [Float] = [0, 5, 0, 0, 7, 0, 3, 4, .nan, 4, .infinity, 0]
    let file = try RasterFile.open(
      try folder.raster("n.tif", width: 3, height: 2, values: values, nodata: 0))
    let both = try file.read(file.description.fullWindow, bands: [1, 2])
    // The writer turns what is not finite into nodata; so pixel 4 is (0, 4) and pixel 5 (0, 0).
    #expect(both.valid == [true, false, true, true, true, false])
    let first = try file.read(file.description.fullWindow, bands: [1])
    #expect(first.valid == [false, false, true, true, false, false])
    let overridden = try file.read(file.description.fullWindow, bands: [1], nodata: 7)
    #expect(overridden.valid == [true, true, false, true, true, true])
    #expect(overridden.values == [0, 0, 0, 3, 0, 0])
  }

  @Test func `a band that is not finite makes a pixel invalid`() throws {
    let values: [Float] = [1, .nan, 2, 3, -.infinity, 4, 5, 6]
    let file = try RasterFile.open(
      try folder.raster("f.tif", width: 2, height: 2, values: values))
    #expect(file.description.maskKind == .none)
    let patch = try file.read(file.description.fullWindow, bands: [1, 2])
    #expect(patch.valid == [false, true, false, true])
    #expect(patch.values == [0, 0, 2, 3, 0, 0, 5, 6])
  }

  @Test func `an alpha band masks, and is no data band`() throws {
    let picture = PNGImage(
      width: 2, height: 1, channels: 4, pixels: [10, 20, 30, 0, 40, 50, 60, 255])
    try picture.write(to: folder.file("p.png"), overwrite: false)
    let file = try RasterFile.open(folder.file("p.png"))
    #expect(file.description.maskKind == .alpha)
    #expect(file.description.dataBandIndices == [1, 2, 3])
    let patch = try file.read(file.description.fullWindow, bands: [1, 2, 3])
    #expect(patch.valid == [false, true])
    #expect(patch.values == [0, 0, 0, 40, 50, 60])
  }

  @Test func `a mask band overrules the file's nodata`() throws {
    _ = try folder.raster(
      "data.tif", width: 3, height: 1, values: [0, 8, 9], dataType: .uint8, nodata: 0)
    _ = try folder.raster(
      "mask.tif", width: 3, height: 1, values: [255, 0, 255], dataType: .uint8)
    func source(_ name: String) -> String {
      "<SimpleSource><SourceFilename relativeToVRT=\"1\">\(name)</SourceFilename>"
        + "<SourceBand>1</SourceBand></SimpleSource>"
    }
    let text =
      "<VRTDataset rasterXSize=\"3\" rasterYSize=\"1\">"
      + "<VRTRasterBand dataType=\"Byte\" band=\"1\"><NoDataValue>0</NoDataValue>"
      + source("data.tif") + "</VRTRasterBand>"
      + "<MaskBand><VRTRasterBand dataType=\"Byte\">" + source("mask.tif")
      + "</VRTRasterBand></MaskBand></VRTDataset>"
    let path = try folder.write(Array(text.utf8), to: "masked.vrt")
    let file = try RasterFile.open(path, allowVRT: true)
    #expect(file.description.maskKind == .maskBand)
    #expect(
      try file.read(file.description.fullWindow, bands: [1]).valid == [true, false, true])
    #expect(
      try file.read(file.description.fullWindow, bands: [1], nodata: 9).valid
        == [true, false, false])
  }

  @Test func `smaller sizes average the valid pixels alone`() throws {
    let values: [Float] = [10, 255, 20, 30, 10, 255, 40, 50]
    let file = try RasterFile.open(
      try folder.raster("s.tif", width: 4, height: 2, values: values, dataType: .uint8))
    let plain = try file.read(
      file.description.fullWindow, bands: [1], outputWidth: 2, outputHeight: 1,
      resampling: .average)
    #expect(plain.values[1] == 35 && abs(plain.values[0] - 132.5) <= 0.5)
    let masked = try file.read(
      file.description.fullWindow, bands: [1], nodata: 255, outputWidth: 2, outputHeight: 1,
      resampling: .average)
    #expect(masked.values == [10, 35])
  }

  @Test func `windows and bands that are not there are refused`() throws {
    let file = try RasterFile.open(
      try folder.raster("w.tif", width: 4, height: 3, values: [Float](repeating: 1, count: 12)))
    for window in [
      Window(column: 3, row: 0, width: 2, height: 1),
      Window(column: -1, row: 0, width: 2, height: 1),
      Window(column: 0, row: 0, width: 0, height: 1),
      Window(column: 1, row: 0, width: .max, height: 1),
    ] {
      let error = try refusal { _ = try file.read(window, bands: [1]) }
      #expect(error?.remedy.contains("4 × 3") == true)
    }
    for bands in [[0], [2], [1, -1], []] {
      let error = try refusal { _ = try file.read(file.description.fullWindow, bands: bands) }
      #expect(error?.reason.contains("band") == true)
    }
    let tooLarge = try refusal {
      _ = try file.read(
        file.description.fullWindow, bands: [1], outputWidth: 1 << 20, outputHeight: 1 << 20)
    }
    #expect(tooLarge?.reason.contains("too many") == true)
  }

  @Test func `each worker reads through a file of its own`() async throws {
    let values = (0..<64 * 64).map { Float($0) }
    let path = try folder.raster("shared.tif", width: 64, height: 64, values: values)
    let sums = try await withThrowingTaskGroup(of: Float.self) { group in
      for row in 0..<8 {
        group.addTask {
          let file = try RasterFile.open(path)
          return try file.read(
            Window(column: 0, row: row * 8, width: 64, height: 8), bands: [1]
          ).values.reduce(0, +)
        }
      }
      return try await group.reduce(into: [Float]()) { $0.append($1) }
    }
    #expect(sums.reduce(0, +) == Float(4095 * 4096 / 2))
  }

  @Test func `boxes in map coordinates become windows of whole pixels`() throws {
    let grid = RasterGrid(width: 10, height: 8, geoTransform: [100, 5, 0, 200, 0, -5])
    let writer = try RasterWriter(
      path: folder.file("g.tif"), overwrite: false, grid: grid, bandNames: [""], dataType: .uint8)
    try writer.publish()
    let description = try RasterFile.open(folder.file("g.tif")).description
    func window(_ box: (Double, Double, Double, Double)) throws -> Window {
      try description.window(
        coveringMinimumX: box.0, minimumY: box.1, maximumX: box.2, maximumY: box.3)
    }
    #expect(
      try window((105, 180, 115, 195)) == Window(column: 1, row: 1, width: 2, height: 3))
    #expect(try window((104, 184, 111, 186)) == Window(column: 0, row: 2, width: 3, height: 2))
    #expect(try window((0, 0, 1000, 1000)) == description.fullWindow)
    #expect(try refusal { _ = try window((0, 0, 90, 90)) }?.remedy.contains("100.0,160.0") == true)
    #expect(try refusal { _ = try window((115, 180, 105, 195)) }?.reason.contains("empty") == true)
  }
}
