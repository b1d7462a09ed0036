import Foundation
import Synchronization

/// Ends the program cleanly when it is interrupted or terminated: temporary files of outputs that
/// are being written are removed, and the exit code says what happened.
///
/// The signals are waited for on a thread of its own, so that nothing has to be asked in between
/// and a long step does not delay the end.
final class Interruption: Sendable {
  private let outputs = Mutex<[String]>([])

  /// Begins to watch. Create it on the main thread before any other thread: those created later
  /// leave the signals to the one that waits.
  init() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM] where !Self.isIgnored(signal) { sigaddset(&signals, signal) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let waited = signals
    Thread.detachNewThread { [self] in
      var signals = waited
      var signal: Int32 = 0
      guard sigwait(&signals, &signal) == 0 else { return }
      end(signal)
    }
  }

  /// Says which files are being written from now on.
  func willWrite(_ paths: [String]) { outputs.withLock { $0 += paths } }

  private func end(_ signal: Int32) -> Never {
    // Held to the end, so that no output is added while the files go.
    outputs.withLock { paths in
      // Other threads go on meanwhile and may put a file into what is being removed.
      for _ in 0..<100 where paths.map({ Self.removeTemporaryFiles(beside: $0) }).contains(true) {}
      let word = signal == SIGINT ? "interrupted" : "terminated"
      Console.writeError("\(Console.lineStart)\(ProgramVersion.program): \(word)\n")
      // Nothing of the other threads' is run down: they may be in the middle of anything.
      _exit(128 + signal)
    }
  }

  /// A signal ignored from the start, as for a job in the background, stays ignored.
  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(signal, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

extension Interruption {
  /// Removes what this process has begun beside a path and not made appear: hidden files and
  /// folders that carry its number and the word `partial`. Returns whether there were any.
  private static func removeTemporaryFiles(beside path: String) -> Bool {
    let folder = URL(filePath: path).deletingLastPathComponent()
    let number = "\(getpid())-"
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)))
      ?? []
    let own = names.filter {
      $0.hasPrefix(".") && $0.contains("partial")
        && ($0.contains(".\(number)") || $0.contains("-\(number)"))
    }
    for name in own {
      try? FileManager.default.removeItem(at: folder.appending(component: name))
    }
    return !own.isEmpty
  }
}
