/// How a raster is shown to people: which of its bands as red, green and blue, and each from which
/// value to which.
public struct VisibleColours: Sendable, Equatable {
  /// Band numbers from 1: three, or one that is shown as grey.
  public let bands: [Int]
  /// The values of each band that are shown darkest and brightest.
  public let ranges: [ClosedRange<Double>]

  /// Bands shown each between its 2nd and 98th percentile in a patch of them.
  public init(_ bands: [Int], from patch: RasterPatch) {
    precondition(patch.bandCount == bands.count, "\(patch.bandCount) bands for \(bands)")
    self.bands = bands
    ranges = bands.indices.map { Self.range(of: $0, in: patch) }
  }

  /// Red, green and blue where the raster says which those are, else the first three of the bands
  /// offered, or the first where there are fewer. Traps where none is offered.
  public static func bands(of description: RasterDescription, among offered: [Int]) -> [Int] {
    let visible = [ColourInterpretation.red, .green, .blue].compactMap {
      description.bandIndex(showing: $0)
    }
    if visible.count == 3 { return visible }
    return offered.count >= 3 ? Array(offered[..<3]) : [offered[0]]
  }

  /// The colours of a patch's pixels, [height, width], where there is data; nil elsewhere. Traps
  /// unless the patch is of ``bands``.
  public func colours(of patch: RasterPatch) -> [RGBColour?] {
    let count = bands.count
    precondition(patch.bandCount == count, "\(patch.bandCount) bands to show as \(count)")
    return patch.valid.indices.map { pixel in
      guard patch.valid[pixel] else { return nil }
      func channel(_ band: Int) -> UInt8 {
        let range = ranges[band]
        // In Double, where the difference of any two floats is finite.
        let value = Double(patch.values[pixel * count + band]) - range.lowerBound
        return UInt8(255 * min(max(value / (range.upperBound - range.lowerBound), 0), 1))
      }
      return count == 3
        ? RGBColour(red: channel(0), green: channel(1), blue: channel(2))
        : RGBColour(red: channel(0), green: channel(0), blue: channel(0))
    }
  }

  private static func range(of band: Int, in patch: RasterPatch) -> ClosedRange<Double> {
    var values: [Float] = []
    for pixel in patch.valid.indices where patch.valid[pixel] {
      values.append(patch.values[pixel * patch.bandCount + band])
    }
    guard !values.isEmpty else { return 0...1 }
    values.sort()
    let low = Double(values[values.count * 2 / 100])
    let high = Double(values[min(values.count * 98 / 100, values.count - 1)])
    return low...max(high, low.nextUp)
  }
}
