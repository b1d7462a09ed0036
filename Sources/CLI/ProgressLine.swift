import Foundation

/// How far something long has come: one line redrawn in place on a terminal, a plain line every
/// ten seconds and at the end elsewhere.
struct ProgressLine {
  private static let secondsBetweenRedraws = 0.1
  private static let secondsBetweenLines = 10.0

  private let activity: String
  private var count: Int
  private let unit: String
  private let isShown: Bool
  private let terminalColumns: Int?
  private let start = ContinuousClock.now
  private var lastShown: ContinuousClock.Instant
  private var done = 0
  private var detail: String?

  /// Progress of an activity (`learning`) over a number of units (`steps`).
  init(_ activity: String, of count: Int, unit: String, on console: Console) {
    self.activity = activity
    self.count = count
    self.unit = unit
    isShown = console.verbosity >= .normal
    terminalColumns = Self.terminalColumns()
    lastShown = start
  }

  /// Says that so many units are done, of as many as given, where their number was not known.
  mutating func update(done: Int, of count: Int? = nil, detail: String? = nil) {
    self.done = done
    if let count { self.count = count }
    self.detail = detail
    guard isShown else { return }
    let now = ContinuousClock.now
    let wait = terminalColumns == nil ? Self.secondsBetweenLines : Self.secondsBetweenRedraws
    // The last state is for `finish` to show.
    guard (now - lastShown) >= .seconds(wait), done < self.count else { return }
    lastShown = now
    show()
  }

  /// Shows the last state for good.
  mutating func finish() {
    guard isShown else { return }
    show()
    if terminalColumns != nil { Console.writeError("\n") }
  }

  /// Ends without a word: what comes next says what came of it.
  func takeOff() {
    if isShown, terminalColumns != nil { Console.writeError(Console.lineStart) }
  }

  private func show() {
    let text = Self.text(
      activity, done: done, of: count, unit: unit, detail: detail,
      seconds: (ContinuousClock.now - start) / .seconds(1))
    if let terminalColumns {
      Console.writeError("\r\u{1B}[K" + text.prefix(max(terminalColumns - 1, 1)))
    } else {
      Console.writeError(text + "\n")
    }
  }

  /// The line: how much is done, at what rate, and how long the rest takes at that rate.
  static func text(
    _ activity: String, done: Int, of count: Int, unit: String, detail: String?, seconds: Double
  ) -> String {
    var parts = ["\(activity): \(done) of \(count) \(unit)"]
    let rate = seconds > 0 ? Double(done) / seconds : 0
    if rate > 0 { parts.append("\(Numbers.decimal(rate, places: rate < 10 ? 2 : 0)) \(unit)/s") }
    if let detail { parts.append(detail) }
    if done >= count {
      parts.append("done in \(Numbers.duration(seconds))")
    } else if rate > 0 {
      parts.append("\(Numbers.duration(Double(count - done) / rate)) left")
    }
    return parts.joined(separator: ", ")
  }

  /// The width of the terminal that standard error is; nil where it is none.
  private static func terminalColumns() -> Int? {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
