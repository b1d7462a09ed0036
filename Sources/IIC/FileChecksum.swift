internal import Crypto
internal import Foundation

/// The checksum that publishers of datasets give of their files. It tells a file that suffered on its
/// way; it does not protect against anyone who means harm.
public enum FileChecksum {
  private static let chunkBytes = 1 << 20

  /// The MD5 of a file's bytes in hexadecimal, or nil where it cannot be read.
  public static func md5(of path: String) -> String? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    var hash = Insecure.MD5()
    do {
      while let chunk = try file.read(upToCount: chunkBytes), !chunk.isEmpty {
        hash.update(data: chunk)
      }
    } catch {
      return nil
    }
    return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
