import ArgumentParser
import Raster
import Seg

/// Which bands and pixels of the input rasters are used.
struct RasterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Bands to use, counted from 1, in the network's order (default: all but alpha).",
      valueName: "4,1,2"))
  var bands: BandNumbers?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Use this box alone, in the raster's own coordinates.", valueName: "xmin,ymin,xmax,ymax"))
  var bbox: MapBox?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Use this box of pixels alone, counted from 0.", valueName: "column,row,width,height"))
  var window: PixelBox?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The value of pixels without data, in place of the file's own.", valueName: "value"))
  var nodata: Double?

  @Option(
    help: ArgumentHelp(
      "Use what lies inside this file's polygons alone: GeoPackage, GeoJSON, shapefile.",
      valueName: "vector"))
  var mask: String?

  func validate() throws {
    if bbox != nil && window != nil {
      throw ValidationError("--bbox and --window exclude each other")
    }
  }

  /// The part of a raster that the options choose.
  ///
  /// Throws a `RasterError` where a band is not there or holds the numbers of a palette, or where the
  /// box lies outside.
  func input(of description: RasterDescription) throws -> RasterInput {
    var window = window?.window
    if let bbox {
      window = try description.window(
        coveringMinimumX: bbox.minimumX, minimumY: bbox.minimumY, maximumX: bbox.maximumX,
        maximumY: bbox.maximumY)
    }
    try description.check(window ?? description.fullWindow)
    let numbers = bands?.numbers ?? description.dataBandIndices
    try description.check(bands: numbers)
    try description.checkMeasured(bands: numbers)
    return RasterInput(
      path: description.path, bands: bands?.numbers, window: window, nodata: nodata)
  }
}
