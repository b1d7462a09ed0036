import ArgumentParser
import Foundation

/// How an error ends the program: one line on standard error and an exit code.
enum Failure {
  /// Ends the program: with help or the version where that is what was asked for, with 64 for
  /// wrong usage, with 1 for anything else.
  static func exit(with error: any Error) -> Never {
    Interruption.waitIfEnding()
    let code = IICCommand.exitCode(for: error)
    guard !code.isSuccess else { IICCommand.exit(withError: error) }
    let line =
      code == .validationFailure
      ? usage(IICCommand.message(for: error), IICCommand.fullMessage(for: error))
      : line(for: error)
    Console.writeError("\(Console.lineStart)\(ProgramVersion.program): \(line)\n")
    Foundation.exit(code.rawValue)
  }

  /// The error in one line. The libraries' errors say operation, file, reason and remedy.
  static func line(for error: any Error) -> String {
    let text = error is CocoaError ? error.localizedDescription : String(describing: error)
    return oneLine(text)
  }

  /// What is wrong with the arguments, and which help to read.
  static func usage(_ message: String, _ fullMessage: String) -> String {
    let hint = fullMessage.split(separator: "\n").last {
      $0.drop(while: \.isWhitespace).hasPrefix("See ")
    }
    let trimmed = hint.map { ". " + $0.trimmingCharacters(in: .whitespaces) } ?? ""
    let end = message.last.map { ".!?".contains($0) } ?? false
    return oneLine((end ? String(message.dropLast()) : message) + trimmed)
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .joined(separator: " ")
  }
}

/// What went wrong with something that the command line itself asked for.
struct CommandError: Error, CustomStringConvertible {
  /// The whole error in one line: what is wrong and what to do about it.
  let description: String

  init(_ reason: String, remedy: String) { description = "\(reason); \(remedy)" }
}
