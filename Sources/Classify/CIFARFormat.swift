/// The binary layout of CIFAR-10 and CIFAR-100: records of one label byte (CIFAR-100: two, the
/// superclass first) and 3,072 bytes of an image, red, green and blue planes of 32 × 32 each.
struct CIFARFormat: DatasetFormat {
  private static let side = 32
  private static let imageBytes = 3 * side * side
  private static let largestByteCount = 1 << 32

  let archive: String
  /// Label bytes before an image, and which of them counts.
  let labelBytes: Int
  let labelByte: Int
  let classes: Int
  /// Names of a split's files.
  let fileNames: [String: [String]]
  /// Images in each published file.
  let publishedImages: [String: Int]

  private var recordBytes: Int { labelBytes + Self.imageBytes }

  func read(_ split: String, from files: inout DatasetFiles) throws -> SplitContents {
    var sets: [ImageSet] = []
    var found: [String] = []
    var missing: [String] = []
    for name in fileNames[split] ?? [] {
      guard let file = try files.find([name], inArchive: archive) else {
        missing.append(name)
        continue
      }
      found.append(file.name)
      sets.append(try read(file, split: split))
    }
    return SplitContents(
      images: sets.isEmpty ? nil : .joined(sets), found: found, missing: missing)
  }

  private func read(_ file: DatasetFile, split: String) throws -> ImageSet {
    let bytes = try file.read(upTo: Self.largestByteCount)
    guard !bytes.isEmpty, bytes.count.isMultiple(of: recordBytes),
      bytes.count < Self.largestByteCount
    else {
      let published = publishedImages[split] ?? 0
      throw file.failure(
        "it holds \(bytes.count) bytes, no whole number of images of \(recordBytes) bytes each; "
          + "the published file holds \(published * recordBytes)", "get the file again")
    }
    let count = bytes.count / recordBytes
    let labels = (0..<count).map { bytes[$0 * recordBytes + labelByte] }
    try file.checkLabels(labels, classes: classes)
    return ImageSet(
      PackedImages(
        bytes: bytes, start: labelBytes, stride: recordBytes, count: count, height: Self.side,
        width: Self.side, channels: 3, layout: .planar), labels: labels)
  }
}
