internal import CGDAL

/// The one way rasters are written: window by window into a tiled working file, which is then
/// copied in file order into the final format, checked, and published whole.
///
/// The copy makes the bytes depend on the pixels alone, not on the order in which windows came.
/// Memory is bound by GDAL's block cache, whatever the raster's size; the working file takes the
/// uncompressed size on disk.
final class StagedRaster {
  struct Content {
    var bandNames: [String]
    var dataType: RasterDataType
    var nodata: Double?
    var colours: [RGBColour] = []
    var overviews: OverviewResampling
    var metadata: [String: String]
  }

  let path: String
  let grid: RasterGrid
  let content: Content
  private let overwrite: Bool
  private let format: RasterFormat
  private let threads: Int
  private let options: GDALStringList
  private let folder: StagingFolder
  private let working: GDALDataset
  private(set) var isFinished = false

  /// The side of the working file's tiles, and of the windows it is gone through by.
  static let tileSide = 512

  init(
    path: String, overwrite: Bool, grid: RasterGrid, content: Content, format: RasterFormat,
    creationOptions: [String: String], threads: Int
  ) throws {
    precondition(threads >= 1, "\(threads) threads")
    precondition(!content.bandNames.isEmpty, "a raster without bands")
    try OutputPath.check(path, overwrite: overwrite)
    options = try format.creationOptions(
      creationOptions, isFloatingPoint: content.dataType.integerRange == nil,
      overviews: content.overviews, threads: threads, path: path)
    folder = try StagingFolder(beside: path)
    self.path = path
    self.overwrite = overwrite
    self.grid = grid
    self.content = content
    self.format = format
    self.threads = threads
    working = try Self.makeWorkingFile(
      at: folder.file("working.tif"), target: path, grid: grid, content: content)
  }

  private static func makeWorkingFile(
    at file: String, target: String, grid: RasterGrid, content: Content
  ) throws -> GDALDataset {
    // Unwritten tiles of a sparse file read as nodata. Left to itself, GDAL would take the fourth
    // of four Byte bands for transparency.
    let options = [
      "TILED": "YES", "BLOCKXSIZE": "\(tileSide)", "BLOCKYSIZE": "\(tileSide)",
      "INTERLEAVE": "BAND", "SPARSE_OK": "TRUE", "BIGTIFF": "IF_SAFER",
      "PHOTOMETRIC": content.colours.isEmpty ? "MINISBLACK" : "PALETTE",
    ]
    return try makeFile(
      at: file, driver: RasterFormat.geoTIFF.driver, options: options, target: target, grid: grid,
      content: content)
  }

  /// A new dataset of a grid and bands, named, coloured and placed, without pixels yet; errors
  /// speak of `target`.
  static func makeFile(
    at file: String, driver: GDALDriverH, options: [String: String], target: String,
    grid: RasterGrid, content: Content
  ) throws -> GDALDataset {
    try GDALErrors.collecting { errors in
      let created = GDALStringList(pairs: options).withPointer { options in
        GDALCreate(
          driver, file, Int32(grid.width), Int32(grid.height), Int32(content.bandNames.count),
          content.dataType.stored, options)
      }
      guard let handle = created else { throw failure(target, cause: errors.cause) }
      let dataset = GDALDataset(owning: handle)
      if var transform = grid.geoTransform { GDALSetGeoTransform(handle, &transform) }
      if let text = grid.coordinateSystem {
        guard let system = OSRNewSpatialReference(text) else {
          throw failure(target, cause: "its coordinate reference system is not understood")
        }
        defer { OSRDestroySpatialReference(system) }
        OSRSetAxisMappingStrategy(system, OAMS_TRADITIONAL_GIS_ORDER)
        GDALSetSpatialRef(handle, system)
      }
      GDALStringList(pairs: content.metadata).withPointer { items in
        _ = GDALSetMetadata(handle, items, nil)
      }
      for (index, name) in content.bandNames.enumerated() {
        let band = dataset.band(index + 1)
        if !name.isEmpty { GDALSetDescription(band, name) }
        if let colour = colourInterpretation(named: name) {
          GDALSetRasterColorInterpretation(band, colour)
        }
        if let nodata = content.nodata { GDALSetRasterNoDataValue(band, nodata) }
        if !content.colours.isEmpty { setColourTable(content.colours, of: band) }
      }
      guard !errors.hasFailed else { throw failure(target, cause: errors.cause) }
      return dataset
    }
  }

