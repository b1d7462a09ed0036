import Foundation

/// The most memory that this process has had resident at a time.
enum PeakMemory {
  /// `812 MiB`; nil where the system does not say.
  static var text: String? {
    // Not `getrusage`, which may know a parent's peak instead.
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
        Int($0)
      })
    else { return nil }
    return "\(kibibytes / 1024) MiB"
  }
}
