extension SegError {
  /// How many files an error names; the rest are counted.
  private static let mostNamed = 12

  /// An error about several files of a folder: how many, and what is wrong with each.
  static func listing(
    _ problems: [(path: String, reason: String)], operation: String, path: String, what: String,
    remedy: String
  ) -> SegError {
    let named = problems.prefix(mostNamed).map { problem in
      "\(problem.path.split(separator: "/").last.map(String.init) ?? problem.path): "
        + problem.reason
    }
    let rest = problems.count - named.count
    let plural = problems.count == 1 ? what : "\(what)s"
    return SegError(
      operation: operation, path: path,
      reason: "has \(problems.count) \(plural) that cannot be used ("
        + named.joined(separator: ", ") + (rest > 0 ? ", and \(rest) more)" : ")"),
      remedy: remedy)
  }
}