  /// What a band of this name shows, where it is one of the three colours of a picture.
  private static func colourInterpretation(named name: String) -> GDALColorInterp? {
    switch name {
    case "red": GCI_RedBand
    case "green": GCI_GreenBand
    case "blue": GCI_BlueBand
    default: nil
    }
  }

  /// Gives value 0 no colour, and the values from 1 the given ones.
  private static func setColourTable(_ colours: [RGBColour], of band: GDALRasterBandH) {
    let table = GDALCreateColorTable(GPI_RGB)
    defer { GDALDestroyColorTable(table) }
    var clear = GDALColorEntry(c1: 0, c2: 0, c3: 0, c4: 0)
    GDALSetColorEntry(table, 0, &clear)
    for (index, colour) in colours.enumerated() {
      var entry = GDALColorEntry(
        c1: Int16(colour.red), c2: Int16(colour.green), c3: Int16(colour.blue), c4: 255)
      GDALSetColorEntry(table, Int32(index + 1), &entry)
    }
    GDALSetRasterColorTable(band, table)
  }

  /// Writes pixel-interleaved values into a window of the grid. Traps where they do not fit it.
  func write<Value: StoredValue>(_ values: [Value], in window: Window) throws {
    let bandCount = content.bandNames.count
    precondition(
      values.count == window.pixelCount * bandCount,
      "\(values.count) values for \(window.height) × \(window.width) × \(bandCount)")
    try values.withUnsafeBytes { buffer in
      // GDAL reads from the buffer only, for all that its type says.
      let start = UnsafeMutableRawPointer(mutating: buffer.baseAddress)
      try transfer(GF_Write, window, start, of: Value.self)
    }
  }

  /// Reads pixel-interleaved values of a window of what has been written so far.
  func read<Value: StoredValue>(_ window: Window, as type: Value.Type) throws -> [Value] {
    var values = [Value](repeating: 0, count: window.pixelCount * content.bandNames.count)
    try values.withUnsafeMutableBytes { buffer in
      try transfer(GF_Read, window, buffer.baseAddress, of: Value.self)
    }
    return values
  }

  private func transfer<Value: StoredValue>(
    _ direction: GDALRWFlag, _ window: Window, _ buffer: UnsafeMutableRawPointer?,
    of type: Value.Type
  ) throws {
    precondition(
      window.width > 0 && window.height > 0 && grid.fullWindow.contains(window),
      "window \(window) of a grid of \(grid.width) × \(grid.height)")
    let bandCount = content.bandNames.count
    let bytes = MemoryLayout<Value>.stride
    var numbers = (1...bandCount).map { Int32($0) }
    try GDALErrors.collecting { errors in
      let result = GDALDatasetRasterIOEx(
        working.handle, direction, Int32(window.column), Int32(window.row), Int32(window.width),
        Int32(window.height), buffer, Int32(window.width), Int32(window.height),
        Value.type, Int32(bandCount), &numbers, Int64(bytes * bandCount),
        Int64(bytes * bandCount * window.width), Int64(bytes), nil)
      guard result == CE_None, !errors.hasFailed else {
        throw Self.failure(path, cause: errors.cause)
      }
    }
  }

  /// Runs `change` on the working file's first band, GDAL's complaints becoming errors.
  func changeFirstBand(_ change: (GDALRasterBandH) -> CPLErr) throws {
    try GDALErrors.collecting { errors in
      guard change(working.band(1)) == CE_None, !errors.hasFailed else {
        throw Self.failure(path, cause: errors.cause)
      }
    }
  }

  /// The patches of the first band as polygons, as written so far.
  func polygons(
    of classes: [LabelMapClass], at path: String, overwrite: Bool, observe: (Double) -> Void
  ) throws -> LabelPolygons {
    try LabelPolygons(
      of: working.band(1), classes: classes, coordinateSystem: grid.coordinateSystem, path: path,
      overwrite: overwrite, observe: observe)
  }

  /// Copies the working file as it is into the final format, and drops the copy: shows whether the
  /// format takes the creation options, of which GDAL judges some only then.
  func tryFormat() throws {
    do {
      try copy(to: folder.file("trial.tif"), observe: { _ in })
    } catch var error as RasterError {
      error.remedy = "choose other creation options"
      throw error
    }
  }

