import Testing

@testable import Raster

@Suite struct OpeningTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func expectRefusal(
    _ path: String, reason: String, remedy: String, allowVRT: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = try #require(
      try refusal { _ = try RasterFile.open(path, allowVRT: allowVRT) },
      sourceLocation: sourceLocation)
    #expect(error.path == path, sourceLocation: sourceLocation)
    #expect(error.reason.contains(reason), "\(error)", sourceLocation: sourceLocation)
    #expect(error.remedy.contains(remedy), "\(error)", sourceLocation: sourceLocation)
    #expect(!error.description.contains { $0.isNewline }, sourceLocation: sourceLocation)
  }

  @Test func `files that are no rasters are refused with reason and remedy`() throws {
    try expectRefusal(folder.file("absent.tif"), reason: "no such file", remedy: "check the path")
    try expectRefusal(folder.path, reason: "folder", remedy: "file inside")
    try expectRefusal(folder.write([], to: "empty.tif"), reason: "empty", remedy: "again")
    try expectRefusal(
      folder.write(Array("column,row\n1,2\n".utf8), to: "table.tif"),
      reason: "not a raster of a known format", remedy: "GeoTIFF")
    try expectRefusal("", reason: "path is empty", remedy: "name a raster")
  }

  @Test func `virtual rasters are opened on request only`() throws {
    let source = try folder.raster("source.tif", width: 3, height: 2, values: [1, 2, 3, 4, 5, 6])
    #expect(source == folder.file("source.tif"))
    let text = """
      <VRTDataset rasterXSize="3" rasterYSize="2"><VRTRasterBand dataType="Float32" band="1">
      <SimpleSource><SourceFilename relativeToVRT="1">source.tif</SourceFilename>
      <SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>
      """
    let path = try folder.write(Array(text.utf8), to: "virtual.vrt")
    try expectRefusal(path, reason: "virtual", remedy: "gdal_translate")
    let file = try RasterFile.open(path, allowVRT: true)
    #expect(
      try file.read(file.description.fullWindow, bands: [1]).values == [1, 2, 3, 4, 5, 6])
  }

  @Test func `rasters without bands are refused`() throws {
    let text = "<VRTDataset rasterXSize=\"3\" rasterYSize=\"2\"></VRTDataset>"
    let path = try folder.write(Array(text.utf8), to: "none.vrt")
    try expectRefusal(path, reason: "bands", remedy: "anew", allowVRT: true)
    let bytes = tiff(
      width: 2, height: 2, bitsPerSample: 8, sampleFormat: 1, stripBytes: 4, pixels: [1, 2, 3, 4],
      samplesPerPixel: 0)
    try expectRefusal(
      folder.write(bytes, to: "none.tif"), reason: "SamplesPerPixel", remedy: "again")
  }

  @Test func `complex pixels are refused`() throws {
    let bytes = tiff(
      width: 2, height: 2, bitsPerSample: 64, sampleFormat: 6, stripBytes: 32,
      pixels: [UInt8](repeating: 0, count: 32))
    let path = try folder.write(bytes, to: "complex.tif")
    try expectRefusal(path, reason: "complex", remedy: "real numbers")
  }

  @Test func `absurd sizes are refused`() throws {
    let wide = tiff(
      width: 2_000_000_000, height: 2, bitsPerSample: 8, sampleFormat: 1, stripBytes: 4,
      pixels: [0, 0, 0, 0])
    try expectRefusal(
      try folder.write(wide, to: "wide.tif"), reason: "absurd", remedy: "gdal_translate")
    let tall = tiff(
      width: 100_000, height: 100_000, bitsPerSample: 8, sampleFormat: 1,
      stripBytes: UInt32.max, pixels: [0, 0, 0, 0])
    #expect(throws: RasterError.self) {
      let file = try RasterFile.open(try folder.write(tall, to: "tall.tif"))
      _ = try file.read(Window(column: 0, row: 0, width: 2, height: 2), bands: [1])
    }
  }

  @Test(arguments: [0.02, 0.3, 0.7, 0.99])
  func `files cut short are refused, however much is left`(part: Double) throws {
    var generator = Sequence32(state: 7)
    let values = (0..<300 * 200).map { _ in Float(generator.next() >> 24) }
    for (name, options) in [
      ("plain", ["COMPRESS": "NONE"]), ("strips", ["TILED": "NO", "COMPRESS": "LZW"]),
      ("tiles", ["BLOCKXSIZE": "64", "BLOCKYSIZE": "64"]),
    ] {
      var options = options
      if options["TILED"] == "NO" {
        options["BLOCKXSIZE"] = "300"
        options["BLOCKYSIZE"] = "16"
      }
      _ = try folder.raster(
        "\(name).tif", width: 300, height: 200, values: values, dataType: .uint8,
        creationOptions: options)
      let bytes = try folder.bytes(of: "\(name).tif")
      let path = try folder.write(
        Array(bytes[..<Int(Double(bytes.count) * part)]), to: "\(name)-cut.tif")
      let error = try #require(
        try refusal {
          let file = try RasterFile.open(path)
          _ = try file.read(file.description.fullWindow, bands: [1])
        }, "\(name) cut to \(part)")
      #expect(error.reason.contains("cut short"), "\(error)")
      #expect(error.path == path)
    }
  }

  @Test func `pixels damaged within the file are an error, not zeros`() throws {
    var generator = Sequence32(state: 3)
    let values = (0..<256 * 256).map { _ in Float(generator.next() >> 28) }
    _ = try folder.raster(
      "whole.tif", width: 256, height: 256, values: values, dataType: .uint8,
      creationOptions: ["BLOCKXSIZE": "64", "BLOCKYSIZE": "64"])
    var bytes = try folder.bytes(of: "whole.tif")
    for position in bytes.count / 2..<bytes.count / 2 + 600 { bytes[position] = 0xFF }
    let file = try RasterFile.open(try folder.write(bytes, to: "damaged.tif"))
    let error = try refusal { _ = try file.read(file.description.fullWindow, bands: [1]) }
    #expect(error?.reason.contains("damaged") == true)
  }

  @Test func `a description says what the file holds`() throws {
    let path = try folder.raster(
      "bands.tif", width: 5, height: 3, values: [Float](repeating: 9, count: 60),
      dataType: .uint16, nodata: 0, bandNames: ["red", "Green", "blue", "NIR"])
    let description = try RasterFile.open(path).description
    #expect(description.width == 5 && description.height == 3)
    #expect(description.bands.map(\.index) == [1, 2, 3, 4])
    #expect(description.bands.map(\.name) == ["red", "Green", "blue", "NIR"])
    #expect(
      description.bands.map(\.colourInterpretation) == [.red, .green, .blue, .nearInfrared])
    #expect(description.bands.allSatisfy { $0.dataType == .uint16 && $0.nodata == 0 })
    #expect(description.maskKind == .nodata)
    #expect(description.driver == "GTiff" && description.compression == "DEFLATE")
    #expect(description.geoTransform == nil && description.coordinateSystem == nil)
    #expect(description.dataBandIndices == [1, 2, 3, 4])
  }

  /// Only where the map's unit of area is one of ground.
  @Test(arguments: [
    ("Transverse_Mercator", "metre", 1, 100.0), ("Transverse_Mercator", "foot", 0.3048, 9.290304),
    ("Mercator_1SP", "metre", 1, nil),
  ])
  func pixelsOfAProjectionHaveAnArea(
    projection: String, unit: String, metres: Double, area: Double?
  ) throws {
    let grid = RasterGrid(
      width: 4, height: 3, geoTransform: [500_000, 8, 6, 6_000_000, 6, -8],
      coordinateSystem: """
        PROJCS["somewhere",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,\
        298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],\
        PROJECTION["\(projection)"],PARAMETER["latitude_of_origin",0],\
        PARAMETER["central_meridian",9],PARAMETER["scale_factor",1],\
        PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["\(unit)",\(metres)]]
        """)
    let writer = try RasterWriter(
      path: folder.file("placed.tif"), overwrite: false, grid: grid, bandNames: [""],
      dataType: .uint8)
    try writer.publish()
    let found = try RasterFile.open(folder.file("placed.tif")).description.pixelArea
    #expect(found.map { ($0 * 1e6).rounded() / 1e6 } == area)
  }
}

/// A short sequence of pseudo-random numbers: a linear congruence, the same everywhere.
struct Sequence32 {
  var state: UInt32
  mutating func next() -> UInt32 {
    state = state &* 1_664_525 &+ 1_013_904_223
    return state
  }
}
