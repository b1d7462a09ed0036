internal import Foundation

/// The names in a folder. To most file systems a name is bytes, whether they are UTF-8 or not; a file
/// whose name is not can be seen here, and not be opened by it.
public struct FolderListing: Sendable {
  /// Names that are UTF-8, sorted.
  public private(set) var names: [String] = []
  /// The other names, with the bytes that are not UTF-8 written as `\xe9`, sorted.
  public private(set) var illegibleNames: [String] = []

  /// Lists a folder, but for its hidden files; nil where it cannot be listed.
  public init?(_ path: String) {
    guard let folder = opendir(path) else { return nil }
    defer { closedir(folder) }
    while true {
      errno = 0
      guard let entry = readdir(folder) else { break }
      // By reference: an entry in memory is no longer than its name needs.
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { name in
        Array(name.prefix { $0 != 0 })
      }
      guard bytes.first != UInt8(ascii: ".") else { continue }
      if let name = String(validating: bytes, as: UTF8.self) {
        names.append(name)
      } else {
        illegibleNames.append(Self.escaped(bytes))
      }
    }
    guard errno == 0 else { return nil }
    names.sort()
    illegibleNames.sort()
  }

  /// Bytes as text, each that is no part of a character in UTF-8 as `\x` and two digits.
  public static func escaped(_ bytes: [UInt8]) -> String {
    var text = ""
    var rest = bytes[...]
    while let first = rest.first {
      let character = (1...4).lazy.compactMap { length in
        length > rest.count ? nil : String(validating: rest.prefix(length), as: UTF8.self)
      }.first
      text += character ?? "\\x" + String(first, radix: 16)
      rest = rest.dropFirst(character?.utf8.count ?? 1)
    }
    return text
  }
}

/// What a path leads to, links followed.
public enum PathTarget: Sendable, Equatable {
  /// A folder, which may have other names too.
  case folder(Identity)
  /// Anything else.
  case file
  /// Nothing, with the reason.
  case nothing(reason: String)

  /// What tells a folder from all others, by whatever name it is reached.
  public struct Identity: Sendable, Hashable {
    let device: UInt64
    let number: UInt64
  }

  /// Asks the system.
  public init(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      switch errno {
      case ENOENT, ELOOP: self = .nothing(reason: "it is a link that leads nowhere")
      case EACCES: self = .nothing(reason: "access to it is denied")
      case ENAMETOOLONG: self = .nothing(reason: "its path is too long")
      default: self = .nothing(reason: "the system cannot reach it")
      }
      return
    }
    self =
      status.st_mode & S_IFMT == S_IFDIR
      ? .folder(
        Identity(
          device: UInt64(truncatingIfNeeded: status.st_dev),
          number: UInt64(truncatingIfNeeded: status.st_ino)))
      : .file
  }

  /// Whether a path is that of a link itself.
  public static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}
