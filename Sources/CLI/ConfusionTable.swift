/// How classes and clusters meet, as a table: a row a class, a column a cluster.
enum ConfusionTable {
  /// Columns that a terminal has room for.
  private static let mostClusters = 12

  /// A heading and the table, or where there are too many clusters a word on where to find it.
  ///
  /// - Parameters:
  ///   - what: whose clusters they are, where that is not plain.
  ///   - counts: a row a class, a column a cluster.
  static func lines(of what: String? = nil, classes: [String], counts: [[Int]]) -> [String] {
    let clusters = counts.first?.count ?? 0
    let heading =
      "confusion" + (what.map { " of \($0)" } ?? "") + " (rows: classes, columns: clusters)"
    guard clusters <= mostClusters else {
      return [heading + ": \(clusters) columns, which --json gives"]
    }
    var table = TextTable(
      [("class", .left)] + (0..<clusters).map { (heading: "\($0 + 1)", alignment: .right) })
    for (name, row) in zip(classes, counts) {
      table.add([name] + row.map { Numbers.grouped($0) })
    }
    return [heading, table.text]
  }
}
