/// Writes a raster of one or more bands from float32 pixels, streamed and published as label maps
/// are: nothing is at the output path before ``publish()`` succeeds, memory is bound by GDAL's
/// block cache, and the same pixels give the same bytes.
public struct RasterWriter: ~Copyable {
  private let raster: StagedRaster

  /// Starts a raster.
  ///
  /// - Parameters:
  ///   - path: The file to write.
  ///   - overwrite: Whether an existing file may be replaced.
  ///   - grid: Size and place.
  ///   - bandNames: A name for each band; they say how many there are. Bands named `red`, `green`
  ///     and `blue` are declared to show those.
  ///   - dataType: How pixels are stored: `uint8`, `uint16`, `int16`, `uint32`, `int32`,
  ///     `float32` or `float64`.
  ///   - nodata: The value that marks pixels without data, and that pixels never written have.
  ///   - format: The file format.
  ///   - creationOptions: GDAL's options of the format.
  ///   - metadata: Items for the file's own metadata.
  ///   - threads: Threads that compress and make overviews; the bytes do not depend on them.
  /// - Throws: ``RasterError`` where ``OutputPath/check(_:overwrite:inputs:)`` does, or where a
  ///   creation option is not one.
  public init(
    path: String, overwrite: Bool, grid: RasterGrid, bandNames: [String],
    dataType: RasterDataType, nodata: Double? = nil, format: RasterFormat = .cog,
    creationOptions: [String: String] = [:], metadata: [String: String] = [:], threads: Int = 1
  ) throws {
    raster = try StagedRaster(
      path: path, overwrite: overwrite, grid: grid,
      content: .init(
        bandNames: bandNames, dataType: dataType, nodata: nodata, overviews: .average,
        metadata: metadata),
      format: format, creationOptions: creationOptions, threads: threads)
  }

  /// Starts a map of class probabilities: float32, a band a class named after it, nodata NaN.
  public static func probabilities(
    path: String, overwrite: Bool, grid: RasterGrid, classNames: [String],
    format: RasterFormat = .cog, creationOptions: [String: String] = [:],
    metadata: [String: String] = [:], threads: Int = 1
  ) throws -> RasterWriter {
    try RasterWriter(
      path: path, overwrite: overwrite, grid: grid, bandNames: classNames, dataType: .float32,
      nodata: .nan, format: format, creationOptions: creationOptions, metadata: metadata,
      threads: threads)
  }

  /// Starts a map of confidence in per cent: one Byte band of 0–100, nodata 255.
  public static func confidence(
    path: String, overwrite: Bool, grid: RasterGrid, format: RasterFormat = .cog,
    creationOptions: [String: String] = [:], metadata: [String: String] = [:], threads: Int = 1
  ) throws -> RasterWriter {
    try RasterWriter(
      path: path, overwrite: overwrite, grid: grid, bandNames: ["confidence"], dataType: .uint8,
      nodata: 255, format: format, creationOptions: creationOptions, metadata: metadata,
      threads: threads)
  }

  /// Writes pixels, [height, width, bands] row-major, into a window of the raster's own grid.
  ///
  /// Values are rounded to the nearest, and clamped to the range, of an integer type. One that is
  /// not finite is written as nodata where the raster has a nodata value. Traps where values or
  /// window do not fit.
  /// - Throws: ``RasterError`` where the disk does not take them.
  public mutating func write(_ values: [Float], in window: Window) throws {
    guard let nodata = raster.content.nodata.map({ Float($0) }) else {
      return try raster.write(values, in: window)
    }
    try raster.write(values.map { $0.isFinite ? $0 : nodata }, in: window)
  }

  /// Throws a ``RasterError`` where the format does not take the creation options, of which GDAL
  /// judges some only as the file is finished. To be asked before long work.
  public mutating func tryFormat() throws { try raster.tryFormat() }

  /// Finishes the raster, beside its path: nothing more can be written.
  ///
  /// - Parameter observe: Called with the part of the work that is done, 0 to 1.
  /// - Throws: ``RasterError``.
  public mutating func finish(observe: (Double) -> Void = { _ in }) throws {
    try raster.finish(observe: observe)
  }

  /// Finishes the raster, unless that is done, and makes it appear at its path.
  /// - Throws: ``RasterError``; then there is nothing new at the path.
  public consuming func publish() throws {
    if !raster.isFinished { try finish() }
    try raster.publish()
  }
}
