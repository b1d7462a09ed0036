import Raster
import Seg

/// Small pictures of rasters and label maps, drawn side by side.
enum Quicklook {
  /// The widest picture, in pixels.
  static let widest = 1600
  private static let gap = 8

  /// One part of a picture: RGB, row-major.
  struct Panel {
    let width: Int
    let height: Int
    var pixels: [RGBColour]
  }

  /// A raster beside its label map.
  static func picture(
    of input: RasterInput, labelsAt path: String, colours: [RGBColour]
  ) throws -> PNGImage {
    let labels = try RasterFile.open(path).description
    let size = panelSize(width: labels.width, height: labels.height, panels: 2)
    return sideBySide([
      try image(of: input, width: size.width, height: size.height),
      try self.labels(at: path, width: size.width, height: size.height, colours: colours),
    ])
  }

  /// The size of each of several panels side by side: that of what they show, or as much less as
  /// the widest picture asks for.
  static func panelSize(width: Int, height: Int, panels: Int) -> (width: Int, height: Int) {
    let room = (widest - gap * (panels - 1)) / panels
    // A tall raster is bound by its height: no picture is much taller than it may be wide.
    let factor = min(1, Double(room) / Double(width), Double(widest) / Double(height))
    return (
      max(1, Int((Double(width) * factor).rounded(.down))),
      max(1, Int((Double(height) * factor).rounded(.down)))
    )
  }

  /// A raster as people see it: red, green and blue where it says which those are, else its first
  /// bands, each stretched between its 2nd and 98th percentile; white where there is no data.
  static func image(of input: RasterInput, width: Int, height: Int) throws -> Panel {
    let file = try RasterFile.open(input.path)
    let description = file.description
    let patch = try file.read(
      input.window ?? description.fullWindow,
      bands: visibleBands(of: description, among: input.bands ?? description.dataBandIndices),
      nodata: input.nodata, outputWidth: width, outputHeight: height, resampling: .average)
    let bands = patch.bandCount
    let stretches = (0..<bands).map { band in stretch(of: band, in: patch) }
    let pixels = patch.valid.indices.map { pixel -> RGBColour in
      guard patch.valid[pixel] else { return RGBColour(red: 255, green: 255, blue: 255) }
      func channel(_ band: Int) -> UInt8 {
        let (low, high) = stretches[band]
        // In Double, where the difference of any two floats is finite.
        let value = (Double(patch.values[pixel * bands + band]) - low) / (high - low)
        return UInt8(255 * min(max(value, 0), 1))
      }
      return bands == 3
        ? RGBColour(red: channel(0), green: channel(1), blue: channel(2))
        : RGBColour(red: channel(0), green: channel(0), blue: channel(0))
    }
    return Panel(width: width, height: height, pixels: pixels)
  }

  /// A label map in its classes' colours; white where there is no data.
  static func labels(
    at path: String, width: Int, height: Int, colours: [RGBColour]
  ) throws -> Panel {
    let file = try RasterFile.open(path)
    let patch = try file.read(
      file.description.fullWindow, bands: [1], outputWidth: width, outputHeight: height,
      resampling: .mode)
    let pixels = patch.values.map { value in
      let index = Int(value) - 1
      return colours.indices.contains(index)
        ? colours[index] : RGBColour(red: 255, green: 255, blue: 255)
    }
    return Panel(width: width, height: height, pixels: pixels)
  }

  /// Panels of one height from left to right, white between.
  static func sideBySide(_ panels: [Panel]) -> PNGImage {
    let height = panels[0].height
    let width = panels.reduce(0) { $0 + $1.width } + gap * (panels.count - 1)
    var pixels = [UInt8](repeating: 255, count: width * height * 3)
    var left = 0
    for panel in panels {
      precondition(panel.height == height, "panels of \(panel.height) and \(height) rows")
      for row in 0..<height {
        for column in 0..<panel.width {
          let colour = panel.pixels[row * panel.width + column]
          let target = (row * width + left + column) * 3
          pixels[target] = colour.red
          pixels[target + 1] = colour.green
          pixels[target + 2] = colour.blue
        }
      }
      left += panel.width + gap
    }
    return PNGImage(width: width, height: height, channels: 3, pixels: pixels)
  }

  private static func visibleBands(of description: RasterDescription, among bands: [Int]) -> [Int] {
    let visible = [ColourInterpretation.red, .green, .blue].compactMap {
      description.bandIndex(showing: $0)
    }
    if visible.count == 3 { return visible }
    return bands.count >= 3 ? Array(bands[..<3]) : [bands[0]]
  }

  private static func stretch(of band: Int, in patch: RasterPatch) -> (low: Double, high: Double) {
    var values: [Float] = []
    for pixel in patch.valid.indices where patch.valid[pixel] {
      values.append(patch.values[pixel * patch.bandCount + band])
    }
    guard !values.isEmpty else { return (0, 1) }
    values.sort()
    let low = Double(values[values.count * 2 / 100])
    let high = Double(values[min(values.count * 98 / 100, values.count - 1)])
    return (low, max(high, low.nextUp))
  }
}
