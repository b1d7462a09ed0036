internal import Foundation
public import IIC

/// A folder of images of one's own: a sub-folder a class, or no sub-folders and no labels.
///
/// Images are found by their names' ends; hidden files are passed over.
public struct ImageFolder: Sendable, Equatable {
  /// Ends of names that are taken for images.
  public static let imageExtensions = ["jpg", "jpeg", "jpe", "png", "tif", "tiff", "jp2", "j2k"]
  private static let deepest = 32
  private static let largestCount = 10_000_000
  private static let largestClassCount = 256

  /// An image of the folder.
  public struct Entry: Sendable, Equatable {
    /// Its path inside the folder.
    public let path: String
    /// Its class, an index into the folder's class names; nil in a folder without sub-folders.
    public let label: UInt8?
  }

  /// The folder.
  public let path: String
  /// The images, sorted by class and path.
  public let entries: [Entry]
  /// Names of the sub-folders with images, sorted; empty where there are none.
  public let classNames: [String]
  /// Images beside the class folders, which have no class and are left out.
  public let withoutClass: [String]
  /// How many files are no images by their names.
  public let otherFiles: Int

  /// Lists the images of a folder. Sub-folders of a class folder belong to the class.
  ///
  /// - Throws: ``ClassifyError`` where the folder is missing or cannot be listed, or holds no image,
  ///   more than 256 classes or more than ten million files.
  public init(at path: String) throws {
    func failure(_ reason: String, _ remedy: String) -> ClassifyError {
      ClassifyError(operation: "open", path: path, reason: reason, remedy: remedy)
    }
    try Self.checkIsFolder(path)
    var walk = Walk(root: path)
    let top = try walk.list("")
    var classes: [(name: String, images: [String])] = []
    for folder in top.folders {
      let images = try walk.images(below: folder, depth: 1)
      if !images.isEmpty { classes.append((folder, images)) }
    }
    guard classes.count <= Self.largestClassCount else {
      throw failure(
        "it has \(classes.count) sub-folders with images, where \(Self.largestClassCount) classes "
          + "are the most", "put the images into fewer folders, or all into one")
    }
    self.path = path
    classNames = classes.map(\.name)
    if classes.isEmpty {
      entries = top.images.map { Entry(path: $0, label: nil) }
      withoutClass = []
    } else {
      entries = classes.enumerated().flatMap { index, folder in
        folder.images.map { Entry(path: $0, label: UInt8(index)) }
      }
      withoutClass = top.images
    }
    otherFiles = walk.otherFiles
    guard !entries.isEmpty else {
      throw failure(
        "there is no image in it",
        "images are files ending in \(Self.imageExtensions.joined(separator: ", "))")
    }
  }

  /// The paths of all images in a folder and its sub-folders, the folder's own path in front,
  /// sorted; sub-folders are no classes here, and there may be any number of them.
  ///
  /// - Throws: ``ClassifyError`` where the folder is missing or cannot be listed, or holds more than
  ///   ten million files.
  public static func imagePaths(below path: String) throws -> [String] {
    var root = path
    while root.count > 1, root.hasSuffix("/") { root.removeLast() }
    try checkIsFolder(root)
    var walk = Walk(root: root)
    let top = try walk.list("")
    var images = top.images
    for folder in top.folders { images += try walk.images(below: folder, depth: 1) }
    return images.sorted().map { root == "/" ? "/\($0)" : "\(root)/\($0)" }
  }

  private static func checkIsFolder(_ path: String) throws {
    func failure(_ reason: String, _ remedy: String) -> ClassifyError {
      ClassifyError(operation: "open", path: path, reason: reason, remedy: remedy)
    }
    var isFolder = ObjCBool(false)
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw failure("no such folder", "check the path")
    }
    guard isFolder.boolValue else {
      throw failure("it is not a folder", "name the folder that holds the images")
    }
  }

  /// The folder as a dataset of one split.
  public var description: DatasetDescription {
    DatasetDescription(
      name: "images", title: Self.ownImages.title, origin: nil, licence: Self.ownImages.licence,
      checksumSource: nil, archives: [], layout: Self.ownImages.layout,
      splits: [.init(name: "train", images: nil, isLabelled: !classNames.isEmpty)],
      classNames: classNames)
  }

  /// What any folder of images is as a dataset, before one is looked at.
  public static let ownImages = DatasetDescription(
    name: "images", title: "a folder of images of your own", origin: nil, licence: "yours",
    checksumSource: nil, archives: [],
    layout: [
      "a sub-folder a class, its name the class's; or images without sub-folders, without labels",
      "JPEG, PNG, TIFF and JPEG 2000 of any sizes: "
        + imageExtensions.map { ".\($0)" }.joined(separator: " "),
    ],
    splits: [.init(name: "train", images: nil)], classNames: [])

  /// Goes through folders, counting what it sees.
  private struct Walk {
    let root: String
    var seen = 0
    var otherFiles = 0

    mutating func list(_ folder: String) throws -> (images: [String], folders: [String]) {
      let full = folder.isEmpty ? root : "\(root)/\(folder)"
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: full) else {
        throw ClassifyError(
          operation: "open", path: full, reason: "the folder cannot be listed",
          remedy: "make it readable")
      }
      var images: [String] = []
      var folders: [String] = []
      for name in names.sorted() where !name.hasPrefix(".") {
        seen += 1
        guard seen <= ImageFolder.largestCount else {
          throw ClassifyError(
            operation: "open", path: root,
            reason: "it holds more than \(ImageFolder.largestCount) files",
            remedy: "name a folder inside it")
        }
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        var isFolder = ObjCBool(false)
        guard FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder)
        else { continue }
        let end = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        if isFolder.boolValue {
          folders.append(path)
        } else if ImageFolder.imageExtensions.contains(end), name.contains(".") {
          images.append(path)
        } else {
          otherFiles += 1
        }
      }
      return (images, folders)
    }

    /// Folders deeper than anybody nests are circles of links.
    mutating func images(below folder: String, depth: Int) throws -> [String] {
      guard depth < ImageFolder.deepest else { return [] }
      let here = try list(folder)
      var images = here.images
      for inner in here.folders { images += try self.images(below: inner, depth: depth + 1) }
      return images
    }
  }
}
