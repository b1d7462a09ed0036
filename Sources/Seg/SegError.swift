/// What went wrong with something from outside while learning from or labelling rasters.
public struct SegError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was being done, as a verb: "learn", "label".
  public let operation: String
  /// The file it was done with.
  public let path: String
  /// Why it failed.
  public let reason: String
  /// What to do about it.
  public let remedy: String

  /// An error about a file.
  public init(operation: String, path: String, reason: String, remedy: String) {
    self.operation = operation
    self.path = path
    self.reason = reason
    self.remedy = remedy
  }

  /// One line that says all of it.
  public var description: String { "cannot \(operation) \(path): it \(reason); \(remedy)" }
}
