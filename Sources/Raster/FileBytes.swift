internal import CGDAL

/// Bytes of files that are no rasters: on disk, compressed with gzip, or inside an archive, through
/// GDAL's virtual file systems.
///
/// A path is a file on disk or one of GDAL's virtual paths, which ``unzipping(_:)`` and
/// ``member(_:ofArchive:)`` make. Nothing is unpacked to disk.
public enum FileBytes {
  private static let chunkBytes = 1 << 20
  /// Archives of more files than this are not what anybody would look through by name.
  private static let largestMemberCount = 1_000_000

  /// The path of what the gzip file at `path` holds.
  public static func unzipping(_ path: String) -> String { "/vsigzip/" + path }

  /// The path of a file inside a tar archive, compressed with gzip or not.
  public static func member(_ name: String, ofArchive archive: String) -> String {
    "/vsitar/{\(archive)}/\(name)"
  }

  /// The first `limit` bytes of a file, or all of them where it has no more.
  ///
  /// - Throws: ``RasterError`` where the file cannot be opened or is damaged.
  public static func read(_ path: String, upTo limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try readChunks(of: path) { chunk in
      bytes += chunk.prefix(limit - bytes.count)
      return bytes.count < limit
    }
    return bytes
  }

  /// How many bytes a file holds, counted by reading it: of a compressed file only that tells.
  ///
  /// - Throws: ``RasterError`` where the file cannot be opened or is damaged.
  public static func length(of path: String) throws -> Int {
    var length = 0
    try readChunks(of: path) { chunk in
      length += chunk.count
      return true
    }
    return length
  }

  /// The files in a tar archive with their sizes, in the archive's order; folders are left out.
  ///
  /// - Throws: ``RasterError`` where it is no archive or a damaged one.
  public static func members(ofArchive archive: String) throws -> [(name: String, bytes: Int)] {
    try quietly { errors in
      guard let folder = VSIOpenDir("/vsitar/{\(archive)}", -1, nil) else {
        throw failure("open", archive, "it is not a tar archive", errors, "get the file again")
      }
      defer { VSICloseDir(folder) }
      var members: [(name: String, bytes: Int)] = []
      while let entry = VSIGetNextDirEntry(folder) {
        guard entry.pointee.nMode & S_IFMT != S_IFDIR else { continue }
        members.append((String(cString: entry.pointee.pszName), Int(clamping: entry.pointee.nSize)))
        guard members.count <= largestMemberCount else {
          throw RasterError(
            operation: "open", path: archive,
            reason: "it holds more than \(largestMemberCount) files", remedy: "unpack it")
        }
      }
      if members.isEmpty {
        throw failure("open", archive, "no files can be found in it", errors, "get the file again")
      }
      return members
    }
  }

  /// Hands out a file's bytes, a chunk at a time, until `body` returns false.
  private static func readChunks(of path: String, _ body: ([UInt8]) -> Bool) throws {
    try quietly { errors in
      guard !path.isEmpty, !path.utf8.contains(0), let file = VSIFOpenL(path, "rb") else {
        throw failure("open", path, "no such file, or it cannot be read", errors, "check the path")
      }
      defer { VSIFCloseL(file) }
      while true {
        let chunk = [UInt8](unsafeUninitializedCapacity: chunkBytes) { buffer, count in
          count = VSIFReadL(buffer.baseAddress, 1, chunkBytes, file)
        }
        guard !errors.hasFailed else {
          throw failure(
            "read", path, "the file is damaged or cut short", errors, "get the file again")
        }
        guard !chunk.isEmpty, body(chunk) else { return }
      }
    }
  }

  /// Runs `body` with GDAL's messages collected, and keeps it from writing beside gzip files, as
  /// it otherwise does to remember how long they are.
  private static func quietly<Result>(_ body: (GDALErrors) throws -> Result) rethrows -> Result {
    try GDALThreadOption.with("CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO") {
      try GDALErrors.collecting(body)
    }
  }

  private static func failure(
    _ operation: String, _ path: String, _ reason: String, _ errors: GDALErrors, _ remedy: String
  ) -> RasterError {
    // What zlib has to say names a line of GDAL's source and nothing else.
    let cause = errors.cause.flatMap { $0.hasPrefix("In file ") ? nil : $0 }
    let said = cause.map { " (\(GDALErrors.message($0, without: path)))" } ?? ""
    return RasterError(operation: operation, path: path, reason: reason + said, remedy: remedy)
  }
}
