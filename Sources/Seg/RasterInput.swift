public import Raster

/// What one raster contributes to learning or is labelled for: a file, some of its bands, a part of
/// its pixels.
public struct RasterInput: Sendable, Equatable {
  /// Path of the file.
  public var path: String
  /// Bands in the network's order, counted from 1; nil for all that hold data (no alpha).
  public var bands: [Int]?
  /// The part to use; nil for all of it.
  public var window: Window?
  /// The value that marks pixels without data, in place of the file's own.
  public var nodata: Double?

  /// Path of a raster of the same size, as ``PolygonMask`` makes it: where its first band is 0,
  /// nothing is learned and there is no label. Nil for none. Labels inside are what they would be
  /// without it.
  public var mask: String?

  /// An input; everything but the path has a default.
  public init(
    path: String, bands: [Int]? = nil, window: Window? = nil, nodata: Double? = nil,
    mask: String? = nil
  ) {
    self.path = path
    self.bands = bands
    self.window = window
    self.nodata = nodata
    self.mask = mask
  }

  /// The mask, opened; throws where it cannot be, or is of another size than the raster.
  func openMask(of description: RasterDescription) throws -> RasterFile? {
    guard let mask else { return nil }
    let file = try RasterFile.open(mask)
    guard file.description.fullWindow == description.fullWindow else {
      throw SegError(
        operation: "use the mask", path: mask,
        reason: "has \(file.description.width) × \(file.description.height) pixels where "
          + "\(path) has \(description.width) × \(description.height)",
        remedy: "make it on that raster's grid")
    }
    return file
  }

  /// The chosen bands, or all that hold data; throws where one is not there, or holds the numbers of
  /// a palette.
  func resolvedBands(of description: RasterDescription) throws -> [Int] {
    let bands = bands ?? description.dataBandIndices
    try description.check(bands: bands)
    try description.checkMeasured(bands: bands)
    return bands
  }

  /// The chosen window, or the whole raster; throws where it is not inside.
  func resolvedWindow(of description: RasterDescription) throws -> Window {
    let window = window ?? description.fullWindow
    try description.check(window)
    return window
  }
}
