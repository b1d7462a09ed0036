import ArgumentParser
import Raster

/// One of several parts of the work, each of which is labelled by a run of its own: `2/8`.
struct Shard: ExpressibleByArgument {
  /// From 1 on.
  let number: Int
  let count: Int

  private static let most = 10_000

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]),
      (1...Self.most).contains(count), (1...count).contains(number)
    else { return nil }
    self.number = number
    self.count = count
  }

  /// What tells one part of a raster from the others in files' names; sorts as the parts lie.
  var suffix: String {
    let digits = "\(count)".count
    return "-\(Self.padded(number, to: digits))-of-\(count)"
  }

  /// The inputs of this part, of several: every `count`-th.
  ///
  /// - Throws: `CommandError` where there are fewer inputs than parts.
  func share(of inputs: [String]) throws -> [String] {
    guard count <= inputs.count else { throw tooMany("inputs", inputs.count) }
    return inputs.enumerated().filter { $0.offset % count == number - 1 }.map(\.element)
  }

  /// The rows of this part of a window: strips, from top to bottom, that differ by a row at most.
  ///
  /// - Throws: `CommandError` where there are fewer rows than parts.
  func strip(of window: Window) throws -> Window {
    guard count <= window.height else { throw tooMany("rows", window.height) }
    let first = window.height * (number - 1) / count
    let end = window.height * number / count
    return Window(
      column: window.column, row: window.row + first, width: window.width, height: end - first)
  }

  private func tooMany(_ things: String, _ number: Int) -> CommandError {
    CommandError(
      "--shard \(self.number)/\(count) is one of more parts than there are \(things)",
      remedy: "give at most \(number) parts")
  }

  private static func padded(_ number: Int, to digits: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
