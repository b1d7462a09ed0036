/// What went wrong with something from outside while reading or clustering images.
public struct ClassifyError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was being done, as it completes "cannot …": `read`, `use`.
  public let operation: String
  /// The file or folder concerned.
  public let path: String
  /// Why it failed.
  public let reason: String
  /// What to do about it.
  public let remedy: String

  /// An error about a file or folder.
  public init(operation: String, path: String, reason: String, remedy: String) {
    self.operation = operation
    self.path = path
    self.reason = reason
    self.remedy = remedy
  }

  /// The whole error on one line: `cannot OPERATION PATH: REASON; REMEDY`.
  public var description: String {
    "cannot \(operation) \(path): \(reason); \(remedy)"
      .split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
