import Testing

@testable import Raster

@Suite struct LabelMapTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private let classes = [
    LabelMapClass(name: "water", colour: RGBColour(red: 0, green: 114, blue: 178)),
    LabelMapClass(name: "grass & <trees> ü", colour: RGBColour(red: 0, green: 158, blue: 115)),
    LabelMapClass(name: "roofs", colour: RGBColour(red: 213, green: 94, blue: 0)),
  ]
  private let place = [500.0, 2, 0, 900, 0, -2]
  private let system = """
    GEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563]],\
    CS[ellipsoidal,2],AXIS["latitude",north],AXIS["longitude",east],\
    ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",4326]]
    """

  /// Broad stripes with specks, nodata at the left.
  private func label(_ column: Int, _ row: Int) -> UInt8 {
    if column < 40 { return 0 }
    if column % 16 == 3 && row % 16 == 5 { return 3 }
    return row < 300 ? 1 : 2
  }

  private func labels(in window: Window) -> [UInt8] {
    (window.row..<window.row + window.height).flatMap { row in
      (window.column..<window.column + window.width).map { label($0, row) }
    }
  }

  private func write(
    _ name: String, windows: [Window], format: RasterFormat, overwrite: Bool = false,
    threads: Int = 1
  ) throws -> [Int] {
    var writer = try LabelMapWriter(
      path: folder.file(name), overwrite: overwrite,
      grid: RasterGrid(width: 1100, height: 600, geoTransform: place, coordinateSystem: system),
      classes: classes, format: format, metadata: ["SEED": "0", "COMMAND": "iic segment a.tif"],
      threads: threads)
    for window in windows { try writer.write(labels(in: window), in: window) }
    return try writer.publish()
  }

  /// Windows of 97 × 131 that tile the map exactly.
  private var windows: [Window] {
    stride(from: 0, to: 600, by: 131).flatMap { row in
      stride(from: 0, to: 1100, by: 97).map { column in
        Window(
          column: column, row: row, width: min(97, 1100 - column), height: min(131, 600 - row))
      }
    }
  }

  @Test(arguments: RasterFormat.allCases)
  func `a label map has grid, legend, overviews and nodata`(format: RasterFormat) throws {
    let counts = try write("map.tif", windows: windows, format: format)
    #expect(try folder.contents() == ["map.tif", "map.tif.aux.xml"])
    let file = try RasterFile.open(folder.file("map.tif"))
    let description = file.description
    #expect(description.width == 1100 && description.height == 600)
    #expect(description.geoTransform == place)
    #expect(description.coordinateSystemName == "WGS 84 (EPSG:4326)")
    #expect(description.isCloudOptimised || format == .geoTIFF)
    #expect(description.compression == "DEFLATE")
    #expect(description.metadata["SEED"] == "0")
    #expect(description.metadata["COMMAND"] == "iic segment a.tif")
    let sizes = description.overviews.map { [$0.width, $0.height] }
    #expect(sizes == [[550, 300], [275, 150]])
    let band = description.bands[0]
    #expect(band.dataType == .uint8 && band.nodata == 0 && band.colourInterpretation == .palette)
    #expect(band.categoryNames == ["nodata"] + classes.map(\.name))
    #expect(Array(band.colourTable[1...3]) == classes.map(\.colour))

    let all = labels(in: description.fullWindow)
    let patch = try file.read(description.fullWindow, bands: [1])
    #expect(patch.values == all.map { Float($0) })
    #expect(patch.valid == all.map { $0 != 0 })
    let expected = (0...3).map { value in all.count { $0 == value } }
    #expect(counts == expected)
    let legend = try #require(try file.legend())
    #expect(legend.entries.map(\.value) == [1, 2, 3])
    #expect(legend.entries.map(\.name) == classes.map(\.name))
    #expect(legend.entries.map(\.colour) == classes.map(\.colour))
    #expect(legend.entries.map(\.pixelCount) == expected.dropFirst().map { $0 })

    // Specks of one pixel in 256 do not reach an overview by mode.
    let small = try file.read(
      description.fullWindow, bands: [1], outputWidth: 275, outputHeight: 150)
    #expect(Set(small.values) == [0, 1, 2])
  }

  @Test(arguments: RasterFormat.allCases)
  func `the same labels give the same bytes, whatever the windows`(format: RasterFormat) throws {
    _ = try write("a.tif", windows: windows, format: format)
    _ = try write("b.tif", windows: windows.reversed(), format: format)
    let whole = Window(column: 0, row: 0, width: 1100, height: 600)
    _ = try write("c.tif", windows: [whole], format: format)
    let bytes = try folder.bytes(of: "a.tif")
    #expect(try folder.bytes(of: "b.tif") == bytes)
    #expect(try folder.bytes(of: "c.tif") == bytes)
    #expect(try folder.bytes(of: "b.tif.aux.xml") == folder.bytes(of: "a.tif.aux.xml"))
  }

  @Test(arguments: RasterFormat.allCases)
  func `threads change no byte`(format: RasterFormat) throws {
    _ = try write("one.tif", windows: windows, format: format)
    _ = try write("three.tif", windows: windows, format: format, threads: 3)
    let bytes = try folder.bytes(of: "one.tif")
    #expect(try folder.bytes(of: "three.tif") == bytes)
  }

  @Test func `a window's map lies where the window does`() throws {
    _ = try write("map.tif", windows: [], format: .geoTIFF)
    let source = try RasterFile.open(folder.file("map.tif")).description
    let window = Window(column: 30, row: 20, width: 50, height: 40)
    let grid = RasterGrid(of: source, window: window)
    #expect(grid.width == 50 && grid.height == 40)
    #expect(grid.geoTransform == [560, 2, 0, 860, 0, -2])
    var writer = try LabelMapWriter(
      path: folder.file("part.tif"), overwrite: false, grid: grid, classes: classes)
    try writer.write([UInt8](repeating: 2, count: 2000), in: grid.fullWindow)
    try writer.publish()
    let part = try RasterFile.open(folder.file("part.tif")).description
    #expect(part.geoTransform == grid.geoTransform)
    #expect(part.coordinateSystemName == source.coordinateSystemName)
    #expect(part.isCloudOptimised && part.overviews.isEmpty)
  }

  @Test func `nothing appears before publishing, and nothing stays without it`() throws {
    do {
      var writer = try LabelMapWriter(
        path: folder.file("map.tif"), overwrite: false, grid: RasterGrid(width: 8, height: 8),
        classes: classes)
      try writer.write([1, 2], in: Window(column: 0, row: 0, width: 2, height: 1))
      #expect(try folder.contents().allSatisfy { $0.hasPrefix(".partial-") })
      #expect(try writer.read(Window(column: 0, row: 0, width: 3, height: 1)) == [1, 2, 0])
    }
    #expect(try folder.contents().isEmpty)
  }

  @Test func `replacing takes an earlier file's sidecars along`() throws {
    _ = try write("map.tif", windows: windows, format: .cog)
    _ = try folder.write([1, 2, 3], to: "map.tif.ovr")
    let refused = try refusal { _ = try write("map.tif", windows: [], format: .cog) }
    #expect(refused?.remedy.contains("--overwrite") == true)
    #expect(try write("map.tif", windows: [], format: .cog, overwrite: true) == [660_000, 0, 0, 0])
    #expect(try folder.contents() == ["map.tif", "map.tif.aux.xml"])
    let file = try RasterFile.open(folder.file("map.tif"))
    #expect(try file.legend()?.entries.map(\.pixelCount) == [0, 0, 0])
    let grid = RasterGrid(width: 4, height: 4)
    let plain = try RasterWriter.confidence(
      path: folder.file("map.tif"), overwrite: true, grid: grid)
    try plain.publish()
    #expect(try RasterFile.open(folder.file("map.tif")).legend() == nil)
  }

  @Test func `small patches join their largest neighbour, nodata stays`() throws {
    var writer = try LabelMapWriter(
      path: folder.file("map.tif"), overwrite: false, grid: RasterGrid(width: 5, height: 3),
      classes: classes)
    try writer.write(
      [1, 1, 1, 1, 0, 1, 3, 1, 1, 0, 1, 1, 1, 2, 0],
      in: Window(
        column: 0, row: 0, width: 5, height: 3))
    try writer.sieve(smallerThan: 2)
    #expect(
      try writer.read(Window(column: 0, row: 0, width: 5, height: 3))
        == [1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0])
  }

  @Test func `creation options that change pixels or are unknown are refused`() throws {
    for options in [
      ["COMPRESS": "JPEG"], ["TILING_SCHEME": "GoogleMapsCompatible"], ["BLOCKSZ": "256"],
      ["LEVEL": "high"],
    ] {
      let error = try refusal {
        _ = try LabelMapWriter(
          path: folder.file("map.tif"), overwrite: false, grid: RasterGrid(width: 8, height: 8),
          classes: classes, creationOptions: options)
      }
      #expect(error?.operation == "write", "\(options)")
      #expect(try folder.contents().isEmpty)
    }
    let writer = try LabelMapWriter(
      path: folder.file("map.tif"), overwrite: false, grid: RasterGrid(width: 300, height: 8),
      classes: classes, creationOptions: ["compress": "LZW", "BLOCKSIZE": "128"])
    try writer.publish()
    let description = try RasterFile.open(folder.file("map.tif")).description
    #expect(description.compression == "LZW" && description.blockWidth == 128)
  }
}
