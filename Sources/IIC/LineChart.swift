internal import Foundation

/// Curves over epochs as an SVG picture inside a page. Its colours come from the page's style:
/// `line-0`, `line-1` … for the curves, `grid` and `axis`.
struct LineChart {
  /// A curve.
  struct Series {
    /// Its name in the legend.
    let name: String
    /// A value an epoch; nil leaves a gap.
    let values: [Double?]
  }

  /// How values are written.
  enum Format {
    case decimal, perCent

    /// A value as exactly as `step` wants it: 0.25, or -3e-7 where it would be mostly zeros.
    func text(_ value: Double, step: Double) -> String {
      let scaled = self == .perCent ? value * 100 : value
      let scaledStep = self == .perCent ? step * 100 : step
      let power = Int(floor(log10(scaledStep) + 1e-9))
      let places = max(0, -power)
      // How many units of the last place; no -0.
      let units = (scaled * pow(10, Double(places))).rounded()
      let digits =
        units == 0
        ? "0"
        : places > 5 && abs(units) < 1000
          ? "\(Int(units))e-\(places)" : String(format: "%.\(places)f", scaled)
      return digits + (self == .perCent ? " %" : "")
    }
  }

  let epochs: [Int]
  let series: [Series]
  let format: Format

  private let width = 720.0
  private let height = 300.0
  /// What a letter of an axis takes at most, and the room beside the longest.
  private let letter = 7.0
  private let beside = 20.0
  private let right = 14.0
  private let top = 12.0
  private let bottom = 46.0

  /// The picture and its legend; nil where there are no values.
  var html: String? {
    let values = series.flatMap(\.values).compactMap(\.self).filter(\.isFinite)
    guard let least = values.min(), let most = values.max(), let first = epochs.first,
      let last = epochs.last
    else { return nil }
    // No finer than numbers of this size can be told apart.
    let finest = max(1e-6, 1e-6 * max(abs(least), abs(most)))
    let step = Self.step(over: max(most - least, finest), atMost: 6)
    let lowest = Int((least / step).rounded(.down))
    let highest = max(Int((most / step).rounded(.up)), lowest + 1)
    let ticks = (lowest...highest).map { Double($0) * step }
    let (lower, upper) = (ticks[0], ticks[ticks.count - 1])
    let labels = ticks.map { format.text($0, step: step) }
    let left = beside + letter * Double(labels.map(\.count).max() ?? 0)
    func y(_ value: Double) -> Double {
      top + (height - top - bottom) * (upper - value) / (upper - lower)
    }
    func x(_ epoch: Int) -> Double {
      let span = Double(max(last - first, 1))
      return left + (width - left - right) * Double(epoch - first) / span
    }
    var parts: [String] = []
    for (value, label) in zip(ticks, labels) {
      parts.append(
        "<line class=\"grid\" x1=\"\(left)\" x2=\"\(width - right)\" y1=\"\(Self.short(y(value)))\" "
          + "y2=\"\(Self.short(y(value)))\"/>"
          + text(label, x: left - 8, y: y(value) + 4, anchor: "end"))
    }
    let epochStep = max(1, Int(Self.step(over: Double(max(last - first, 1)), atMost: 10)))
    for epoch in stride(from: first, through: last, by: epochStep) {
      parts.append(text("\(epoch)", x: x(epoch), y: height - bottom + 18, anchor: "middle"))
    }
    parts.append(text("epoch", x: width - right, y: height - 8, anchor: "end"))
    for (index, curve) in series.enumerated() {
      parts.append(drawn(curve, index: index, x: x, y: y, step: step))
    }
    let legend = series.enumerated().map { index, curve in
      "<span class=\"key\"><i class=\"line-\(index)\"></i>\(Self.escaped(curve.name))</span>"
    }.joined()
    return "<svg viewBox=\"0 0 \(Int(width)) \(Int(height))\" role=\"img\">\(parts.joined())</svg>"
      + "<p class=\"legend\">\(legend)</p>"
  }

  private func drawn(
    _ curve: Series, index: Int, x: (Int) -> Double, y: (Double) -> Double, step: Double
  ) -> String {
    var path = ""
    var isDown = false
    var dots = ""
    let hasDots = epochs.count <= 60
    for (epoch, value) in zip(epochs, curve.values) {
      guard let value else {
        isDown = false
        continue
      }
      path += "\(isDown ? "L" : "M")\(Self.short(x(epoch))) \(Self.short(y(value)))"
      isDown = true
      if hasDots {
        let words = "epoch \(epoch), \(curve.name): \(format.text(value, step: step / 100))"
        dots +=
          "<circle class=\"line-\(index)\" cx=\"\(Self.short(x(epoch)))\" "
          + "cy=\"\(Self.short(y(value)))\" r=\"3\"><title>\(Self.escaped(words))</title></circle>"
      }
    }
    return "<path class=\"line-\(index)\" d=\"\(path)\"/>" + dots
  }

  private func text(_ words: String, x: Double, y: Double, anchor: String) -> String {
    "<text class=\"axis\" x=\"\(Self.short(x))\" y=\"\(Self.short(y))\" "
      + "text-anchor=\"\(anchor)\">\(words)</text>"
  }

  private static func short(_ value: Double) -> String { String(format: "%.1f", value) }

  /// A step of 1, 2 or 5 times a power of ten, of which a range has at most so many.
  static func step(over range: Double, atMost count: Int) -> Double {
    let rough = range / Double(count)
    let power = pow(10, floor(log10(rough)))
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * (1 - 1e-9) } ?? 10 * power
  }

  /// Text as it may stand in HTML.
  static func escaped(_ text: some StringProtocol) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}
