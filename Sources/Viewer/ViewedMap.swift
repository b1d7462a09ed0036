public import Raster

/// A label map to look at: its legend, and the raster that it may be laid over.
public struct ViewedMap: Sendable {
  /// The label map.
  public let labels: RasterDescription
  /// What its values mean.
  public private(set) var legend: LabelMapLegend
  /// The raster under it, where there is one.
  public let image: Image?

  /// A raster that a label map lies on.
  public struct Image: Sendable {
    /// The raster.
    public let description: RasterDescription
    /// Its pixels under the label map.
    public let window: Window
    /// How it is shown.
    let colours: VisibleColours
  }

  /// Looks at the label map at `path`, over the raster at `imagePath`.
  ///
  /// A map whose file says nothing of classes is gone through for its values.
  ///
  /// - Parameters:
  ///   - imagePath: The raster; its red, green and blue are shown, or its first bands where it names
  ///     no colours.
  ///   - observe: Called with how many windows have been gone through, and how many there are.
  /// - Throws: `RasterError` where a file cannot be read, where the map is no raster of one band of
  ///   bytes, or where the raster does not lie under it pixel for pixel.
  public init(
    labelsAt path: String, over imagePath: String? = nil,
    observe: (_ done: Int, _ count: Int) -> Void = { _, _ in }
  ) throws {
    let file = try RasterFile.open(path)
    labels = file.description
    guard labels.bands.count == 1, labels.bands[0].dataType == .uint8 else {
      throw Self.failure(
        path, "it is no label map: \(labels.bands.count) bands of \(labels.bands[0].dataType)",
        "name a raster of one band of bytes, such as `iic segment` writes")
    }
    legend = try Self.legend(of: file, observe: observe)
    image = try imagePath.map { try Self.image(at: $0, under: file.description) }
  }

  /// Calls the classes otherwise, in the order of the legend. Traps on another count.
  mutating func rename(_ names: [String]) { legend = legend.named(names) }

  /// How often the map is halved until it fits a tile.
  var levels: Int {
    var (levels, side) = (1, max(labels.width, labels.height))
    while side > TileGrid.side {
      levels += 1
      side = (side + 1) / 2
    }
    return levels
  }

  private static func legend(
    of file: RasterFile, observe: (Int, Int) -> Void
  ) throws -> LabelMapLegend {
    let description = file.description
    if let legend = try file.legend(), !legend.entries.isEmpty {
      guard legend.entries.allSatisfy({ (0...255).contains($0.value) }) else {
        throw failure(
          description.path, "its legend has values beyond a byte", "make its sidecar anew")
      }
      return legend
    }
    let counts = try file.counts(observe: observe)
    // 0 is no data unless the file says that something else is.
    let first = description.bands[0].nodata.map { $0 == 0 } ?? true ? 1 : 0
    let values = (first...255).filter { counts[$0] > 0 }
    guard !values.isEmpty else {
      throw failure(description.path, "no pixel has a label", "name a label map")
    }
    let table = description.bands[0].colourTable
    return LabelMapLegend(
      entries: values.map { value in
        LabelMapLegend.Entry(
          value: value, name: "class \(value)",
          colour: value < table.count ? table[value] : colour(of: value),
          pixelCount: counts[value])
      })
  }

  /// A colour for a value that has none; 0 has one of its own.
  static func colour(of value: Int) -> RGBColour { palette[(value + 254) % 255] }

  /// Worked out once: each colour takes a look at all before it.
  private static let palette = ClassPalette.colours(count: 255)

  /// What stands for pixels without data in tiles: 0, or where that is a class, a value that is none.
  var emptyValue: UInt8 {
    let values = Set(legend.entries.map(\.value))
    return UInt8(([0] + (1...255).reversed()).first { !values.contains($0) } ?? 0)
  }

