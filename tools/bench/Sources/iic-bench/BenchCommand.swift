import ArgumentParser
import Foundation

/// `iic-bench`: how long the engine takes for the work that people wait for.
@main
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "iic-bench",
    abstract: "Times training steps, inference and whole-raster labelling.",
    discussion: """
      Prints a line a case: CASE min SECONDS median SECONDS RATE UNIT, and after it for \
      train-seg10a-k24-b75 and segment-8k: peak MEBIBYTES MiB. Everything is float32 on random data. A repeat of a \
      training case is one step: both views forward, loss, backward, Adam.

      \(BenchmarkCase.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"))
      """,
    subcommands: [RunCommand.self, LabelRasterCommand.self], defaultSubcommand: RunCommand.self)
}

/// The command itself.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Time cases (what is done where no subcommand is named).")

  @Argument(help: "The cases, one or more.")
  var cases: [BenchmarkCase]

  @Option(help: ArgumentHelp("Repeats that are timed, after one that is not.", valueName: "n"))
  var repeats = 5

  @Option(help: ArgumentHelp("Worker threads.", valueName: "n"))
  var threads = 2

  @Option(help: ArgumentHelp("Side of the raster of segment-8k, in pixels.", valueName: "pixels"))
  var side = 8192

  func validate() throws {
    if !(1...10_000).contains(repeats) {
      throw ValidationError("--repeats \(repeats): give 1 to 10000")
    }
    if !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): give 1 to 1024")
    }
    if !(64...65536).contains(side) { throw ValidationError("--side \(side): give 64 to 65536") }
  }

  func run() throws {
    for benchmark in cases {
      let line = try benchmark.measure(repeats: repeats, threads: threads, side: side)
      FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
  }
}
