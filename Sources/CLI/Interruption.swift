import Foundation
import Synchronization

/// Ends the program cleanly when it is interrupted or terminated: temporary files of outputs that
/// are being written are removed, and the exit code says what happened.
///
/// A handler passes each signal on to a thread of its own, so that nothing has to be asked in between
/// and a long step does not delay the end. Signals are handled, and not merely blocked and waited
/// for: OpenBLAS starts threads when it is loaded, before anything could be blocked, and the system
/// would end the program on one of those.
final class Interruption: Sendable {
  private let outputs = Mutex<[String]>([])

  /// What the handler, which must not wait for anything, writes the signal's number into.
  private static let pipeEnds: (reading: Int32, writing: Int32) = {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { preconditionFailure("no pipe: \(errno)") }
    return (ends[0], ends[1])
  }()

  /// Whether a signal is ending the program.
  private static let ending = Atomic(false)

  /// Whether a signal is ending the program: nothing is said any more but that. What goes wrong then
  /// does so because files are being removed under the other threads.
  static var isEnding: Bool { ending.load(ordering: .acquiring) }

  /// Waits for the end where a signal is ending the program, so that no other end comes before.
  static func waitIfEnding() {
    while isEnding { sleep(1) }
  }

  /// Begins to watch.
  init() {
    let reading = Self.pipeEnds.reading
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM] where !Self.isIgnored(signal) {
      sigaddset(&signals, signal)
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { signal in
        var number = UInt8(truncatingIfNeeded: signal)
        write(Interruption.pipeEnds.writing, &number, 1)
      }
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
    Thread.detachNewThread { [self] in
      var number: UInt8 = 0
      while read(reading, &number, 1) != 1 { guard errno == EINTR else { return } }
      end(Int32(number))
    }
    // Whoever started the program may have blocked them.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Says which files are being written from now on.
  func willWrite(_ paths: [String]) { outputs.withLock { $0 += paths } }

  private func end(_ signal: Int32) -> Never {
    // Held to the end, so that no output is added while the files go.
    outputs.withLock { paths in
      Self.ending.store(true, ordering: .releasing)
      let word = signal == SIGINT ? "interrupted" : "terminated"
      Console.writeLastError("\(Console.lineStart)\(ProgramVersion.program): \(word)\n")
      Self.becomeRemoval(beside: paths, exitCode: 128 + signal)
      // Without a shell, other threads go on and may put a file into what is being removed.
      for _ in 0..<100 where paths.map({ Self.removeTemporaryFiles(beside: $0) }).contains(true) {}
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
  /// Makes a shell of this process that removes what it has begun beside the paths and not made
  /// appear: that ends the other threads at once, so that nothing is added. The shell keeps the
  /// process's number, and ends with the exit code. Returns only where there is no shell.
  private static func becomeRemoval(beside paths: [String], exitCode: Int32) {
    // Ignored signals stay ignored in the shell: nothing may stop it halfway.
    for number in [SIGINT, SIGTERM] { signal(number, SIG_IGN) }
    let script = """
      code=$1; shift
      for folder; do
        rm -rf -- "$folder"/.partial-"$$"-* "$folder"/.*."$$"-*.partial
      done 2>/dev/null
      exit "$code"
      """
    let folders = Set(paths.map { URL(filePath: $0).deletingLastPathComponent() })
      .map { $0.absoluteURL.path(percentEncoded: false) }
    let arguments = ["sh", "-c", script, "sh", String(exitCode)] + folders
    var pointers = arguments.map { strdup($0) } + [nil]
    execv("/bin/sh", &pointers)
  }

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
