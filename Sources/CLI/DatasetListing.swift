import IIC

/// What `iic datasets` says of the datasets it knows.
struct DatasetListing: Encodable {
  let datasets: [DatasetDescription]

  var text: String {
    var table = TextTable([
      ("name", .left), ("images", .right), ("classes", .right), ("what", .left),
    ])
    for dataset in datasets {
      let images = dataset.splits.compactMap(\.images)
      table.add([
        dataset.name, images.isEmpty ? "–" : Numbers.grouped(images.reduce(0, +)),
        dataset.classNames.isEmpty ? "–" : "\(dataset.classNames.count)", dataset.title,
      ])
    }
    return table.text + "\niic datasets NAME says more of one"
  }

  /// All there is to say of one.
  static func text(describing dataset: DatasetDescription) -> String {
    var lines = ["\(dataset.name): \(dataset.title)"]
    func add(_ heading: String, _ texts: [String]) {
      for (index, text) in texts.enumerated() {
        let start = index == 0 ? heading : ""
        lines.append("  \(start)\(String(repeating: " ", count: 11 - start.count))\(text)")
      }
    }
    add("from", [dataset.origin].compactMap { $0 })
    add("licence", [dataset.licence])
    add(
      "files",
      dataset.archives.map { archive in archive.name + (archive.md5.map { "  MD5 \($0)" } ?? "") }
        + (dataset.checksumSource.map { ["(checksums by \($0))"] } ?? []))
    add("layout", dataset.layout)
    add(
      "images",
      dataset.splits.map { split in
        let count = split.images.map { Numbers.grouped($0) } ?? "as many as you have"
        return "\(split.name): \(count)\(split.isLabelled ? "" : ", without labels")"
      })
    add("classes", wrapped(dataset.classNames))
    lines.append("check a folder: iic datasets \(dataset.name) --data FOLDER")
    return lines.joined(separator: "\n")
  }

  /// Words with commas between, in lines of at most 80 letters.
  private static func wrapped(_ words: [String]) -> [String] {
    var lines: [String] = []
    for (index, word) in words.enumerated() {
      let text = index + 1 < words.count ? word + "," : word
      if let last = lines.last, last.count + text.count < 80 {
        lines[lines.count - 1] += " " + text
      } else {
        lines.append(text)
      }
    }
    return lines
  }
}