  /// Copies the working file into the final format, beside the path.
  ///
  /// - Parameters:
  ///   - observe: Called with the part of the work that is done, 0 to 1.
  ///   - isWhole: Looks at the finished file; `false` refuses it.
  func finish(
    observe: (Double) -> Void, _ isWhole: (RasterFile) throws -> Bool = { _ in true }
  ) throws {
    let finished = folder.file(Self.finishedName)
    try copy(to: finished, observe: observe)
    do {
      let file = try RasterFile.open(finished)
      let description = file.description
      guard description.width == grid.width, description.height == grid.height,
        description.bands.count == content.bandNames.count, try isWhole(file)
      else { throw Self.failure(path, cause: "parts of it did not reach the disk") }
    } catch let error as RasterError {
      throw Self.failure(path, cause: error.reason)
    }
    isFinished = true
  }

  /// Moves the finished file to its path.
  func publish() throws {
    precondition(isFinished, "a raster published before it is finished")
    // GDAL keeps category names and attribute tables in .aux.xml; the other two are never made
    // here, and would be taken for this file's if an earlier one left them behind.
    try folder.publish(
      Self.finishedName, sidecarSuffixes: [".aux.xml", ".ovr", ".msk"], overwrite: overwrite)
  }

  private static let finishedName = "finished.tif"

  /// Copies the working file into the final format.
  ///
  /// GDAL may learn of a full disk only as it flushes or closes, neither of which returns anything
  /// to check: its error state is looked at after each.
  private func copy(to target: String, observe: (Double) -> Void) throws {
    try GDALErrors.collecting { errors in
      func failure(_ cause: String?) -> RasterError {
        Self.failure(path, cause: cause.map { GDALErrors.message($0, without: target) })
      }
      func check() throws {
        guard !errors.hasFailed else { throw failure(errors.cause) }
      }
      GDALFlushCache(working.handle)
      try check()
      if format == .geoTIFF { try buildOverviews(check) }
      let copy = options.withPointer { options in
        GDALProgress.observed(by: observe) { callback, argument in
          GDALCreateCopy(format.driver, target, working.handle, 0, options, callback, argument)
        }
      }
      guard let copy else { throw failure(errors.cause) }
      let closing = GDALDataset(owning: copy).close()
      try check()
      guard !closing.hasFailed else { throw failure(closing.cause) }
    }
  }

  /// Halves the size until it fits a tile.
  private func buildOverviews(_ check: () throws -> Void) throws {
    var factors: [Int32] = []
    var side = max(grid.width, grid.height)
    while side > Self.tileSide {
      factors.append((factors.last ?? 1) * 2)
      side /= 2
    }
    guard !factors.isEmpty else { return }
    // This thread's own setting, and only for as long as overviews are made.
    CPLSetThreadLocalConfigOption("GDAL_NUM_THREADS", "\(threads)")
    defer { CPLSetThreadLocalConfigOption("GDAL_NUM_THREADS", nil) }
    let result = GDALBuildOverviews(
      working.handle, content.overviews.rawValue, Int32(factors.count), factors, 0, nil, nil, nil)
    try check()
    guard result == CE_None else { throw Self.failure(path, cause: nil) }
  }

  static func failure(_ path: String, cause: String?) -> RasterError {
    if let cause, cause.contains("No space left on device") {
      return RasterError(
        operation: "write", path: path, reason: "the disk is full",
        remedy: "free some space, or write to another disk")
    }
    return RasterError(
      operation: "write", path: path, reason: cause ?? "GDAL could not write it",
      remedy: "check the disk's free space and the folder's permissions")
  }
}

/// A Swift type that GDAL reads from memory and writes to memory.
protocol StoredValue: Numeric {
  static var type: GDALDataType { get }
}

extension UInt8: StoredValue {
  static var type: GDALDataType { GDT_Byte }
}

extension Float: StoredValue {
  static var type: GDALDataType { GDT_Float32 }
}

extension RasterDataType {
  /// GDAL's constant of a type that rasters are written as.
  fileprivate var stored: GDALDataType {
    switch self {
    case .uint8: GDT_Byte
    case .uint16: GDT_UInt16
    case .int16: GDT_Int16
    case .uint32: GDT_UInt32
    case .int32: GDT_Int32
    case .float32: GDT_Float32
    case .float64: GDT_Float64
    case .int8, .uint64, .int64: preconditionFailure("rasters are not written as \(rawValue)")
    }
  }
}
