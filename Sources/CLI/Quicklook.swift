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
    let bands = VisibleColours.bands(
      of: description, among: input.bands ?? description.dataBandIndices)
    let patch = try file.read(
      input.window ?? description.fullWindow, bands: bands, nodata: input.nodata,
      outputWidth: width, outputHeight: height, resampling: .average)
    let white = RGBColour(red: 255, green: 255, blue: 255)
    let pixels = VisibleColours(bands, from: patch).colours(of: patch).map { $0 ?? white }
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
}
