import Foundation

/// Numbers as people read them.
enum Numbers {
  /// `0.912`: so many places, whatever the locale.
  static func decimal(_ value: Double, places: Int) -> String {
    String(format: "%.\(places)f", value)
  }

  /// `0.912`, or `–` where there is no value.
  static func score(_ value: Double?) -> String { value.map { decimal($0, places: 3) } ?? "–" }

  /// `41.2 %` of a share from 0 to 1.
  static func perCent(_ share: Double) -> String { decimal(share * 100, places: 1) + " %" }

  /// `1,048,576`.
  static func grouped(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// `1 pixel`, `1,048,576 pixels`.
  static func counted(_ value: Int, _ noun: String) -> String {
    "\(grouped(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// `8.1 s`, `2 min 05 s` or `3 h 12 min`.
  static func duration(_ seconds: Double) -> String {
    if seconds < 59.95 { return decimal(seconds, places: 1) + " s" }
    let whole = Int(min(seconds.rounded(), 1e9))
    if whole < 3600 { return "\(whole / 60) min \(String(format: "%02d", whole % 60)) s" }
    return "\(whole / 3600) h \(String(format: "%02d", whole % 3600 / 60)) min"
  }

  /// `12.3 MB`.
  static func bytes(_ count: Int) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
    var value = Double(count)
    var unit = 0
    while value >= 999.5, unit + 1 < units.count {
      value /= 1000
      unit += 1
    }
    return "\(decimal(value, places: unit == 0 || value >= 100 ? 0 : 1)) \(units[unit])"
  }
}
