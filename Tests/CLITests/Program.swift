import Foundation

/// The built command, beside the test bundle.
enum Program {
  struct Outcome {
    let code: Int32
    let output: String
    let errors: String

    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }

    /// The result of `--json`.
    func json() throws -> [String: Any] {
      let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
      guard let dictionary = object as? [String: Any] else { throw CocoaError(.coderReadCorrupt) }
      return dictionary
    }
  }

  /// A run of the command that may still go on.
  final class Run {
    let process = Process()
    private let folder = TemporaryFolder()

    init(_ arguments: [String], in directory: TemporaryFolder) throws {
      process.executableURL = Program.url
      process.arguments = arguments
      process.currentDirectoryURL = URL(filePath: directory.path)
      for name in ["output", "errors"] {
        try Data().write(to: URL(filePath: folder.file(name)))
      }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle(forWritingAtPath: folder.file("output"))
      process.standardError = FileHandle(forWritingAtPath: folder.file("errors"))
      try process.run()
    }

    /// What has been put on standard error so far.
    var errors: String { text("errors") }

    /// What has been put on standard output so far.
    var output: String { text("output") }

    func wait() -> Outcome {
      process.waitUntilExit()
      return Outcome(code: process.terminationStatus, output: output, errors: errors)
    }

    /// Waits until `condition` holds, up to half a minute; says whether it came to.
    func waitUntil(_ condition: () -> Bool) -> Bool {
      let deadline = Date(timeIntervalSinceNow: 30)
      while Date() < deadline, process.isRunning {
        if condition() { return true }
        usleep(2000)
      }
      return false
    }

    private func text(_ name: String) -> String {
      (try? String(contentsOfFile: folder.file(name), encoding: .utf8)) ?? ""
    }
  }

  static func run(_ arguments: [String], in directory: TemporaryFolder) throws -> Outcome {
    try Run(arguments, in: directory).wait()
  }

  static var path: String { url.path(percentEncoded: false) }

  private static var url: URL {
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(component: "iic")
  }
}

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory
      .appending(component: "iic-cli-tests-\(UUID().uuidString)").path(percentEncoded: false)
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: file(name))) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  /// The names in the folder, hidden ones too.
  var names: Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
  }
}
