/// What went wrong with a file, in words for the person who named it.
///
/// ``description`` is always one line: operation, path, reason, remedy.
public struct RasterError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was attempted, as it reads after "cannot": `open`, `read`, `write`.
  public let operation: String
  /// The file concerned.
  public let path: String
  /// Why it failed.
  public let reason: String
  /// What to do about it.
  public internal(set) var remedy: String

  /// An error of `operation` on the file at `path`. Line breaks in any part become spaces.
  public init(operation: String, path: String, reason: String, remedy: String) {
    self.operation = Self.oneLine(operation)
    self.path = Self.oneLine(path)
    self.reason = Self.oneLine(reason)
    self.remedy = Self.oneLine(remedy)
  }

  /// One line, such as `cannot open ortho.tif: no such file; check the path`.
  public var description: String { "cannot \(operation) \(path): \(reason); \(remedy)" }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
