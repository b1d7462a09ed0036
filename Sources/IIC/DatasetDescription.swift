/// What there is to know of a dataset before one has it: where it comes from, under which terms, how
/// its files are laid out, what they should hold.
public struct DatasetDescription: Sendable, Equatable, Encodable {
  /// A file as its authors publish it.
  public struct Archive: Sendable, Equatable, Encodable {
    /// The file's name.
    public let name: String
    /// The MD5 checksum of the published file, in hexadecimal, or nil where none is known for certain.
    public let md5: String?

    /// A published file.
    public init(name: String, md5: String?) {
      self.name = name
      self.md5 = md5
    }
  }

  /// A part of the dataset, as its authors divide it.
  public struct Split: Sendable, Equatable, Encodable {
    /// `train`, `unlabelled` or `test`.
    public let name: String
    /// How many images the published files hold; nil where that is for everybody to choose.
    public let images: Int?
    /// Whether the images have labels.
    public let isLabelled: Bool

    /// A part of so many images.
    public init(name: String, images: Int?, isLabelled: Bool = true) {
      self.name = name
      self.images = images
      self.isLabelled = isLabelled
    }
  }

  /// The name that commands know it by.
  public let name: String
  /// What it is, in a line.
  public let title: String
  /// Where its authors publish it; nil where it is one's own.
  public let origin: String?
  /// Under which terms, as far as its authors say.
  public let licence: String
  /// Who says what the checksums are.
  public let checksumSource: String?
  /// The published files.
  public let archives: [Archive]
  /// Which files are read, and how they are laid out, in lines.
  public let layout: [String]
  /// The parts, in their order.
  public let splits: [Split]
  /// Names of the classes in the order of the labels; empty where the data themselves tell.
  public let classNames: [String]

  /// A description of all that.
  public init(
    name: String, title: String, origin: String?, licence: String, checksumSource: String?,
    archives: [Archive], layout: [String], splits: [Split], classNames: [String]
  ) {
    self.name = name
    self.title = title
    self.origin = origin
    self.licence = licence
    self.checksumSource = checksumSource
    self.archives = archives
    self.layout = layout
    self.splits = splits
    self.classNames = classNames
  }
}

/// What a folder turned out to hold of a dataset.
public struct DatasetReport: Sendable, Equatable, Encodable {
  /// A class and its images.
  public struct ClassCount: Sendable, Equatable, Encodable {
    /// The class's name.
    public let name: String
    /// How many images have its label.
    public let images: Int

    /// A class of so many images.
    public init(name: String, images: Int) {
      self.name = name
      self.images = images
    }
  }

  /// A file that is there and cannot be used.
  public struct Problem: Sendable, Equatable, Encodable {
    /// The file.
    public let path: String
    /// What is wrong with it.
    public let reason: String

    /// A problem of a file.
    public init(path: String, reason: String) {
      self.path = path
      self.reason = reason
    }
  }

  /// A published file that is there.
  public struct Archive: Sendable, Equatable, Encodable {
    /// The file.
    public let path: String
    /// Whether its checksum is the published one. It is not where a file was packed anew, which may
    /// well hold the same.
    public let isAsPublished: Bool

    /// A file whose checksum was compared.
    public init(path: String, isAsPublished: Bool) {
      self.path = path
      self.isAsPublished = isAsPublished
    }
  }

  /// A part of the dataset.
  public struct Split: Sendable, Equatable, Encodable {
    /// `train`, `unlabelled` or `test`.
    public let name: String
    /// How many usable images were found.
    public let images: Int
    /// How many the published files hold; nil where that is for everybody to choose.
    public let publishedImages: Int?
    /// Images a class, in the order of the labels; empty where there are no labels.
    public let classes: [ClassCount]
    /// The files that were read.
    public let files: [String]
    /// Published files that are not there.
    public let missing: [String]

    /// A part as it was found.
    public init(
      name: String, images: Int, publishedImages: Int?, classes: [ClassCount], files: [String],
      missing: [String]
    ) {
      self.name = name
      self.images = images
      self.publishedImages = publishedImages
      self.classes = classes
      self.files = files
      self.missing = missing
    }
  }

  /// The dataset's name.
  public let name: String
  /// The folder or archive that was looked at.
  public let path: String
  /// Files of the published names, with their checksums compared.
  public let archives: [Archive]
  /// The parts, in the dataset's order.
  public let splits: [Split]
  /// Images and files that cannot be used and are left out.
  public let problems: [Problem]
  /// How many files are of no kind that is read.
  public let otherFiles: Int

  /// What was found at `path`.
  public init(
    name: String, path: String, archives: [Archive] = [], splits: [Split], problems: [Problem],
    otherFiles: Int
  ) {
    self.name = name
    self.path = path
    self.archives = archives
    self.splits = splits
    self.problems = problems
    self.otherFiles = otherFiles
  }

  /// Whether there is anything to learn from.
  public var isUsable: Bool { splits.contains { $0.images > 0 } }

  /// Whether everything published is there and sound.
  public var isComplete: Bool {
    problems.isEmpty
      && splits.allSatisfy {
        $0.missing.isEmpty && $0.images == ($0.publishedImages ?? $0.images) && $0.images > 0
      }
  }
}
