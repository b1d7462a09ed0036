internal import CGDAL

extension ByteImage {
  /// Writes the image as a GeoTIFF, compressed without loss, straight to `path`: for many small
  /// files in a folder that itself appears whole (``OutputFolder``).
  ///
  /// - Parameters:
  ///   - grid: Size and place; the size must be the image's.
  ///   - bandNames: A name for each channel; those named `red`, `green` and `blue` are declared to
  ///     show those.
  ///   - nodata: The value that marks pixels without data.
  ///   - colours: Colours of the values 1, 2, …, of an image of one channel that holds labels.
  ///   - isUnbroken: Whether the disk took all of it is checked here; that it reached the disk is
  ///     for the folder to see to.
  /// - Throws: ``RasterError`` where the file cannot be written.
  public func writeGeoTIFF(
    to path: String, grid: RasterGrid, bandNames: [String], nodata: UInt8? = nil,
    colours: [RGBColour] = []
  ) throws {
    precondition(
      grid.width == width && grid.height == height && bandNames.count == channels,
      "\(height) × \(width) × \(channels) for \(grid) and \(bandNames.count) names")
    precondition(GDALDataset.driversAreRegistered)
    guard let memory = GDALGetDriverByName("MEM") else {
      preconditionFailure("GDAL was built without its own format MEM")
    }
    let raster = try StagedRaster.makeFile(
      at: "", driver: memory, options: [:], target: path, grid: grid,
      content: .init(
        bandNames: bandNames, dataType: .uint8, nodata: nodata.map(Double.init), colours: colours,
        overviews: .mode, metadata: [:]))
    try GDALErrors.collecting { errors in
      var numbers = (1...channels).map { Int32($0) }
      let written = pixels.withUnsafeBytes { buffer in
        // GDAL reads from the buffer only, for all that its type says.
        GDALDatasetRasterIOEx(
          raster.handle, GF_Write, 0, 0, Int32(width), Int32(height),
          UnsafeMutableRawPointer(mutating: buffer.baseAddress), Int32(width), Int32(height),
          GDT_Byte, Int32(channels), &numbers, Int64(channels), Int64(channels * width), 1, nil)
      }
      // The fourth of four Byte bands is no transparency.
      let options = GDALStringList(pairs: ["COMPRESS": "DEFLATE", "ALPHA": "NO"])
      let copy = options.withPointer { options in
        GDALCreateCopy(RasterFormat.geoTIFF.driver, path, raster.handle, 0, options, nil, nil)
      }
      guard written == CE_None, let copy else {
        throw StagedRaster.failure(path, cause: errors.cause)
      }
      let closing = GDALDataset(owning: copy).close()
      guard !errors.hasFailed, !closing.hasFailed else {
        throw StagedRaster.failure(path, cause: errors.cause ?? closing.cause)
      }
    }
  }
}
