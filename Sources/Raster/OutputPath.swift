internal import Foundation

/// Checks of where output goes, made before anything is computed.
public enum OutputPath {
  /// Checks that a file can be written at `path`.
  ///
  /// The folder is tried by making an empty folder in it, and removing that again, so that a
  /// read-only file system or a full quota shows too.
  ///
  /// - Parameters:
  ///   - path: The file to be written.
  ///   - overwrite: Whether an existing file may be replaced.
  ///   - inputs: Files that are read for it; writing over one of these is refused even then.
  /// - Throws: ``RasterError`` where the folder is missing or not writable, where `path` is a
  ///   folder, where a file exists and `overwrite` is false, or where `path` is an input.
  public static func check(_ path: String, overwrite: Bool, inputs: [String] = []) throws {
    func failure(_ reason: String, _ remedy: String) -> RasterError {
      RasterError(operation: "write", path: path, reason: reason, remedy: remedy)
    }
    guard !path.isEmpty, !path.utf8.contains(0), !path.hasSuffix("/") else {
      throw failure("it is no file name", "name the file to write")
    }
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT != S_IFDIR else {
        throw failure("it is a folder", "name a file inside it")
      }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw failure("it is not a regular file", "choose another path")
      }
      for input in inputs {
        var inputStatus = stat()
        guard stat(input, &inputStatus) == 0 else { continue }
        guard status.st_dev != inputStatus.st_dev || status.st_ino != inputStatus.st_ino else {
          throw failure("it is also an input", "choose another path")
        }
      }
      guard overwrite else {
        throw failure("it exists already", "give --overwrite to replace it, or another path")
      }
    }
    _ = try StagingFolder(beside: path)
  }

  /// The folder that holds the file at `path`.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
