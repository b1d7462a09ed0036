/// The command line as it is recorded in a label map.
enum CommandLineRecord {
  /// Options that say where results go, or how the program talks, with whether they take a value.
  private static let leftOut: [String: Bool] = [
    "-o": true, "--output": true, "--save-model": true, "--probabilities": true,
    "--confidence": true, "--vector": true, "--quicklook": true, "--overwrite": false,
    "--quiet": false,
    "-q": false, "--verbose": false, "-v": false, "--json": false,
  ]

  /// The arguments as typed, but for those that do not bear on the labels, so that one run twice
  /// gives the same bytes wherever they go. Quoted as a shell wants them.
  static func text(_ arguments: [String]) -> String {
    var kept: [String] = []
    var remaining = arguments[...]
    while let argument = remaining.popFirst() {
      if argument == "--" {
        kept.append(argument)
        kept += remaining
        break
      }
      let name = argument.split(separator: "=", maxSplits: 1).first.map(String.init) ?? argument
      if let takesValue = leftOut[argument] {
        if takesValue { _ = remaining.popFirst() }
      } else if argument.hasPrefix("--"), name != argument, leftOut[name] == true {
        continue
      } else if argument.hasPrefix("-o"), !argument.hasPrefix("--") {
        continue
      } else {
        kept.append(argument)
      }
    }
    return ([ProgramVersion.program] + kept).map(quoted).joined(separator: " ")
  }

  /// An argument as a shell wants it.
  static func quoted(_ argument: String) -> String {
    let plain = argument.utf8.allSatisfy {
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "-_./,=:+@%".utf8.contains($0) || $0 > 127
    }
    if plain && !argument.isEmpty { return argument }
    let escaped = argument.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''")
    return "'\(escaped)'"
  }
}
