public import IIC
internal import Raster

/// A published dataset of labelled images: what there is to know of it, and how its files are read.
public struct ImageDataset: Sendable {
  /// Where it comes from and what it holds.
  public let description: DatasetDescription
  let format: any DatasetFormat

  /// All that are known, in the order to list them in.
  public static let all: [ImageDataset] = [mnist, cifar10, cifar100, cifar20, stl10]

  /// The dataset of that name, or nil.
  public static func named(_ name: String) -> ImageDataset? {
    all.first { $0.description.name == name.lowercased() }
  }

  /// Reads splits into memory, all unless told otherwise.
  ///
  /// Files may be missing from a split of several (CIFAR-10's batches), as long as one is there.
  ///
  /// - Parameter path: a folder with the published files, unpacked or not, or one archive.
  /// - Throws: ``ClassifyError`` where files are missing, or are not what they should be.
  public func load(from path: String, splits: [String]? = nil) throws -> DatasetImages {
    var files = try DatasetFiles(at: path)
    var sets: [String: ImageSet] = [:]
    for split in splits ?? description.splits.map(\.name) {
      let contents = try format.read(split, from: &files)
      guard let images = contents.images else {
        throw ClassifyError(
          operation: "read", path: path,
          reason: "the \(split) images of \(description.name) are not there: no "
            + contents.missing.joined(separator: ", "),
          remedy: "get them from \(description.origin ?? "their authors"), or name another folder")
      }
      sets[split] = images
    }
    return DatasetImages(description, sets)
  }

  /// Looks through a folder: what is there of each split, images a class, what is missing, what is
  /// damaged. Reads the files, but does not keep them.
  ///
  /// - Throws: ``ClassifyError`` where there is no such folder.
  public func check(_ path: String) throws -> DatasetReport {
    var files = try DatasetFiles(at: path)
    var splits: [DatasetReport.Split] = []
    var problems: [DatasetReport.Problem] = []
    for split in description.splits {
      var contents = SplitContents(images: nil, found: [], missing: [])
      var problem: DatasetReport.Problem?
      do {
        contents = try format.survey(split.name, in: &files)
      } catch let error as ClassifyError {
        problem = .init(path: error.path, reason: error.reason)
      } catch let error as RasterError {
        problem = .init(path: error.path, reason: error.reason)
      }
      // A damaged archive is one problem, though every split is looked for in it.
      if let problem, !problems.contains(problem) { problems.append(problem) }
      let counts = contents.images?.classCounts(classes: description.classNames.count) ?? []
      splits.append(
        .init(
          name: split.name, images: contents.count, publishedImages: split.images,
          classes: zip(description.classNames, counts).map { .init(name: $0, images: $1) },
          files: contents.found, missing: contents.missing))
    }
    let archives = description.archives.compactMap { archive -> DatasetReport.Archive? in
      guard let published = archive.md5, let found = files.onDisk(archive.name) else { return nil }
      return .init(path: found, isAsPublished: FileChecksum.md5(of: found) == published)
    }
    return DatasetReport(
      name: description.name, path: path, archives: archives, splits: splits,
      problems: problems, otherFiles: 0)
  }
}
