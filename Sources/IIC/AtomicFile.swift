internal import Foundation

/// Files that appear whole or not at all.
package enum AtomicFile {
  static let operation = "write"

  /// Writes `bytes` to a temporary file beside `path`, flushes it to the disk and renames it to
  /// `path`, replacing what was there. Throws an ``IICError`` and leaves nothing behind on failure.
  package static func write(_ bytes: [UInt8], to path: String) throws {
    let target = URL(filePath: path)
    let folder = target.deletingLastPathComponent()
    let (descriptor, temporary) = try createTemporary(
      beside: target.lastPathComponent, in: folder, path: path)
    do {
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      do {
        try handle.write(contentsOf: bytes)
      } catch {
        throw failure(path, "writing it failed (is the disk full?)", "make room")
      }
      guard fsync(descriptor) == 0 else { throw failure(path, systemMessage(errno), "make room") }
      do {
        try handle.close()
      } catch {
        throw failure(path, "closing it failed", "check the disk")
      }
      guard rename(temporary, path) == 0 else {
        throw failure(path, systemMessage(errno), "give the path of a file, not of a folder")
      }
    } catch {
      unlink(temporary)
      throw error
    }
    // The name is on the disk only once its folder is; where a file system cannot flush a folder,
    // the file itself is still whole.
    let folderDescriptor = open(folder.path(percentEncoded: false), O_RDONLY | O_CLOEXEC)
    if folderDescriptor >= 0 {
      fsync(folderDescriptor)
      close(folderDescriptor)
    }
  }

  private static func createTemporary(
    beside name: String, in folder: URL, path: String
  ) throws -> (descriptor: Int32, path: String) {
    for attempt in 0..<100 {
      let temporary =
        folder
        .appending(component: ".\(name).\(getpid())-\(attempt).partial")
        .path(percentEncoded: false)
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, temporary) }
      guard errno == EEXIST else {
        throw failure(path, systemMessage(errno), "give a path in a folder that can be written")
      }
    }
    throw failure(path, "temporary files stand in its way", "delete the .partial files beside it")
  }

  /// The system's own words for an error number.
  static func systemMessage(_ number: Int32) -> String {
    switch number {
    case ENOENT: "there is no such file or folder"
    case EACCES, EPERM: "permission is denied"
    case EROFS: "the file system is read-only"
    case ENOSPC, EDQUOT: "the disk is full"
    case EISDIR: "it is a folder"
    case ENOTDIR: "a part of its path is not a folder"
    default: String(cString: strerror(number))
    }
  }

  private static func failure(_ path: String, _ reason: String, _ remedy: String) -> IICError {
    IICError(operation: operation, path: path, reason: reason, remedy: remedy)
  }
}
