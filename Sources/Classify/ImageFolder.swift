internal import Foundation
public import IIC
internal import Raster

/// A folder of images of one's own: a sub-folder a class, or no sub-folders and no labels.
///
/// Images are found by their names' ends; hidden files are passed over. Links are followed; a folder
/// that several names lead to is searched once.
public struct ImageFolder: Sendable, Equatable {
  /// Ends of names that are taken for images.
  public static let imageExtensions = ["jpg", "jpeg", "jpe", "png", "tif", "tiff", "jp2", "j2k"]
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
  /// What lies in the folder, cannot be opened or was searched already, and is left out: links that
  /// lead nowhere, names that are not UTF-8, further names of a folder.
  public let leftOut: [DatasetReport.Problem]
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
      let images = try walk.images(below: folder)
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
    leftOut = walk.leftOut
    otherFiles = walk.otherFiles
    guard !entries.isEmpty else {
      if let problem = leftOut.first {
        throw failure(
          "no image in it can be opened: \(problem.path) is left out, because \(problem.reason)",
          "correct the links, and give files names in UTF-8")
      }
      throw failure(
        "there is no image in it",
        "images are files ending in \(Self.imageExtensions.joined(separator: ", "))")
    }
  }

  /// The paths of all images in a folder and its sub-folders, the folder's own path in front,
  /// sorted, and what is left out as by ``leftOut``; sub-folders are no classes here, and there may
  /// be any number of them.
  ///
  /// - Throws: ``ClassifyError`` where the folder is missing or cannot be listed, or holds more than
  ///   ten million files.
  public static func imagePaths(
    below path: String
  ) throws -> (images: [String], leftOut: [DatasetReport.Problem]) {
    var root = path
    while root.count > 1, root.hasSuffix("/") { root.removeLast() }
    try checkIsFolder(root)
    var walk = Walk(root: root)
    let top = try walk.list("")
    var images = top.images
    for folder in top.folders { images += try walk.images(below: folder) }
    return (images.sorted().map { walk.path($0) }, walk.leftOut)
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
    private var seen = 0
    private var visited: Set<PathTarget.Identity> = []
    private(set) var otherFiles = 0
    private(set) var leftOut: [DatasetReport.Problem] = []

    init(root: String) {
      self.root = root
      if case .folder(let identity) = PathTarget(of: root) { visited.insert(identity) }
    }

    /// The path of what lies at `inner` in the root.
    func path(_ inner: String) -> String { root == "/" ? "/\(inner)" : "\(root)/\(inner)" }

    /// The images and the folders in a folder of the root, sorted; of the folders those that no name
    /// led to before, so that links in a circle end.
    mutating func list(_ folder: String) throws -> (images: [String], folders: [String]) {
      let full = folder.isEmpty ? root : path(folder)
      guard let listing = FolderListing(full) else {
        throw ClassifyError(
          operation: "open", path: full, reason: "the folder cannot be listed",
          remedy: "make it readable")
      }
      func inside(_ name: String) -> String { folder.isEmpty ? name : "\(folder)/\(name)" }
      var images: [String] = []
      var folders: [(path: String, identity: PathTarget.Identity, isLink: Bool)] = []
      for name in listing.names {
        try count()
        let inner = inside(name)
        switch PathTarget(of: path(inner)) {
        case .folder(let identity):
          folders.append((inner, identity, PathTarget.isLink(path(inner))))
        case .file where Self.endsAsImage(name) == true: images.append(inner)
        case .file: otherFiles += 1
        case .nothing(let reason): leaveOut(inner, because: reason)
        }
      }
      for name in listing.illegibleNames {
        try count()
        leaveOut(inside(name), because: "its name is not UTF-8")
      }
      // A folder goes by its own name rather than by that of a link beside it.
      let fresh = (folders.filter { !$0.isLink } + folders.filter(\.isLink)).filter {
        let isNew = visited.insert($0.identity).inserted
        if !isNew {
          leftOut.append(
            .init(
              path: path($0.path), reason: "it is another name of a folder searched already"))
        }
        return isNew
      }
      return (images, fresh.map(\.path).sorted())
    }

    mutating func images(below folder: String) throws -> [String] {
      let here = try list(folder)
      var images = here.images
      for inner in here.folders { images += try self.images(below: inner) }
      return images
    }

    private mutating func count() throws {
      seen += 1
      guard seen <= ImageFolder.largestCount else {
        throw ClassifyError(
          operation: "open", path: root,
          reason: "it holds more than \(ImageFolder.largestCount) files",
          remedy: "name a folder inside it")
      }
    }

    /// Notes what may be an image or a folder of images by its name, and cannot be searched.
    private mutating func leaveOut(_ inner: String, because reason: String) {
      if Self.endsAsImage(inner) == false {
        otherFiles += 1
      } else {
        leftOut.append(.init(path: path(inner), reason: reason))
      }
    }

    /// Whether a name ends as an image's does; nil where it has no end, as most folders' have not.
    private static func endsAsImage(_ path: String) -> Bool? {
      let name = path.split(separator: "/").last ?? ""
      guard name.contains("."), let end = name.split(separator: ".").last else { return nil }
      return ImageFolder.imageExtensions.contains(end.lowercased())
    }
  }
}
