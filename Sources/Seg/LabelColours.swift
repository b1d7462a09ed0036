internal import Raster

/// Turns colours of label images into classes, and counts those that are not on the table.
struct LabelColours: Sendable {
  /// What was met on the way.
  struct Count: Sendable, Equatable {
    var pixels = 0
    /// Off the table, but near enough to one of its colours to be what compression made of it.
    var offTable = 0
    /// Near no colour of the table.
    var unknown = 0
    /// The first such colour.
    var firstUnknown: RGBColour?

    static func += (one: inout Count, other: Count) {
      one.pixels += other.pixels
      one.offTable += other.offTable
      one.unknown += other.unknown
      one.firstUnknown = one.firstUnknown ?? other.firstUnknown
    }
  }

  /// How far each channel of a colour may lie from the table's, in levels: less than half of the
  /// way to the next colour where channels are 0 or 255.
  private static let farthest = 63

  private let colours: [RGBColour]

  /// The colours of classes 0, 1, …
  init(_ colours: [RGBColour]) { self.colours = colours }

  /// The class of each pixel of an RGB image; 0 where a colour is unknown, which `count` says.
  func classes(of image: ByteImage, counting count: inout Count) -> [UInt8] {
    precondition(image.channels == 3, "colours of \(image.channels) channels")
    let source = image.pixels.span
    var result = [UInt8](repeating: 0, count: image.width * image.height)
    var target = result.mutableSpan
    // Neighbours mostly are of one colour.
    var last = colours[0]
    var lastClass: UInt8 = 0
    count.pixels += target.count
    for pixel in 0..<target.count {
      let (red, green, blue) = (
        source[3 * pixel], source[3 * pixel + 1], source[3 * pixel + 2]
      )
      if red != last.red || green != last.green || blue != last.blue {
        let colour = RGBColour(red: red, green: green, blue: blue)
        guard let nearest = nearest(to: colour) else {
          count.unknown += 1
          count.firstUnknown = count.firstUnknown ?? colour
          continue
        }
        if colours[nearest] != colour {
          count.offTable += 1
          target[pixel] = UInt8(nearest)
          continue
        }
        (last, lastClass) = (colour, UInt8(nearest))
      }
      target[pixel] = lastClass
    }
    return result
  }

  private func nearest(to colour: RGBColour) -> Int? {
    colours.firstIndex { known in
      abs(Int(known.red) - Int(colour.red)) <= Self.farthest
        && abs(Int(known.green) - Int(colour.green)) <= Self.farthest
        && abs(Int(known.blue) - Int(colour.blue)) <= Self.farthest
    }
  }
}
