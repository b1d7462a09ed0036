import Foundation

/// Where a command says things: results on standard output, all else on standard error.
struct Console: Sendable {
  enum Verbosity: Int, Comparable {
    case quiet, normal, verbose

    static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
  }

  let verbosity: Verbosity
  /// Whether the result is wanted as one JSON object.
  let isJSON: Bool

  /// Says what a person wants to know, unless `--quiet`.
  func say(_ message: String) {
    if verbosity >= .normal { Self.writeError(message + "\n") }
  }

  /// Says what only `--verbose` asks for.
  func detail(_ message: @autoclosure () -> String) {
    if verbosity >= .verbose { Self.writeError(message() + "\n") }
  }

  /// Warns, whatever the verbosity.
  func warn(_ message: String) {
    Self.writeError("\(ProgramVersion.program): warning: \(message)\n")
  }

  /// Puts out the command's result: text for people, or one JSON object.
  func result(text: @autoclosure () -> String, json: some Encodable) throws {
    let result = isJSON ? try Self.json(json) : text()
    try Self.writeResult(Array((result + "\n").utf8))
  }

  /// Puts out the command's result where it is wanted as JSON, and says it otherwise.
  func summary(text: @autoclosure () -> String, json: some Encodable) throws {
    if isJSON { try result(text: "", json: json) } else { say(text()) }
  }

  /// What takes a progress line off the terminal before an error is said.
  static var lineStart: String { isatty(STDERR_FILENO) == 1 ? "\r\u{1B}[K" : "" }

  /// Says something on standard error, unless a signal is ending the program.
  static func writeError(_ text: String) {
    if !Interruption.isEnding { writeLastError(text) }
  }

  /// Says on standard error what ends the program.
  static func writeLastError(_ text: String) {
    // There is nowhere left to say that standard error takes nothing.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Puts bytes on standard output.
  ///
  /// - Throws: `CommandError` where it does not take them, as on a full disk.
  static func writeResult(_ bytes: [UInt8]) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(bytes))
    } catch {
      throw CommandError(
        "cannot write the result to standard output: it does not take it",
        remedy: "check where it goes to, and that disk's free space")
    }
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