  private static func image(at path: String, under labels: RasterDescription) throws -> Image {
    let file = try RasterFile.open(path)
    let description = file.description
    let window = try window(of: labels, in: description)
    guard !description.dataBandIndices.isEmpty else {
      throw failure(path, "it has no band but transparency", "name the raster that was labelled")
    }
    let bands = VisibleColours.bands(of: description, among: description.dataBandIndices)
    return Image(
      description: description, window: window,
      colours: VisibleColours(bands, from: try file.sample(of: window, bands: bands)))
  }

  /// The pixels of a raster that a label map covers: all of them where one of the two has no place on
  /// the ground, else those where it lies.
  private static func window(
    of labels: RasterDescription, in raster: RasterDescription
  ) throws -> Window {
    func refusal(_ reason: String) -> RasterError {
      failure(
        raster.path, "it does not lie under \(labels.path): \(reason)",
        "name the raster that was labelled")
    }
    guard let place = labels.geoTransform, let ground = raster.geoTransform else {
      guard labels.width == raster.width, labels.height == raster.height else {
        throw refusal(
          "\(raster.width) × \(raster.height) pixels, where the map has \(labels.width) × "
            + "\(labels.height)")
      }
      return raster.fullWindow
    }
    let pixel = max(abs(ground[1]), abs(ground[2]), abs(ground[4]), abs(ground[5]))
    let span = Double(max(labels.width, labels.height))
    guard [1, 2, 4, 5].allSatisfy({ abs(place[$0] - ground[$0]) * span <= 0.1 * pixel }) else {
      throw refusal("its pixels are of another size")
    }
    // The map's corner in the raster's pixels.
    let determinant = ground[1] * ground[5] - ground[2] * ground[4]
    let (east, north) = (place[0] - ground[0], place[3] - ground[3])
    let column = (east * ground[5] - north * ground[2]) / determinant
    let row = (north * ground[1] - east * ground[4]) / determinant
    let window = Int(exactly: column.rounded()).flatMap { column in
      Int(exactly: row.rounded()).map { row in
        Window(column: column, row: row, width: labels.width, height: labels.height)
      }
    }
    guard let window, abs(column - column.rounded()) < 0.1, abs(row - row.rounded()) < 0.1,
      raster.fullWindow.contains(window)
    else { throw refusal("the map lies elsewhere, or between its pixels") }
    return window
  }

  static func failure(_ path: String, _ reason: String, _ remedy: String) -> RasterError {
    RasterError(operation: "view", path: path, reason: reason, remedy: remedy)
  }
}

extension RasterFile {
  /// Pixels from all over a window, for percentiles: patches spread evenly, so that a large raster
  /// without overviews need not be read whole.
  fileprivate func sample(of window: Window, bands: [Int]) throws -> RasterPatch {
    let (patches, side) = (8, 64)
    func starts(_ first: Int, _ extent: Int) -> [Int] {
      guard extent > patches * side else { return [first] }
      return (0..<patches).map { first + $0 * (extent - side) / (patches - 1) }
    }
    let (rows, columns) = (starts(window.row, window.height), starts(window.column, window.width))
    var (values, valid): ([Float], [Bool]) = ([], [])
    for row in rows {
      for column in columns {
        let patch = try read(
          Window(
            column: column, row: row, width: columns.count > 1 ? side : window.width,
            height: rows.count > 1 ? side : window.height), bands: bands)
        values += patch.values
        valid += patch.valid
      }
    }
    return RasterPatch(
      width: valid.count, height: 1, bandCount: bands.count, values: values, valid: valid)
  }

  /// How many pixels have each value from 0 to 255, of a first band of bytes.
  fileprivate func counts(observe: (Int, Int) -> Void) throws -> [Int] {
    var counts = [Int](repeating: 0, count: 256)
    let windows = description.rowWindows
    for (number, window) in windows.enumerated() {
      let patch = try read(window, bands: [1])
      for pixel in patch.valid.indices where patch.valid[pixel] {
        counts[Int(patch.values[pixel])] += 1
      }
      observe(number + 1, windows.count)
    }
    return counts
  }
}
