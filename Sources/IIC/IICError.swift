/// What went wrong with something that came from outside: a model file, a configuration, a label set.
///
/// Broken invariants inside the engine trap instead.
public struct IICError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was being done, as it completes "cannot …": `read model`, `write model`.
  public var operation: String
  /// The file concerned, where there is one.
  public var path: String?
  /// Why it could not be done.
  public var reason: String
  /// What the user can do about it.
  public var remedy: String

  /// Makes an error from its four parts.
  public init(operation: String, path: String? = nil, reason: String, remedy: String) {
    self.operation = operation
    self.path = path
    self.reason = reason
    self.remedy = remedy
  }

  /// The whole error on one line: `cannot OPERATION PATH: REASON; REMEDY`.
  public var description: String {
    let file = path.map { " \($0)" } ?? ""
    return Self.onOneLine("cannot \(operation)\(file): \(reason); \(remedy)")
  }

  /// The same error, said of the file at `path`, unless it already names one.
  public func at(path: String) -> IICError {
    var copy = self
    copy.path = self.path ?? path
    return copy
  }

  /// A training step came to numbers that are not finite. `rates` is what can be lowered.
  static func notFinite(_ subject: String, rates: String = "learning rate") -> IICError {
    IICError(
      operation: "train", reason: "\(subject) is not finite",
      remedy: "lower the \(rates), and check that the input is scaled to about 0…1")
  }

  /// Text from a file as it may stand in a message: quoted, and cut when it is long.
  static func quoted(_ text: some StringProtocol) -> String {
    text.count > 80 ? "`\(text.prefix(80))…`" : "`\(text)`"
  }

  /// A file may hold any name; terminal control characters and line ends must not reach the user.
  private static func onOneLine(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
        line.append("?")
      default:
        line.append(scalar)
      }
    }
    return String(line)
  }
}
