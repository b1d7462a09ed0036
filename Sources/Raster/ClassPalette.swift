internal import Foundation

/// Colours for classes that have none of their own.
///
/// The first seven are those of Okabe and Ito (2008) without black, which people with any common
/// colour vision tell apart. Each one after is the colour farthest from all before
/// it, for the vision, normal or lacking red or green cones, that tells them apart least.
public enum ClassPalette {
  /// Distinct colours for `count` classes, 0–255; a class's colour does not depend on how many
  /// follow it.
  public static func colours(count: Int) -> [RGBColour] {
    precondition((0...255).contains(count), "a palette of \(count) colours")
    return Array(all[..<count])
  }

  private static let all: [RGBColour] = {
    let codes: [UInt32] = [
      0x0072B2, 0xE69F00, 0x009E73, 0xCC79A7, 0xF0E442, 0x56B4E9, 0xD55E00,
    ]
    var colours = codes.map { code in
      RGBColour(red: UInt8(code >> 16), green: UInt8(code >> 8 & 0xFF), blue: UInt8(code & 0xFF))
    }
    let steps = stride(from: 0, through: 252, by: 28).map { UInt8($0) }
    let candidates = steps.flatMap { red in
      steps.flatMap { green in
        steps.map { RGBColour(red: red, green: green, blue: $0) }
      }
    }
    // Black and white stand for nodata and paper; near them, classes would be taken for those.
    .filter { (25.0...93.0).contains(Appearance($0).normal.lightness) }
    let appearances = candidates.map { Appearance($0) }
    var distances = appearances.map { candidate in
      colours.map { candidate.distance(to: Appearance($0)) }.min() ?? 0
    }
    while colours.count < 255 {
      // Strictly greater by more than rounding: of equals the first wins, on every machine.
      let farthest = distances.indices.reduce(0) { best, index in
        distances[index] > distances[best] + 1e-6 ? index : best
      }
      colours.append(candidates[farthest])
      for index in distances.indices {
        distances[index] = min(
          distances[index], appearances[index].distance(to: appearances[farthest]))
      }
    }
    return colours
  }()

  /// A colour in CIE L*a*b* (D65), as seen with and without red and green cones.
  struct Appearance {
    struct Lab {
      let lightness, a, b: Double

      func distance(to other: Lab) -> Double {
        let (dl, da, db) = (lightness - other.lightness, a - other.a, b - other.b)
        return (dl * dl + da * da + db * db).squareRoot()
      }
    }

    let normal, withoutRed, withoutGreen: Lab

    init(_ colour: RGBColour) {
      let (r, g, b) = (
        Self.linear(colour.red), Self.linear(colour.green), Self.linear(colour.blue)
      )
      normal = Self.lab(r, g, b)
      // Viénot, Brettel and Mollon (1999), equations for linear RGB.
      let protan = 0.11238 * r + 0.88762 * g
      withoutRed = Self.lab(protan, protan, 0.00401 * r - 0.00401 * g + b)
      let deutan = 0.29275 * r + 0.70725 * g
      withoutGreen = Self.lab(deutan, deutan, -0.02234 * r + 0.02234 * g + b)
    }

    /// The distance for the vision that tells the two apart least.
    func distance(to other: Appearance) -> Double {
      // Dichromats see a plane of colours, where 255 cannot all lie apart: it counts for less.
      min(
        normal.distance(to: other.normal), 2 * withoutRed.distance(to: other.withoutRed),
        2 * withoutGreen.distance(to: other.withoutGreen))
    }

    private static func linear(_ channel: UInt8) -> Double {
      let value = Double(channel) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }

    private static func lab(_ r: Double, _ g: Double, _ b: Double) -> Lab {
      func response(_ t: Double) -> Double { t > 0.008856 ? cbrt(t) : 7.787 * t + 16 / 116 }
      let x = response((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047)
      let y = response(0.2126 * r + 0.7152 * g + 0.0722 * b)
      let z = response((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883)
      return Lab(lightness: 116 * y - 16, a: 500 * (x - y), b: 200 * (y - z))
    }
  }
}
