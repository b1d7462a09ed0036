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
    // GDAL's block cache takes a twentieth of the machine's memory unless told otherwise. A
    // quarter of a gibibyte holds a row of tiles of a wide raster and stays small on a large
    // machine. A person's own GDAL_CACHEMAX wins.
    let largestCache: Int64 = 256 << 20
    if CPLGetConfigOption("GDAL_CACHEMAX", nil) == nil, GDALGetCacheMax64() > largestCache {
      GDALSetCacheMax64(largestCache)
    }
    return true
  }
}

/// A list of strings as GDAL takes it: null-terminated, owned here.
final class GDALStringList {
  private(set) var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

  init(_ strings: [String] = []) {
    for string in strings { pointer = CSLAddString(pointer, string) }
  }

  /// A list of `KEY=VALUE`, in the order of the keys.
  convenience init(pairs: [String: String]) {
    self.init()
    for (key, value) in pairs.sorted(by: { $0.key < $1.key }) {
      pointer = CSLSetNameValue(pointer, key, value)
    }
  }

  deinit { CSLDestroy(pointer) }

  /// The list where GDAL asks for `const char *const *`.
  var constant: UnsafePointer<UnsafePointer<CChar>?>? {
    pointer.map { UnsafeRawPointer($0).assumingMemoryBound(to: UnsafePointer<CChar>?.self) }
  }
}
