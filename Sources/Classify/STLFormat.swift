/// The binary files of STL-10: `_X.bin` of images, each three planes of 96 × 96 stored column by
/// column, and `_y.bin` of a label byte an image, counted from 1. What is unlabelled has images only.
struct STLFormat: DatasetFormat {
  private static let side = 96
  private static let imageBytes = 3 * side * side
  private static let largestByteCount = 1 << 33
  private static let classes = 10

  let archive = "stl10_binary"
  let publishedImages: [String: Int]

  func read(_ split: String, from files: inout DatasetFiles) throws -> SplitContents {
    let (images, labels, contents) = try find(split, in: &files)
    guard let images, contents.missing.isEmpty else { return contents }
    let bytes = try images.read(upTo: Self.largestByteCount)
    let count = try imageCount(of: images, bytes: bytes.count, split: split)
    let packed = PackedImages(
      bytes: bytes, start: 0, stride: Self.imageBytes, count: count, height: Self.side,
      width: Self.side, channels: 3, layout: .planarByColumns)
    let classOfImage = try labels.map { try readLabels($0, count: count) }
    return SplitContents(
      images: ImageSet(packed, labels: classOfImage), found: contents.found, missing: [])
  }

  /// The 2.8 GB of unlabelled images are counted without being held.
  func survey(_ split: String, in files: inout DatasetFiles) throws -> SplitContents {
    guard split == "unlabelled" else { return try read(split, from: &files) }
    let (images, _, contents) = try find(split, in: &files)
    guard let images else { return contents }
    let bytes = try images.length()
    return SplitContents(
      images: nil, count: try imageCount(of: images, bytes: bytes, split: split),
      found: contents.found, missing: [])
  }

  private func find(
    _ split: String, in files: inout DatasetFiles
  ) throws -> (images: DatasetFile?, labels: DatasetFile?, contents: SplitContents) {
    let stem = split == "unlabelled" ? "unlabeled" : split
    let names = split == "unlabelled" ? ["\(stem)_X.bin"] : ["\(stem)_X.bin", "\(stem)_y.bin"]
    let found = try names.map { try files.find([$0], inArchive: archive) }
    let missing = zip(names, found).filter { $0.1 == nil }.map(\.0)
    return (
      found[0], found.count > 1 ? found[1] : nil,
      SplitContents(images: nil, found: found.compactMap { $0?.name }, missing: missing)
    )
  }

  private func imageCount(of file: DatasetFile, bytes: Int, split: String) throws -> Int {
    guard bytes > 0, bytes.isMultiple(of: Self.imageBytes), bytes < Self.largestByteCount else {
      let published = publishedImages[split] ?? 0
      throw file.failure(
        "it holds \(bytes) bytes, no whole number of images of \(Self.imageBytes) bytes each; "
          + "the published file holds \(published * Self.imageBytes)", "get the file again")
    }
    return bytes / Self.imageBytes
  }

  private func readLabels(_ file: DatasetFile, count: Int) throws -> [UInt8] {
    let bytes = try file.readExactly(count, what: "labels of \(count) images")
    if let index = bytes.firstIndex(where: { !(1...Self.classes).contains(Int($0)) }) {
      throw file.failure(
        "the label of image \(index) is \(bytes[index]), where classes count from 1 to "
          + "\(Self.classes)", "get the file again")
    }
    return bytes.map { $0 - 1 }
  }
}
