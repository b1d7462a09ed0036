import ArgumentParser
import Foundation

/// The most memory that this process had resident at a time.
enum PeakMemory {
  /// The kernel's high-water mark. `ru_maxrss` would be its parent's, where that is higher.
  static func mebibytes() throws -> Double {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    guard
      let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
        Double($0)
      })
    else { throw ValidationError("/proc/self/status does not say how much memory was used") }
    return kibibytes / 1024
  }
}
