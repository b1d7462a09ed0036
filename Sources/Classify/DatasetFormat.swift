/// What one split of a dataset turned out to hold.
struct SplitContents: Sendable {
  /// The images, or nil where none of the split's files is there, or where they were only counted.
  var images: ImageSet?
  /// How many images there are.
  var count: Int
  /// Names of the files found.
  var found: [String]
  /// Published names of the files that are not there.
  var missing: [String]

  init(images: ImageSet?, count: Int? = nil, found: [String], missing: [String]) {
    self.images = images
    self.count = count ?? images?.count ?? 0
    self.found = found
    self.missing = missing
  }
}

/// How the files of a published dataset are laid out.
protocol DatasetFormat: Sendable {
  /// Reads a split whole.
  ///
  /// - Throws: ``ClassifyError`` or `RasterError` where a file is damaged, of another size than its
  ///   content should have, or no such file at all by its first bytes.
  func read(_ split: String, from files: inout DatasetFiles) throws -> SplitContents

  /// What there is of a split, without its images where telling does not need them.
  func survey(_ split: String, in files: inout DatasetFiles) throws -> SplitContents
}

extension DatasetFormat {
  func survey(_ split: String, in files: inout DatasetFiles) throws -> SplitContents {
    try read(split, from: &files)
  }
}
