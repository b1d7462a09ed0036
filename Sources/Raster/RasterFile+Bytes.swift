internal import CGDAL

extension RasterFile {
  /// Bytes of one image in memory at most.
  private static let largestImage = 1 << 30

  /// Reads a window of bands of 8 bits as they are stored, whatever mask or nodata value there is.
  ///
  /// - Parameters:
  ///   - window: Pixels of the raster; it must lie inside.
  ///   - bands: Band numbers from 1, in the order wanted; a number may be repeated.
  /// - Throws: ``RasterError`` where the window or a band is not there, a band is not of 8 bits, or
  ///   pixels cannot be read, as of a file cut short.
  public func readBytes(_ window: Window, bands: [Int]) throws -> ByteImage {
    try description.check(window)
    try description.check(bands: bands)
    for band in bands where description.bands[band - 1].dataType != .uint8 {
      throw RasterError(
        operation: "read", path: description.path,
        reason: "band \(band) is stored as \(description.bands[band - 1].dataType.rawValue), "
          + "where 8 bits are wanted",
        remedy: "scale it: gdal_translate -ot Byte -scale")
    }
    guard window.pixelCount <= Self.largestImage / bands.count else {
      throw RasterError(
        operation: "read", path: description.path,
        reason: "\(window.width) × \(window.height) pixels of \(bands.count) bands are too many "
          + "at once",
        remedy: "cut it into pieces")
    }
    let count = window.pixelCount * bands.count
    var numbers = bands.map { Int32($0) }
    let pixels = try GDALErrors.collecting { errors in
      try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        let result = GDALDatasetRasterIOEx(
          dataset.handle, GF_Read, Int32(window.column), Int32(window.row), Int32(window.width),
          Int32(window.height), buffer.baseAddress, Int32(window.width), Int32(window.height),
          GDT_Byte, Int32(bands.count), &numbers, Int64(bands.count),
          Int64(bands.count * window.width), 1, nil)
        try check(result, errors, window)
        initialized = count
      }
    }
    return ByteImage(
      width: window.width, height: window.height, channels: bands.count, pixels: pixels)
  }
}

extension RasterFile {
  /// Opens a file without looking for sidecars beside it: of a folder of thousands of files GDAL
  /// would list all for each. Throws as ``open(_:allowVRT:)`` does.
  public static func openAlone(_ path: String) throws -> RasterFile {
    try GDALThreadOption.with("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR") { try open(path) }
  }
}
