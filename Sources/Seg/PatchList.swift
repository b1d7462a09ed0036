internal import Foundation
internal import Raster

/// The lists of images that datasets come with: a name a line.
enum PatchList {
  private static let largestBytes = 64 << 20

  /// The names in a list, in its order. Throws ``SegError`` where it is missing, is no text, or holds
  /// what is no file's name, or a name twice.
  static func names(at path: String, remedy: String) throws -> [String] {
    func failure(_ reason: String, _ remedy: String) -> SegError {
      SegError(operation: "use", path: path, reason: reason, remedy: remedy)
    }
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.read(path, upTo: largestBytes + 1)
    } catch {
      throw failure("is not there or cannot be read", remedy)
    }
    guard bytes.count <= largestBytes, let text = String(validating: bytes, as: UTF8.self) else {
      throw failure("is no list of names", "get the list again")
    }
    let names = text.split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    let stranger = names.first { name in
      !name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
    }
    if let stranger {
      throw failure("names “\(stranger.prefix(40))”, which is no image's", "get the list again")
    }
    guard Set(names).count == names.count else {
      throw failure("names an image twice", "get the list again")
    }
    return names
  }
}

/// What a folder of files holds, by name.
struct FolderNames: Sendable {
  let folder: String
  private let names: Set<String>

  /// Nothing of a folder that is not there.
  init(_ folder: String) {
    self.folder = folder
    names = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
  }

  /// The path of the file of that name, or nil where there is none.
  func path(_ name: String) -> String? { names.contains(name) ? "\(folder)/\(name)" : nil }

  var sorted: [String] { names.filter { !$0.hasPrefix(".") }.sorted() }
}
