internal import CGDAL

extension RasterDescription {
  /// The geotransform of the sub-grid that starts at the window's upper left pixel, or `nil`
  /// where the raster has none.
  public func geoTransform(of window: Window) -> [Double]? {
    guard let g = geoTransform else { return nil }
    let column = Double(window.column)
    let row = Double(window.row)
    return [
      g[0] + column * g[1] + row * g[2], g[1], g[2],
      g[3] + column * g[4] + row * g[5], g[4], g[5],
    ]
  }

  /// The window of whole pixels that covers the given box in map coordinates, cut to the raster.
  ///
  /// A box edge within a millionth of a pixel of a pixel's edge is taken to lie on it.
  /// - Throws: ``RasterError`` where the raster has no north-up geotransform, where the box is
  ///   empty, or where it lies outside the raster.
  public func window(
    coveringMinimumX minimumX: Double, minimumY: Double, maximumX: Double, maximumY: Double
  ) throws -> Window {
    func failure(_ reason: String, _ remedy: String) -> RasterError {
      RasterError(operation: "place the box on", path: path, reason: reason, remedy: remedy)
    }
    guard let g = geoTransform, g[1] != 0, g[5] != 0 else {
      throw failure("the file has no geotransform", "give a window in pixels instead")
    }
    guard g[2] == 0, g[4] == 0 else {
      throw failure("the raster is rotated", "give a window in pixels instead")
    }
    guard minimumX < maximumX, minimumY < maximumY,
      [minimumX, minimumY, maximumX, maximumY].allSatisfy(\.isFinite)
    else {
      throw failure("the box is empty", "give it as xmin,ymin,xmax,ymax in the raster's own CRS")
    }
    func pixels(_ a: Double, _ b: Double, size: Int) -> Range<Int>? {
      let first = (min(a, b) + 1e-6).rounded(.down)
      let end = (max(a, b) - 1e-6).rounded(.up)
      guard first < Double(size), end > 0 else { return nil }
      let range = Int(max(first, 0))..<Int(min(max(end, first), Double(size)))
      return range.isEmpty ? nil : range
    }
    guard
      let columns = pixels((minimumX - g[0]) / g[1], (maximumX - g[0]) / g[1], size: width),
      let rows = pixels((minimumY - g[3]) / g[5], (maximumY - g[3]) / g[5], size: height)
    else {
      let farX = g[0] + Double(width) * g[1]
      let farY = g[3] + Double(height) * g[5]
      throw failure(
        "the box lies outside the raster",
        "the raster covers \(min(g[0], farX)),\(min(g[3], farY)),\(max(g[0], farX)),\(max(g[3], farY))"
      )
    }
    return Window(
      column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
  }

  /// Checks that `window` is not empty and lies inside the raster.
  /// - Throws: ``RasterError`` saying the raster's size where it does not.
  public func check(_ window: Window) throws {
    guard window.width > 0, window.height > 0, fullWindow.contains(window) else {
      throw RasterError(
        operation: "read", path: path,
        reason: "the window \(window.column),\(window.row),\(window.width),\(window.height) "
          + "is not inside the raster",
        remedy: "give column,row,width,height within \(width) × \(height) pixels")
    }
  }

  /// Checks that none of the bands holds the numbers of a palette's colours: to average or compare
  /// such numbers means nothing.
  /// - Throws: ``RasterError``.
  public func checkMeasured(bands numbers: [Int]) throws {
    guard numbers.contains(where: { bands[$0 - 1].colourInterpretation == .palette }) else {
      return
    }
    throw RasterError(
      operation: "use", path: path, reason: "its pixels are numbers of a palette's colours",
      remedy: "make colours of them: gdal_translate -expand rgb \(path) rgb.tif")
  }

  /// Whether both name one coordinate reference system, as PROJ sees it; true where either names
  /// none.
  public func sharesCoordinateSystem(with other: RasterDescription) -> Bool {
    guard let one = coordinateSystem, let two = other.coordinateSystem, one != two else {
      return true
    }
    return GDALErrors.collecting { _ in
      guard let first = OSRNewSpatialReference(one) else { return true }
      defer { OSRDestroySpatialReference(first) }
      guard let second = OSRNewSpatialReference(two) else { return true }
      defer { OSRDestroySpatialReference(second) }
      return OSRIsSame(first, second) != 0
    }
  }

  /// Checks that every number names a band of the raster, and that there is at least one.
  /// - Throws: ``RasterError`` naming the first number that does not.
  public func check(bands numbers: [Int]) throws {
    guard let missing = numbers.first(where: { !(1...bands.count).contains($0) }) else {
      guard numbers.isEmpty else { return }
      throw RasterError(
        operation: "read", path: path, reason: "no band was chosen",
        remedy: "choose from bands 1 to \(bands.count)")
    }
    throw RasterError(
      operation: "read", path: path, reason: "there is no band \(missing)",
      remedy: bands.count == 1
        ? "the file has one band, number 1" : "choose from bands 1 to \(bands.count)")
  }
}

extension RasterDescription {
  /// Windows that cover the raster from top to bottom, for going through all of it: rows of blocks of
  /// about four million pixels.
  public var rowWindows: [Window] {
    let block = max(blockHeight, 1)
    let rows = max(block, (4 << 20) / width / block * block)
    return stride(from: 0, to: height, by: rows).map { row in
      Window(column: 0, row: row, width: width, height: min(rows, height - row))
    }
  }
}
