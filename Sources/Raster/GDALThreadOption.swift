internal import CGDAL

/// One of GDAL's configuration options, set for a piece of work on this thread.
enum GDALThreadOption {
  /// Runs `body` with the option set, then sets it back.
  static func with<Result>(
    _ key: String, _ value: String, _ body: () throws -> Result
  ) rethrows -> Result {
    let before = CPLGetThreadLocalConfigOption(key, nil).map { String(cString: $0) }
    CPLSetThreadLocalConfigOption(key, value)
    defer { CPLSetThreadLocalConfigOption(key, before) }
    return try body()
  }
}
