internal import Foundation
internal import Raster

/// A file of a published dataset, wherever it was found.
struct DatasetFile: Sendable, Equatable {
  /// How to read it: on disk, or one of GDAL's virtual paths.
  let path: String
  /// How to name it to a person.
  let name: String

  /// The first `limit` bytes of the content; what is compressed with gzip, whatever its name, is
  /// unzipped as it is read.
  ///
  /// - Throws: ``ClassifyError`` where the file is damaged.
  func read(upTo limit: Int) throws -> [UInt8] {
    try content { try FileBytes.read($0, upTo: limit) }
  }

  /// How many bytes the content has, counted by reading it.
  func length() throws -> Int { try content { try FileBytes.length(of: $0) } }

  /// Hands out the content's path; errors name the file as people do.
  private func content<Result>(_ body: (String) throws -> Result) throws -> Result {
    do {
      let start = try FileBytes.read(path, upTo: 2)
      return try body(start == [0x1F, 0x8B] ? FileBytes.unzipping(path) : path)
    } catch let error as RasterError {
      throw failure(error.reason, error.remedy)
    }
  }

  func failure(_ reason: String, _ remedy: String) -> ClassifyError {
    ClassifyError(operation: "read", path: name, reason: reason, remedy: remedy)
  }
}

/// Finds a dataset's files by their published names: in a folder or its sub-folders, or inside tar
/// archives there, which need not be unpacked.
struct DatasetFiles: Sendable {
  /// Sub-folders of sub-folders are looked at, as `MNIST/raw`, and no more files than these.
  private static let deepest = 3
  private static let largestCount = 100_000

  let root: String
  private var plain: [(name: String, path: String)] = []
  private var archives: [String] = []
  /// Of each archive looked into, its members' paths.
  private var members: [String: [String]] = [:]

  /// Looks at a folder, or at one archive.
  ///
  /// - Throws: ``ClassifyError`` where there is no such folder, or where it is a file that is no
  ///   archive by its name.
  init(at root: String) throws {
    self.root = root
    var isFolder = ObjCBool(false)
    guard FileManager.default.fileExists(atPath: root, isDirectory: &isFolder) else {
      throw ClassifyError(
        operation: "open", path: root, reason: "no such folder", remedy: "check the path")
    }
    if isFolder.boolValue {
      try list(root, depth: 1)
    } else if Self.isArchive(root) {
      archives = [root]
    } else {
      throw ClassifyError(
        operation: "open", path: root, reason: "it is neither a folder nor a tar archive",
        remedy: "name the folder that holds the dataset's files")
    }
  }

  private static func isArchive(_ name: String) -> Bool {
    [".tar", ".tar.gz", ".tgz"].contains { name.lowercased().hasSuffix($0) }
  }

  private mutating func list(_ folder: String, depth: Int) throws {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder).sorted() else {
      // A sub-folder that is closed may well be none of the dataset's.
      guard depth == 1 else { return }
      throw ClassifyError(
        operation: "open", path: folder, reason: "the folder cannot be listed",
        remedy: "make it readable")
    }
    var folders: [String] = []
    for name in names where !name.hasPrefix(".") {
      guard plain.count < Self.largestCount else { return }
      let path = "\(folder)/\(name)"
      var isFolder = ObjCBool(false)
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { continue }
      if isFolder.boolValue {
        folders.append(name)
      } else if Self.isArchive(name) {
        archives.append(path)
      } else {
        plain.append((name, path))
      }
    }
    guard depth < Self.deepest else { return }
    for name in folders {
      try list("\(folder)/\(name)", depth: depth + 1)
    }
  }

  /// The path of the file or archive of that name on disk, or nil.
  func onDisk(_ name: String) -> String? {
    plain.first { $0.name == name }?.path
      ?? archives.first { $0.split(separator: "/").last.map(String.init) == name }
  }

  /// The first of the files named so, in the order of `names`, on disk before archives.
  ///
  /// - Parameter archive: How the published archive's name begins; others are not looked into.
  /// - Throws: `RasterError` of an archive that is damaged.
  mutating func find(_ names: [String], inArchive archive: String) throws -> DatasetFile? {
    for name in names {
      if let found = plain.first(where: { $0.name == name }) {
        return DatasetFile(path: found.path, name: found.path)
      }
    }
    for path in archives {
      let fileName = path.split(separator: "/").last.map(String.init) ?? path
      guard fileName.hasPrefix(archive) || path == root else { continue }
      let listed = try members[path] ?? FileBytes.members(ofArchive: path).map(\.name)
      members[path] = listed
      for name in names {
        if let member = listed.first(where: {
          $0.split(separator: "/").last.map(String.init) == name
        }) {
          return DatasetFile(
            path: FileBytes.member(member, ofArchive: path), name: "\(path): \(member)")
        }
      }
    }
    return nil
  }
}
