internal import Foundation

/// The folder of a training: its recipe, its models, what it needs to go on, and what every epoch
/// came to. Each file appears whole or not at all, so that a training that is stopped at any moment
/// leaves those of its last epoch.
public struct RunFolder: Sendable, Equatable {
  /// A file of the folder.
  public enum File: String, Sendable, CaseIterable {
    /// The recipe with every setting, written first.
    case recipe = "recipe.yaml"
    /// The model of the epoch with the lowest loss of a sub-head of head B: no label chose it.
    case model = "model.safetensors"
    /// The model of the epoch with the highest accuracy, which labels chose.
    case bestAccuracy = "model-best-accuracy.safetensors"
    /// The model after the last epoch.
    case latest = "latest.safetensors"
    /// What training needs to go on.
    case state = "state.safetensors"
    /// A row an epoch.
    case metrics = "metrics.csv"
    /// Settings, curves and scores as a page.
    case report = "report.html"
  }

  /// The folder.
  public let path: String

  /// Where a file of it lies.
  public func path(of file: File) -> String { "\(path)/\(file.rawValue)" }

  /// Where all of them lie, and a picture for all.
  public var allPaths: [String] { File.allCases.map { path(of: $0) } + [picturePath(batches: 0)] }

  /// Where the picture of the network after so many batches lies.
  public func picturePath(batches: Int) -> String {
    let digits = String(batches)
    let zeros = String(repeating: "0", count: max(0, 8 - digits.count))
    return "\(path)/\(Self.pictures)/batch-\(zeros)\(digits).png"
  }

  /// Makes the folder of the pictures.
  public func makePictureFolder() throws {
    do {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(Self.pictures)", withIntermediateDirectories: true)
    } catch {
      throw failure("the folder \(Self.pictures) cannot be made", "name one where you may write")
    }
  }

  /// The bytes of the last picture there is; nil without one.
  public var lastPicture: [UInt8]? {
    let folder = "\(path)/\(Self.pictures)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasPrefix("batch-") && $0.hasSuffix(".png") }.max()
      .flatMap { FileManager.default.contents(atPath: "\(folder)/\($0)") }.map { [UInt8]($0) }
  }

  private static let pictures = "progression"

  private init(path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  /// The folder of a run that is going to begin. Nothing is made or removed before ``begin(_:)``, so
  /// that all else that can go wrong does so while a run that is there already is whole.
  ///
  /// Throws an ``IICError`` where it is a file, and where a run is there, unless that may be
  /// overwritten.
  public init(beginning path: String, overwrite: Bool) throws {
    self.init(path: path)
    var isFolder = ObjCBool(false)
    guard FileManager.default.fileExists(atPath: self.path, isDirectory: &isFolder) else { return }
    guard isFolder.boolValue else { throw failure("it is a file", "name a folder for the run") }
    if let first = File.allCases.first(where: has), !overwrite {
      throw failure(
        "there is a run in it already (\(first.rawValue))",
        "go on with it by --resume, replace it by --overwrite, or name another folder")
    }
  }

  /// Makes the folder, removes the files of a run that was in it, and writes the recipe.
  ///
  /// Throws an ``IICError`` where that fails.
  public func begin(_ recipe: Recipe) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw failure("the folder cannot be made", "name one where you may write")
    }
    for file in File.allCases where has(file) { try remove(file) }
    try removePictures()
    try write(recipe)
  }

  /// Whether a path leads to one of the run's files, by whatever name: to one that ``begin(_:)``
  /// would remove.
  public func holds(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    return File.allCases.contains { file in
      var own = stat()
      return stat(self.path(of: file), &own) == 0 && own.st_dev == status.st_dev
        && own.st_ino == status.st_ino
    }
  }

  /// Whether a file is there.
  func has(_ file: File) -> Bool { FileManager.default.fileExists(atPath: path(of: file)) }

  /// Whether there is a run in a folder.
  public static func isRun(_ path: String) -> Bool { RunFolder(path: path).has(.recipe) }

  /// Opens a run to go on with it.
  ///
  /// Throws an ``IICError`` where there is none.
  public init(resuming path: String) throws {
    self.init(path: path)
    guard Self.isRun(path) else {
      throw IICError(
        operation: "resume", path: self.path, reason: "there is no run in it",
        remedy: "leave --resume out to begin one")
    }
  }

  /// The recipe that the run began with.
  public func recipe() throws -> Recipe { try Recipe(reading: path(of: .recipe)) }

  /// What the training needs to go on; nil where it was stopped while it began.
  public func state() throws -> TrainingState? {
    guard has(.state) else { return nil }
    return try TrainingState(reading: path(of: .state))
  }

  /// Writes the recipe.
  public func write(_ recipe: Recipe) throws { try write(recipe.yaml, to: .recipe) }

  /// Writes a text file whole or not at all.
  public func write(_ text: String, to file: File) throws {
    try AtomicFile.write(Array(text.utf8), to: path(of: file))
  }

  /// The text of a file of the folder.
  public func text(of file: File) throws -> String {
    guard let data = FileManager.default.contents(atPath: path(of: file)),
      let text = String(data: data, encoding: .utf8)
    else {
      throw IICError(
        operation: "resume", path: path(of: file), reason: "it is missing, or is not text",
        remedy: "begin a new run")
    }
    return text
  }

  private func remove(_ file: File) throws {
    do {
      try FileManager.default.removeItem(atPath: path(of: file))
    } catch {
      throw failure("\(file.rawValue) cannot be removed", "remove it, or name another folder")
    }
  }

  private func removePictures() throws {
    let folder = "\(path)/\(Self.pictures)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix("batch-") && name.hasSuffix(".png") {
      do {
        try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
      } catch {
        throw failure("\(name) cannot be removed", "remove it, or name another folder")
      }
    }
  }

  private func failure(_ reason: String, _ remedy: String) -> IICError {
    IICError(operation: "begin the run", path: path, reason: reason, remedy: remedy)
  }
}
