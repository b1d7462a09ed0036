internal import CGDAL

/// Owns one GDAL dataset handle; one worker at a time uses it.
final class GDALDataset {
  let handle: GDALDatasetH
  private var isOpen = true

  init(owning handle: GDALDatasetH) { self.handle = handle }

  deinit {
    if isOpen { GDALErrors.collecting { _ in GDALClose(handle) } }
  }

  /// Closes the dataset and returns what GDAL had to say: it writes what it still holds only now,
  /// and `GDALClose` returns nothing to check.
  func close() -> GDALErrors {
    GDALErrors.collecting { errors in
      precondition(isOpen, "the dataset is closed already")
      isOpen = false
      GDALClose(handle)
      return errors
    }
  }

  func band(_ index: Int) -> GDALRasterBandH {
    guard let band = GDALGetRasterBand(handle, Int32(index)) else {
      preconditionFailure("no band \(index) of \(GDALGetRasterCount(handle))")
    }
    return band
  }

  /// Registers GDAL's drivers, once a process; touched before any other call.
  static let driversAreRegistered: Bool = GDALErrors.collecting { _ in
    GDALAllRegister()
    // This driver makes its list of options when first asked for it, without a lock.
    if let driver = GDALGetDriverByName("COG") {
      _ = GDALGetMetadataItem(driver, "DMD_CREATIONOPTIONLIST", nil)
    }
    // GDAL's block cache takes a twentieth of the machine's memory unless told otherwise. This
    // holds a row of 512-pixel tiles of four Byte bands 60,000 pixels wide, and stays small on a
    // large machine. A person's own GDAL_CACHEMAX wins.
    let largestCache: Int64 = 128 << 20
    if CPLGetConfigOption("GDAL_CACHEMAX", nil) == nil, GDALGetCacheMax64() > largestCache {
      GDALSetCacheMax64(largestCache)
    }
    return true
  }
}

/// A list of strings as GDAL takes it: null-terminated, owned here.
final class GDALStringList {
  private var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

  init(_ strings: [String] = []) {
    for string in strings { list = CSLAddString(list, string) }
  }

  /// A list of `KEY=VALUE`, in the order of the keys.
  convenience init(pairs: [String: String]) {
    self.init()
    for (key, value) in pairs.sorted(by: { $0.key < $1.key }) {
      list = CSLSetNameValue(list, key, value)
    }
  }

  deinit { CSLDestroy(list) }

  /// Calls `body` with the list, which lives as long as the call.
  func withPointer<Result>(
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(self) { try body(list) }
  }

  /// Calls `body` with the list where GDAL asks for `const char *const *`.
  func withConstantPointer<Result>(
    _ body: (UnsafePointer<UnsafePointer<CChar>?>?) throws -> Result
  ) rethrows -> Result {
    try withPointer { list in
      try body(
        list.map { UnsafeRawPointer($0).assumingMemoryBound(to: UnsafePointer<CChar>?.self) })
    }
  }
}
