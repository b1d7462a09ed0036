internal import Raster

/// Where the tiles of a map lie: squares of 256 pixels, on level 0 the map's own, on each further one
/// the map halved once more.
struct TileGrid {
  static let side = 256
  let width: Int
  let height: Int

  /// A tile's pixels of the map itself, and its own size; nil where there is no such tile.
  func tile(level: Int, column: Int, row: Int) -> (window: Window, width: Int, height: Int)? {
    guard (0..<24).contains(level), column >= 0, row >= 0 else { return nil }
    let step = Self.side << level
    let (first, top) = (
      column.multipliedReportingOverflow(by: step), row.multipliedReportingOverflow(by: step)
    )
    guard !first.overflow, !top.overflow, first.partialValue < width, top.partialValue < height
    else { return nil }
    let window = Window(
      column: first.partialValue, row: top.partialValue,
      width: min(step, width - first.partialValue), height: min(step, height - top.partialValue))
    func halved(_ extent: Int) -> Int { (extent + (1 << level) - 1) >> level }
    return (window, halved(window.width), halved(window.height))
  }
}

/// Reads tiles of one file, one after another.
actor TileReader {
  private let path: String
  private var file: RasterFile?

  init(path: String) { self.path = path }

  /// A tile's labels, [height, width], `empty` where there is none; where a tile is made smaller, the
  /// most frequent. Nil where there is no such tile.
  func labels(
    level: Int, column: Int, row: Int, of grid: TileGrid, empty: UInt8
  ) throws -> [UInt8]? {
    guard let tile = grid.tile(level: level, column: column, row: row) else { return nil }
    let patch = try opened().read(
      tile.window, bands: [1], outputWidth: tile.width, outputHeight: tile.height,
      resampling: level == 0 ? .nearest : .mode)
    return zip(patch.values, patch.valid).map { $1 ? UInt8(clamping: Int($0)) : empty }
  }

  /// A tile's red, green, blue and opacity, [height, width, 4]. Nil where there is no such tile.
  func colours(
    level: Int, column: Int, row: Int, of grid: TileGrid, image: ViewedMap.Image
  ) throws -> [UInt8]? {
    guard var tile = grid.tile(level: level, column: column, row: row) else { return nil }
    tile.window.column += image.window.column
    tile.window.row += image.window.row
    let patch = try opened().read(
      tile.window, bands: image.colours.bands, outputWidth: tile.width,
      outputHeight: tile.height, resampling: level == 0 ? .nearest : .average)
    return image.colours.colours(of: patch).flatMap { colour -> [UInt8] in
      guard let colour else { return [0, 0, 0, 0] }
      return [colour.red, colour.green, colour.blue, 255]
    }
  }

  private func opened() throws -> RasterFile {
    if let file { return file }
    let opened = try RasterFile.open(path)
    file = opened
    return opened
  }
}
