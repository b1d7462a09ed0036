extension ImageClassification {
  /// The assignments as a table of comma-separated values (RFC 4180, but for lines that end in a
  /// line feed alone): `path`, `cluster` from 1 on, its `name` where the model says what its clusters are
  /// called, `probability`, and, where they were kept,
  /// `probability_1` to `probability_k` of all clusters.
  public var csv: [UInt8] {
    let hasProbabilities = !probabilities.isEmpty
    var text = "path,cluster,\(names == nil ? "" : "name,")probability"
    if hasProbabilities { for cluster in 1...clusters { text += ",probability_\(cluster)" } }
    text += "\n"
    var bytes = Array(text.utf8)
    for (index, assignment) in assignments.enumerated() {
      text = Self.field(assignment.path)
      text += ",\(assignment.cluster + 1)"
      if let names { text += "," + Self.field(names[assignment.cluster]) }
      text += ",\(assignment.probability)"
      if hasProbabilities {
        for value in probabilities[index * clusters..<(index + 1) * clusters] {
          text += ",\(value)"
        }
      }
      text += "\n"
      bytes += Array(text.utf8)
    }
    return bytes
  }

  /// A text as a field: in quotes where it holds what would end one.
  static func field(_ text: String) -> String {
    let mustBeQuoted =
      text.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0) }
      || text.first == " " || text.last == " "
    guard mustBeQuoted else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
