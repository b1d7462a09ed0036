import ArgumentParser
import Foundation

/// The options that every command takes.
struct CommonOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say nothing but warnings, errors and the result.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say more about what is done and with which settings.")
  var verbose = false

  @Flag(help: "Put the result on standard output as one JSON object, and nothing else there.")
  var json = false

  @Option(help: ArgumentHelp("Worker threads (default: all cores available).", valueName: "n"))
  var threads: Int?

  @Option(help: ArgumentHelp("Seed of everything random.", valueName: "n"))
  var seed: UInt64 = 0

  @Flag(help: "Replace outputs that exist.")
  var overwrite = false

  func validate() throws {
    if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): give 1 to 1024")
    }
  }

  var console: Console {
    Console(verbosity: quiet ? .quiet : verbose ? .verbose : .normal, isJSON: json)
  }

  var threadCount: Int {
    threads ?? min(max(ProcessInfo.processInfo.activeProcessorCount, 1), 1024)
  }
}
