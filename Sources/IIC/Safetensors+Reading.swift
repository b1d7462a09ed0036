internal import Crypto
internal import Foundation

extension Safetensors {
  /// Reads a file, and the SHA-256 of its bytes in hexadecimal on the way.
  static func readingWithDigest(_ path: String) throws -> (contents: Safetensors, digest: String) {
    do {
      let file = try InputFile(path)
      var hash = SHA256()
      func read(_ count: Int) throws -> [UInt8] {
        let bytes = try file.read(count)
        hash.update(data: bytes)
        return bytes
      }
      // The header vouches for itself against the file's size before anything large is read.
      let headerLength = try SafetensorsHeader.length(
        prefix: read(min(8, file.size))[...], fileSize: file.size)
      let header = try SafetensorsHeader(
        json: read(headerLength)[...], payloadSize: file.size - 8 - headerLength)
      let contents = try Safetensors(header: header) { try read($0.count) }
      return (contents, ModelDigest.hexadecimal(hash.finalize()))
    } catch let error as IICError {
      throw error.at(path: path)
    }
  }
}

/// A regular file, read from its beginning on.
private final class InputFile {
  let size: Int
  private let handle: FileHandle

  init(_ path: String) throws {
    // Non-blocking, or opening a pipe without a writer would wait for ever.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw InputFile.unreadable(AtomicFile.systemMessage(errno), "check the path")
    }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw InputFile.unreadable("it is not a regular file", "name a .safetensors file")
    }
    size = Int(status.st_size)
  }

  /// The next `count` bytes; throws when the file turns out shorter than it was.
  func read(_ count: Int) throws -> [UInt8] {
    guard count > 0 else { return [] }
    let data: Data?
    do {
      data = try handle.read(upToCount: count)
    } catch {
      throw InputFile.unreadable("reading it failed", "check the disk")
    }
    guard let data, data.count == count else {
      throw Safetensors.damaged("it became shorter while it was read")
    }
    return [UInt8](data)
  }

  private static func unreadable(_ reason: String, _ remedy: String) -> IICError {
    IICError(operation: Safetensors.readOperation, reason: reason, remedy: remedy)
  }
}
