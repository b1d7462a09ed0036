/// Where the pixels of an output lie: its size, and its place on the ground.
public struct RasterGrid: Sendable, Equatable {
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int
  /// GDAL's six coefficients from pixels to map coordinates, or `nil` of an image without a place.
  public var geoTransform: [Double]?
  /// The coordinate reference system as WKT, or `nil`.
  public var coordinateSystem: String?

  /// A grid of `width` × `height` pixels. Traps where a size is not positive or where a
  /// geotransform has not six coefficients.
  public init(
    width: Int, height: Int, geoTransform: [Double]? = nil, coordinateSystem: String? = nil
  ) {
    precondition(
      (1...Int(Int32.max)).contains(width) && (1...Int(Int32.max)).contains(height),
      "a grid of \(width) × \(height)")
    precondition(geoTransform.map { $0.count == 6 } ?? true, "a geotransform has 6 coefficients")
    self.width = width
    self.height = height
    self.geoTransform = geoTransform
    self.coordinateSystem = coordinateSystem
  }

  /// The grid of a window of a raster, pixel for pixel. Traps where the window is not inside it.
  public init(of source: RasterDescription, window: Window) {
    precondition(
      source.fullWindow.contains(window),
      "window \(window) of a raster of \(source.width) × \(source.height)")
    self.init(
      width: window.width, height: window.height, geoTransform: source.geoTransform(of: window),
      coordinateSystem: source.coordinateSystem)
  }

  /// The window that covers the whole grid.
  public var fullWindow: Window { Window(column: 0, row: 0, width: width, height: height) }
}
