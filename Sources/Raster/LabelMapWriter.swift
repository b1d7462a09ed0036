internal import CGDAL

/// A class of a label map: what its pixels are called, and their colour.
public struct LabelMapClass: Sendable, Equatable {
  /// The name in the legend.
  public var name: String
  /// The colour in the legend.
  public var colour: RGBColour

  /// A class of a name and a colour.
  public init(name: String, colour: RGBColour) {
    self.name = name
    self.colour = colour
  }
}

/// Writes a label map: a Byte raster of classes 1 to K, with 0 where there is no data.
///
/// The map has a colour table, category names, and a raster attribute table (value, name, red,
/// green, blue, pixel count), so that GIS programs show a legend, and overviews of the most
/// frequent label. GDAL keeps category names and attribute table in a sidecar, `OUTPUT.aux.xml`,
/// which appears with the map.
///
/// Windows may come in any order; pixels never written are 0. Nothing is at the output path before
/// ``publish()`` succeeds. A writer that goes away unpublished takes its working files along.
/// The same pixels give the same bytes.
public struct LabelMapWriter: ~Copyable {
  private let raster: StagedRaster
  private let classes: [LabelMapClass]
  private var finishedCounts: [Int]?

  /// Starts a label map.
  ///
  /// - Parameters:
  ///   - path: The file to write.
  ///   - overwrite: Whether an existing file may be replaced.
  ///   - grid: Size and place, ``RasterGrid/init(of:window:)`` of the raster that is labelled.
  ///   - classes: The classes labelled 1, 2, …; 1 to 255 of them.
  ///   - format: The file format.
  ///   - creationOptions: GDAL's options of the format, such as `LEVEL: 9`.
  ///   - metadata: Items for the file's own metadata.
  ///   - threads: Threads that compress and make overviews; the bytes do not depend on them.
  /// - Throws: ``RasterError`` where ``OutputPath/check(_:overwrite:inputs:)`` does, or where a
  ///   creation option is not one.
  public init(
    path: String, overwrite: Bool, grid: RasterGrid, classes: [LabelMapClass],
    format: RasterFormat = .cog, creationOptions: [String: String] = [:],
    metadata: [String: String] = [:], threads: Int = 1
  ) throws {
    precondition((1...255).contains(classes.count), "\(classes.count) classes in a Byte raster")
    self.classes = classes
    raster = try StagedRaster(
      path: path, overwrite: overwrite, grid: grid,
      content: .init(
        bandNames: [""], dataType: .uint8, nodata: 0, colours: classes.map(\.colour),
        overviews: .mode, metadata: metadata),
      format: format, creationOptions: creationOptions, threads: threads)
  }

  /// Writes labels, [height, width] row-major, into a window of the map's own grid.
  ///
  /// Traps where the labels do not fit the window, the window does not fit the map, or a label is
  /// above the number of classes.
  /// - Throws: ``RasterError`` where the disk does not take them.
  public mutating func write(_ labels: [UInt8], in window: Window) throws {
    let largest = labels.max() ?? 0
    precondition(largest <= classes.count, "label \(largest) of \(classes.count) classes")
    try raster.write(labels, in: window)
  }

  /// Reads labels, [height, width] row-major, of a window as written so far.
  public func read(_ window: Window) throws -> [UInt8] {
    try raster.read(window, as: UInt8.self)
  }

  /// Gives each patch of fewer than `pixels` pixels that touch edge to edge the label of its
  /// largest neighbour. Nodata stays, and takes no patch in.
  public mutating func sieve(smallerThan pixels: Int) throws {
    guard pixels > 1 else { return }
    try raster.changeFirstBand { band in
      GDALSieveFilter(
        band, GDALGetMaskBand(band), band, Int32(clamping: pixels), 4, nil, nil, nil)
    }
  }

  /// The patches of the map as written so far, as polygons beside `path`, a GeoPackage.
  ///
  /// - Parameters:
  ///   - overwrite: Whether an existing file may be replaced.
  ///   - observe: Called with the part of the work that is done, 0 to 1.
  /// - Throws: ``RasterError``.
  public mutating func polygons(
    at path: String, overwrite: Bool, observe: (Double) -> Void = { _ in }
  ) throws -> LabelPolygons {
    try raster.polygons(of: classes, at: path, overwrite: overwrite, observe: observe)
  }

  /// Throws a ``RasterError`` where the format does not take the creation options, of which GDAL
  /// judges some only as the file is finished. To be asked before long work.
  public mutating func tryFormat() throws { try raster.tryFormat() }

  /// Finishes the map, beside its path: nothing more can be written.
  ///
  /// - Parameter observe: Called with the part of the work that is done, 0 to 1.
  /// - Throws: ``RasterError``.
  public mutating func finish(observe: (Double) -> Void = { _ in }) throws {
    let counts = try countLabels()
    try raster.changeFirstBand { band in
      let names = GDALStringList(["nodata"] + classes.map(\.name))
      return names.withPointer { GDALSetRasterCategoryNames(band, $0) }
    }
    try raster.changeFirstBand { band in
      LabelMapLegend.write(
        zip(classes, counts.dropFirst()).enumerated().map { index, entry in
          LabelMapLegend.Entry(
            value: index + 1, name: entry.0.name, colour: entry.0.colour, pixelCount: entry.1)
        }, to: band)
    }
    try raster.finish(observe: observe) { [classes] file in
      try file.description.bands[0].categoryNames.count == classes.count + 1
        && file.legend()?.entries.count == classes.count
    }
    finishedCounts = counts
  }

  /// Finishes the map, unless that is done, and makes it appear at its path.
  ///
  /// - Returns: How many pixels each label has, from 0 (no data) to the number of classes.
  /// - Throws: ``RasterError``; then there is nothing new at the path.
  @discardableResult
  public consuming func publish() throws -> [Int] {
    if finishedCounts == nil { try finish() }
    try raster.publish()
    return finishedCounts ?? []
  }

  private func countLabels() throws -> [Int] {
    var counts = [Int](repeating: 0, count: 256)
    let side = StagedRaster.tileSide
    for row in stride(from: 0, to: raster.grid.height, by: side) {
      for column in stride(from: 0, to: raster.grid.width, by: side) {
        let window = Window(
          column: column, row: row, width: min(side, raster.grid.width - column),
          height: min(side, raster.grid.height - row))
        for label in try raster.read(window, as: UInt8.self) { counts[Int(label)] += 1 }
      }
    }
    return Array(counts[...classes.count])
  }
}
