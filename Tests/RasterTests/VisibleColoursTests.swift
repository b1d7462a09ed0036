import Testing

@testable import Raster

@Suite struct VisibleColoursTests {
  @Test func `each band runs from its 2nd to its 98th percentile`() {
    // 0 to 99 in the one band, ten times that in the second, 7 throughout in the third.
    let values = (0..<100).flatMap { [Float($0), Float(10 * $0), Float(7)] }
    var valid = [Bool](repeating: true, count: 100)
    valid[50] = false
    let patch = RasterPatch(width: 100, height: 1, bandCount: 3, values: values, valid: valid)
    let visible = VisibleColours([1, 2, 3], from: patch)
    #expect(visible.ranges[0] == 1...98)
    #expect(visible.ranges[1] == 10...980)
    let colours = visible.colours(of: patch)
    #expect(colours[0] == RGBColour(red: 0, green: 0, blue: 0))
    #expect(colours[99] == RGBColour(red: 255, green: 255, blue: 0))
    #expect(colours[50] == nil)
    #expect(colours[25]?.red == UInt8(255.0 * 24 / 97))
  }

  @Test func `one band is grey`() {
    let patch = RasterPatch(
      width: 2, height: 1, bandCount: 1, values: [3, 5], valid: [true, true])
    let colours = VisibleColours([4], from: patch).colours(of: patch)
    #expect(
      colours == [RGBColour(red: 0, green: 0, blue: 0), RGBColour(red: 255, green: 255, blue: 255)])
  }
}
