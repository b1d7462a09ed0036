internal import CGDAL
internal import Foundation

/// A raster file open for reading.
///
/// It belongs to one worker at a time; workers that read the same file each open it, which is
/// cheap. Formats read are GeoTIFF (cloud-optimised ones too), JPEG, PNG and JPEG 2000. GDAL's
/// virtual rasters, which name other files, are read only on request.
public final class RasterFile {
  /// What the file says of itself.
  public let description: RasterDescription
  let dataset: GDALDataset

  private init(dataset: GDALDataset, description: RasterDescription) {
    self.dataset = dataset
    self.description = description
  }

  /// Opens the raster at `path`.
  ///
  /// - Parameters:
  ///   - path: A file on disk, or one of GDAL's virtual paths (`/vsizip/…`).
  ///   - allowVRT: Whether a virtual raster may be opened, and with it whatever files it names.
  /// - Throws: ``RasterError`` where the file is missing, is not a raster of a known format, is
  ///   damaged or cut short, has no bands, has complex pixels, or is of an absurd size.
  public static func open(_ path: String, allowVRT: Bool = false) throws -> RasterFile {
    precondition(GDALDataset.driversAreRegistered)
    func failure(_ reason: String, _ remedy: String) -> RasterError {
      RasterError(operation: "open", path: path, reason: reason, remedy: remedy)
    }
    let fileSize = try sizeOfFile(at: path, failure: failure)
    let drivers = GDALStringList(
      ["GTiff", "COG", "JPEG", "PNG", "JP2OpenJPEG"] + (allowVRT ? ["VRT"] : []))
    // Asked for rasters alone, GDAL would not say of one without bands what is wrong with it.
    let opened = GDALErrors.collecting { errors in
      let flags = UInt32(GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR)
      let handle = drivers.withConstantPointer { GDALOpenEx(path, flags, $0, nil, nil) }
      return (handle: handle, cause: errors.cause)
    }
    guard let handle = opened.handle else {
      throw reasonNotOpened(path, allowVRT: allowVRT, cause: opened.cause, failure: failure)
    }
    let dataset = GDALDataset(owning: handle)
    let description = try GDALErrors.collecting { _ in
      try describe(dataset, path: path, fileSize: fileSize, failure: failure)
    }
    try GDALErrors.collecting { _ in
      try checkWhole(dataset, description: description, failure: failure)
    }
    return RasterFile(dataset: dataset, description: description)
  }

  private static func sizeOfFile(
    at path: String, failure: (String, String) -> RasterError
  ) throws -> Int {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw failure("the path is empty", "name a raster file")
    }
    if !path.hasPrefix("/vsi") {
      var status = stat()
      guard stat(path, &status) == 0 else {
        throw errno == EACCES
          ? failure("permission denied", "make the folders above it accessible")
          : failure("no such file", "check the path")
      }
      guard status.st_mode & S_IFMT != S_IFDIR else {
        throw failure("it is a folder", "name a raster file inside it")
      }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw failure("it is not a regular file", "name a raster file")
      }
      guard access(path, R_OK) == 0 else {
        throw failure("permission denied", "make the file readable")
      }
    }
    let size = GDALErrors.collecting { _ -> UInt64? in
      guard let file = VSIFOpenL(path, "rb") else { return nil }
      defer { VSIFCloseL(file) }
      return VSIFSeekL(file, 0, SEEK_END) == 0 ? VSIFTellL(file) : nil
    }
    guard let size else { throw failure("no such file", "check the path") }
    guard size > 0 else { throw failure("the file is empty", "get the file again") }
    return Int(clamping: size)
  }

  /// Tells a file that is damaged from one that was never a raster.
  private static func reasonNotOpened(
    _ path: String, allowVRT: Bool, cause: String?, failure: (String, String) -> RasterError
  ) -> RasterError {
    var start = [UInt8](repeating: 0, count: 512)
    if let file = VSIFOpenL(path, "rb") {
      let count = VSIFReadL(&start, 1, start.count, file)
      start.removeLast(start.count - count)
      VSIFCloseL(file)
    }
    let said = cause.map { " (\(GDALErrors.message($0, without: path)))" } ?? ""
    if String(decoding: start, as: UTF8.self).contains("<VRTDataset") {
      guard !allowVRT else {
        return failure("the virtual raster does not hold together\(said)", "make it anew")
      }
      return failure(
        "virtual rasters are not opened", "make a file of it: gdal_translate \(path) raster.tif")
    }
    let tiff: [[UInt8]] = [[0x49, 0x49, 0x2A, 0], [0x4D, 0x4D, 0, 0x2A], [0x49, 0x49, 0x2B, 0]]
    let others: [[UInt8]] = [[0xFF, 0xD8, 0xFF], [0x89, 0x50, 0x4E, 0x47], [0, 0, 0, 12, 0x6A]]
    if (tiff + others).contains(where: { start.starts(with: $0) }) {
      return failure("the file is damaged or cut short\(said)", "get the file again")
    }
    return failure(
      "it is not a raster of a known format", "give a GeoTIFF, JPEG, PNG or JPEG 2000 file")
  }

  /// Refuses a TIFF whose last block lies beyond the end of the file, as after a broken transfer.
  /// Blocks between are checked as they are read.
  private static func checkWhole(
    _ dataset: GDALDataset, description: RasterDescription,
    failure: (String, String) -> RasterError
  ) throws {
    guard description.driver == "GTiff" else { return }
    let lastColumn = (description.width - 1) / description.blockWidth
    let lastRow = (description.height - 1) / description.blockHeight
    for index in Set([1, description.bands.count]) {
      let band = dataset.band(index)
      func number(_ item: String, _ column: Int, _ row: Int) -> Int? {
        GDALGetMetadataItem(band, "\(item)_\(column)_\(row)", "TIFF")
          .flatMap { Int(String(cString: $0)) }
      }
      for (column, row) in [(0, 0), (lastColumn, lastRow)] {
        guard let offset = number("BLOCK_OFFSET", column, row),
          let size = number("BLOCK_SIZE", column, row)
        else { continue }
        let end = offset.addingReportingOverflow(size)
        if end.overflow || end.partialValue > description.fileSize {
          throw failure(
            "the file is cut short: \(description.fileSize) bytes, where pixels go on to byte "
              + "\(end.partialValue)", "get the file again")
        }
      }
    }
  }
}
