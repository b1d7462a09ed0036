/// The IDX files of MNIST and of the datasets made in its likeness: a split is a file of images and
/// a file of labels, compressed with gzip or not.
///
/// Images: four bytes 0, 0, 8 (bytes), 3 (axes), then images, rows and columns as big-endian 32-bit
/// numbers, then the pixels. Labels: 0, 0, 8, 1, their number, then a byte each.
struct IDXFormat: DatasetFormat {
  let archive: String
  let classes: Int

  private static let largestSide = 4096
  private static let largestByteCount = 1 << 32

  func read(_ split: String, from files: inout DatasetFiles) throws -> SplitContents {
    let stem = split == "test" ? "t10k" : split
    let images = try find("\(stem)-images", "idx3-ubyte", in: &files)
    let labels = try find("\(stem)-labels", "idx1-ubyte", in: &files)
    guard let images, let labels else {
      return SplitContents(
        images: nil, found: [images, labels].compactMap { $0?.name },
        missing: (images == nil ? ["\(stem)-images-idx3-ubyte.gz"] : [])
          + (labels == nil ? ["\(stem)-labels-idx1-ubyte.gz"] : []))
    }
    let packed = try Self.readImages(images)
    let classOfImage = try readLabels(labels)
    guard classOfImage.count == packed.count else {
      throw labels.failure(
        "it holds \(classOfImage.count) labels, where \(images.name) holds \(packed.count) images",
        "get both files from one place")
    }
    return SplitContents(
      images: ImageSet(packed, labels: classOfImage), found: [images.name, labels.name],
      missing: [])
  }

  /// The published names have a hyphen before `idx`, some unpacked copies a full stop.
  private func find(
    _ stem: String, _ kind: String, in files: inout DatasetFiles
  ) throws -> DatasetFile? {
    try files.find(
      ["", ".gz"].flatMap { end in ["-", "."].map { "\(stem)\($0)\(kind)\(end)" } },
      inArchive: archive)
  }

  private static func readImages(_ file: DatasetFile) throws -> PackedImages {
    let header = try Header(file, axes: 3)
    let (count, height, width) = (header.extents[0], header.extents[1], header.extents[2])
    guard count > 0, (1...largestSide).contains(height), (1...largestSide).contains(width),
      count <= largestByteCount / (height * width)
    else {
      throw file.failure(
        "its header says \(count) images of \(height) × \(width) pixels, which is absurd",
        "get the file again")
    }
    let bytes = try header.readAll(
      file, what: "\(count) images of \(height) × \(width) pixels")
    return PackedImages(
      bytes: bytes, start: header.byteCount, stride: height * width, count: count, height: height,
      width: width, channels: 1, layout: .interleaved)
  }

  private func readLabels(_ file: DatasetFile) throws -> [UInt8] {
    let header = try Header(file, axes: 1)
    let bytes = try header.readAll(file, what: "\(header.extents[0]) labels")
    let labels = Array(bytes[header.byteCount...])
    try file.checkLabels(labels, classes: classes)
    return labels
  }

  /// What an IDX file says of its content.
  private struct Header {
    let extents: [Int]
    var byteCount: Int { 4 + 4 * extents.count }

    init(_ file: DatasetFile, axes: Int) throws {
      let bytes = try file.read(upTo: 4 + 4 * axes)
      let magic: [UInt8] = [0, 0, 8, UInt8(axes)]
      guard bytes.count >= 4, Array(bytes[0..<4]) == magic else {
        throw file.failure(
          "it begins with the bytes \(Array(bytes.prefix(4))), where an IDX file of "
            + "\(axes == 3 ? "images" : "labels") begins with \(magic)", "get the file again")
      }
      guard bytes.count == 4 + 4 * axes else {
        throw file.failure(
          "it is cut short: \(bytes.count) bytes, where the header alone takes \(4 + 4 * axes)",
          "get the file again")
      }
      extents = (0..<axes).map { axis in
        bytes[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) }
      }
    }

    /// The whole file, which must be as long as its header says.
    func readAll(_ file: DatasetFile, what: String) throws -> [UInt8] {
      // At most three numbers below 2³² each, the product checked before where there are three.
      try file.readExactly(byteCount + extents.reduce(1, *), what: what)
    }
  }
}

extension DatasetFile {
  /// The file's whole content, which must be exactly so many bytes.
  ///
  /// - Throws: ``ClassifyError`` that says the expected and the found size.
  func readExactly(_ expected: Int, what: String) throws -> [UInt8] {
    let bytes = try read(upTo: expected + 1)
    guard bytes.count == expected else {
      let found = bytes.count < expected ? bytes.count : try length()
      throw failure(
        "it holds \(found) bytes, where \(what) take \(expected)", "get the file again")
    }
    return bytes
  }

  /// Refuses labels that are not below `classes`.
  func checkLabels(_ labels: [UInt8], classes: Int) throws {
    if let index = labels.firstIndex(where: { $0 >= classes }) {
      throw failure(
        "the label of image \(index) is \(labels[index]), where there are \(classes) classes",
        "get the file again")
    }
  }
}
