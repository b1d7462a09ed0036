import Testing

@testable import Raster

@Suite struct ClassPaletteTests {
  @Test func `a class keeps its colour as classes are added`() {
    let all = ClassPalette.colours(count: 255)
    #expect(all.count == 255 && Set(all).count == 255)
    for count in [0, 1, 8, 9, 100] {
      #expect(ClassPalette.colours(count: count) == Array(all[..<count]))
    }
    #expect(all[0].description == "#0072b2")
  }

  @Test(arguments: [(8, 25.0), (20, 20.0), (255, 5.0)])
  func `colours lie apart`(count: Int, least: Double) {
    let colours = ClassPalette.colours(count: count).map { ClassPalette.Appearance($0).normal }
    var closest = Double.infinity
    for first in colours.indices {
      for second in colours.indices[..<first] {
        closest = min(closest, colours[first].distance(to: colours[second]))
      }
    }
    #expect(closest >= least)
  }

  @Test func `hexadecimal codes go both ways`() {
    let colour = RGBColour(red: 213, green: 94, blue: 0)
    #expect(colour.description == "#d55e00")
    #expect(RGBColour(hexadecimal: "#D55E00") == colour)
    for wrong in ["d55e00", "#d55e0", "#d55e0g", "#+55e00", "", "#d55e000"] {
      #expect(RGBColour(hexadecimal: wrong) == nil, "\(wrong)")
    }
  }
}
