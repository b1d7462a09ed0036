internal import Foundation

/// A folder of many files that appears whole or not at all.
///
/// Files come to be in a hidden folder beside the target; ``publish()`` flushes them and renames it.
/// A folder that goes away unpublished takes its files along.
public final class OutputFolder: Sendable {
  /// Where the folder will be.
  public let path: String
  private let overwrite: Bool
  private let marker: String
  private let staging: StagingFolder

  /// Starts a folder.
  ///
  /// - Parameters:
  ///   - path: The folder to be made.
  ///   - overwrite: Whether a folder there that holds a file of the marker's name, being one made
  ///     like this, may be replaced. Other folders never are, unless empty.
  ///   - marker: The file name by which such folders are known; it must be among the files written.
  /// - Throws: ``RasterError`` where something stands at `path`, or the folder around it is missing
  ///   or not writable.
  public init(_ path: String, overwrite: Bool, marker: String) throws {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    self.overwrite = overwrite
    self.marker = marker
    try Self.check(path, overwrite: overwrite, marker: marker)
    staging = try StagingFolder(beside: path)
    try makeFolder("")
  }

  private static func check(_ path: String, overwrite: Bool, marker: String) throws {
    func failure(_ reason: String, _ remedy: String) -> RasterError {
      RasterError(operation: "write", path: path, reason: reason, remedy: remedy)
    }
    guard !path.isEmpty, !path.utf8.contains(0), path != "/" else {
      throw failure("it is no name for a new folder", "name the folder to make")
    }
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw failure("it exists and is no folder", "choose another path")
    }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw failure("it exists and cannot be listed", "choose another path")
    }
    if names.isEmpty { return }
    guard names.contains(marker) else {
      throw failure(
        "it exists and holds other files, which are never replaced", "choose another path")
    }
    guard overwrite else {
      throw failure("it exists already", "give --overwrite to replace it, or another path")
    }
  }

  /// Where to write a file of the folder until it appears.
  public func file(_ name: String) -> String {
    staging.file(name.isEmpty ? "folder" : "folder/\(name)")
  }

  /// Makes a folder in it.
  public func makeFolder(_ name: String) throws {
    guard mkdir(file(name), 0o777) == 0 else { throw failure(errno) }
  }

  /// Writes a file of text.
  public func write(_ text: String, to name: String) throws {
    do {
      try Data(text.utf8).write(to: URL(filePath: file(name)))
    } catch {
      throw RasterError(
        operation: "write", path: "\(path)/\(name)", reason: "the disk does not take it",
        remedy: "check the disk's free space and the folder's permissions")
    }
  }

  /// Makes the folder appear at its path, all its files on the disk. Nothing is there before.
  ///
  /// - Throws: ``RasterError``; then what stood there stands there still.
  public func publish() throws {
    precondition(access(file(marker), F_OK) == 0, "\(marker) is missing")
    let names = FileManager.default.enumerator(atPath: file(""))?.compactMap { $0 as? String }
    for name in (names ?? []) + [""] {
      let descriptor = open(file(name), O_RDONLY)
      guard descriptor >= 0 else { throw failure(errno) }
      let result = fsync(descriptor)
      let code = errno
      close(descriptor)
      // Not every file system can sync a folder, which says so by these.
      guard result == 0 || code == EINVAL || code == EBADF else { throw failure(code) }
    }
    try Self.check(path, overwrite: overwrite, marker: marker)
    // An empty folder gives way to a rename; a full one is moved aside, and back should that fail.
    let old = staging.file("old")
    let moved = rename(path, old) == 0
    guard rename(file(""), path) == 0 else {
      let code = errno
      if moved { rename(old, path) }
      throw failure(code)
    }
  }

  /// Removes what has been written, now rather than when the last to hold this object goes.
  public func discard() { staging.remove() }

  private func failure(_ code: Int32) -> RasterError {
    RasterError(
      operation: "write", path: path, reason: String(cString: strerror(code)).lowercased(),
      remedy: "check the disk's free space and the folder's permissions")
  }
}
