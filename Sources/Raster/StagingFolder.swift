internal import Foundation

/// A hidden folder beside an output, in which its files come to be before they appear whole.
///
/// It lies on the output's own file system, so that a rename moves files from one to the other in
/// a single step. Whatever is left in it goes with it. Its name, `.partial-PROCESS-…`, lets a program
/// that is ended in the middle find its own.
final class StagingFolder: Sendable {
  /// The folder's own path.
  let path: String
  private let target: String

  /// Makes a folder beside the file at `target`.
  /// - Throws: ``RasterError`` where the folder around `target` is missing or not writable.
  init(beside target: String) throws {
    func failure(_ reason: String, _ remedy: String) -> RasterError {
      RasterError(operation: "write", path: target, reason: reason, remedy: remedy)
    }
    let folder = OutputPath.folder(of: target)
    var status = stat()
    guard stat(folder, &status) == 0 else {
      throw errno == EACCES
        ? failure("the folder \(folder) is not accessible", "choose a folder you may write to")
        : failure("the folder \(folder) does not exist", "make it first: mkdir -p \(folder)")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw failure("\(folder) is not a folder", "choose another path")
    }
    var template = Array("\(folder)/.partial-\(getpid())-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      let reason = String(cString: strerror(errno)).lowercased()
      throw failure(
        "the folder \(folder) is not writable (\(reason))", "choose a folder you may write to")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    self.target = target
  }

  deinit { remove() }

  /// Removes the folder with all that is left in it.
  func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Moves a finished file, and the sidecar that belongs to it, to the target.
  ///
  /// Both reach the disk before either appears, and the sidecar appears first, so that whoever
  /// sees the file sees its sidecar. Sidecars that an earlier file at the target left behind are
  /// removed: readers would take them for this one's.
  ///
  /// - Parameters:
  ///   - name: The file's name in the folder.
  ///   - sidecarSuffixes: Suffixes to the name by which sidecars go; missing ones are no error.
  ///   - overwrite: Whether a file at the target may be replaced.
  /// - Throws: ``RasterError``; then nothing has been left at the target.
  func publish(_ name: String, sidecarSuffixes: [String] = [], overwrite: Bool) throws {
    func failure(_ code: Int32) -> RasterError {
      RasterError(
        operation: "write", path: target,
        reason: String(cString: strerror(code)).lowercased(),
        remedy: "check the disk's free space and the folder's permissions")
    }
    func sync(_ path: String) throws {
      let descriptor = Glibc.open(path, O_RDONLY)
      guard descriptor >= 0 else { throw failure(errno) }
      defer { close(descriptor) }
      guard fsync(descriptor) == 0 else { throw failure(errno) }
    }
    let staged = file(name)
    try sync(staged)
    let present = sidecarSuffixes.filter { access(staged + $0, F_OK) == 0 }
    for suffix in present { try sync(staged + suffix) }
    guard overwrite || access(target, F_OK) != 0 else {
      throw RasterError(
        operation: "write", path: target, reason: "it has come to exist meanwhile",
        remedy: "give --overwrite to replace it, or another path")
    }
    for suffix in sidecarSuffixes where !present.contains(suffix) { unlink(target + suffix) }
    for suffix in present where rename(staged + suffix, target + suffix) != 0 {
      throw failure(errno)
    }
    guard rename(staged, target) == 0 else {
      let code = errno
      for suffix in present { unlink(target + suffix) }
      throw failure(code)
    }
    // Not every file system can sync a folder; the files themselves are on the disk.
    try? sync(OutputPath.folder(of: target))
  }
}
