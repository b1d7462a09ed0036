import IIC

/// What `iic datasets NAME --data FOLDER` says of the folder.
struct DatasetCheck: Encodable {
  /// One can learn from it: of a published dataset, no file is damaged.
  let isUsable: Bool
  /// All that was published is there.
  let isComplete: Bool
  private let report: DatasetReport

  init(_ report: DatasetReport, _ description: DatasetDescription) {
    self.report = report
    isUsable = report.isUsable && (description.archives.isEmpty || report.problems.isEmpty)
    isComplete = report.isComplete
  }

  private enum Key: String, CodingKey {
    case dataset, path, usable, complete, archives, splits, problems, otherFiles
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(report.name, forKey: .dataset)
    try container.encode(report.path, forKey: .path)
    try container.encode(isUsable, forKey: .usable)
    try container.encode(isComplete, forKey: .complete)
    try container.encode(report.archives, forKey: .archives)
    try container.encode(report.splits, forKey: .splits)
    try container.encode(report.problems, forKey: .problems)
    try container.encode(report.otherFiles, forKey: .otherFiles)
  }

  var text: String {
    var lines: [String] = []
    for split in report.splits {
      var line = "\(split.name): \(Numbers.counted(split.images, "image"))"
      if let published = split.publishedImages, published != split.images {
        line += " of the \(Numbers.grouped(published)) published"
      }
      lines.append(line)
      lines += split.files.map { "  from \($0)" }
      if !split.missing.isEmpty {
        lines.append("  missing: " + split.missing.joined(separator: ", "))
      }
    }
    for archive in report.archives {
      lines.append(
        "\(archive.path): "
          + (archive.isAsPublished
            ? "byte for byte as published"
            : "packed anew or changed, not byte for byte as published"))
    }
    let labelled = report.splits.filter { !$0.classes.isEmpty }
    if let first = labelled.first {
      var table = TextTable(
        [("class", .left)] + labelled.map { (heading: $0.name, alignment: .right) })
      for index in first.classes.indices {
        table.add(
          [first.classes[index].name] + labelled.map { Numbers.grouped($0.classes[index].images) })
      }
      lines.append(table.text)
    }
    if !report.problems.isEmpty {
      lines.append("\(Numbers.counted(report.problems.count, "file")) left out, named above")
    }
    if report.otherFiles > 0 {
      lines.append("\(Numbers.counted(report.otherFiles, "file")) of other kinds passed over")
    }
    lines.append(
      isUsable
        ? "iic can use it" + (isComplete ? "" : ", though it is not all of it")
        : "iic cannot use it")
    return lines.joined(separator: "\n")
  }
}
