import Foundation
import Raster

/// Files that a command is about to write.
enum OutputFiles {
  /// Checks that all can be written, that no two are one, and that none is an input.
  static func check(_ paths: [String], overwrite: Bool, inputs: [String]) throws {
    var seen: [String: String] = [:]
    for path in paths {
      try OutputPath.check(path, overwrite: overwrite, inputs: inputs)
      if let other = seen.updateValue(path, forKey: place(of: path)) {
        throw CommandError(
          other == path
            ? "two outputs are \(path)" : "the outputs \(other) and \(path) are one file",
          remedy: "give each a name or a folder of its own")
      }
    }
  }

  /// Whether a folder is there.
  static func isFolder(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }

  /// The path without links in its folder's, so that two ways to one file show.
  private static func place(of path: String) -> String {
    let url = URL(filePath: path).absoluteURL.standardizedFileURL
    return url.deletingLastPathComponent().resolvingSymlinksInPath()
      .appending(component: url.lastPathComponent).path(percentEncoded: false)
  }
}
