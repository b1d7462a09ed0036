internal import CGDAL
internal import Foundation

/// Which pixels of a raster lie inside the polygons of a vector file: a raster of bytes of the same
/// size, 1 where a pixel's centre is inside and 0 elsewhere, in a temporary file that goes with this
/// value.
///
/// Polygons in another coordinate reference system than the raster's are brought into it. A file
/// that names none is taken to be in the raster's.
public final class PolygonMask: Sendable {
  /// Path of the raster of bytes.
  public var path: String { folder.file(Self.fileName) }

  private let folder: StagingFolder

  private static let fileName = "mask.tif"
  private static let drivers = ["GPKG", "GeoJSON", "ESRI Shapefile", "FlatGeobuf"]

  /// Draws the polygons of all layers of the file at `vectorPath` on the grid of a raster.
  ///
  /// - Parameters:
  ///   - vectorPath: A GeoPackage, GeoJSON, FlatGeobuf file or shapefile.
  ///   - output: The temporary file lies beside this path, in a folder that exists.
  /// - Throws: ``RasterError`` where the vector file cannot be read, has no polygons, or none on the
  ///   raster; where the raster has no place on the ground; and where the disk does not take the file.
  public init(
    polygonsOf vectorPath: String, on raster: RasterDescription, beside output: String
  ) throws {
    guard raster.geoTransform != nil else {
      throw RasterError(
        operation: "mask", path: raster.path, reason: "the raster has no place on the ground",
        remedy: "give it one (gdal_translate -a_srs … -a_ullr …), or use --window")
    }
    let vector = try Self.open(vectorPath)
    folder = try StagingFolder(beside: output)
    let grid = RasterGrid(of: raster, window: raster.fullWindow)
    let content = StagedRaster.Content(
      bandNames: [""], dataType: .uint8, overviews: .mode, metadata: [:])
    let options = [
      "TILED": "YES", "BLOCKXSIZE": "\(StagedRaster.tileSide)",
      "BLOCKYSIZE": "\(StagedRaster.tileSide)", "SPARSE_OK": "TRUE", "BIGTIFF": "IF_SAFER",
      "COMPRESS": "LZW",
    ]
    let mask = try StagedRaster.makeFile(
      at: folder.file(Self.fileName), driver: RasterFormat.geoTIFF.driver, options: options,
      target: output, grid: grid, content: content)
    try Self.draw(vector, at: vectorPath, on: mask, of: raster.path)
    let closing = mask.close()
    guard !closing.hasFailed else {
      throw StagedRaster.failure(output, cause: closing.cause)
    }
  }

  private static func failure(
    _ path: String, _ reason: String, _ remedy: String
  ) -> RasterError {
    RasterError(operation: "mask by", path: path, reason: reason, remedy: remedy)
  }

  private static func open(_ path: String) throws -> GDALDataset {
    precondition(GDALDataset.driversAreRegistered)
    if !path.hasPrefix("/vsi") {
      var status = stat()
      guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
        throw errno == EACCES
          ? failure(path, "permission denied", "make the file readable")
          : failure(path, "no such file", "check the path")
      }
      // A shapefile may be a folder. Of a pipe, GDAL would wait for what never comes.
      guard [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else {
        throw failure(path, "it is not a regular file", "name a vector file")
      }
    }
    let opened = GDALErrors.collecting { errors in
      let flags = UInt32(GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR)
      let handle = GDALStringList(drivers).withConstantPointer {
        GDALOpenEx(path, flags, $0, nil, nil)
      }
      return (handle: handle, cause: errors.cause)
    }
    guard let handle = opened.handle else {
      let said = opened.cause.map { " (\(GDALErrors.message($0, without: path)))" } ?? ""
      throw failure(
        path, "it is not a vector file of a known format\(said)",
        "give a GeoPackage, GeoJSON, FlatGeobuf file or shapefile")
    }
    return GDALDataset(owning: handle)
  }

  private static func draw(
    _ vector: GDALDataset, at path: String, on mask: GDALDataset, of rasterPath: String
  ) throws {
    try GDALErrors.collecting { errors in
      var layers = (0..<GDALDatasetGetLayerCount(vector.handle))
        .compactMap { GDALDatasetGetLayer(vector.handle, $0) }
        .filter { holdsPolygons($0) }
        .map { Optional($0) }
      guard !layers.isEmpty else {
        throw failure(path, "it holds no polygons", "give a file with the outlines of areas")
      }
      var band: Int32 = 1
      var burnt = [Double](repeating: 1, count: layers.count)
      let result = GDALRasterizeLayers(
        mask.handle, 1, &band, Int32(layers.count), &layers, nil, nil, &burnt, nil, nil, nil)
      guard result == CE_None, !errors.hasFailed else {
        throw failure(
          path, errors.cause.map { GDALErrors.message($0, without: path) } ?? "GDAL cannot draw it",
          "check that its coordinates fit its coordinate reference system")
      }
      var extremes = [0.0, 0.0]
      GDALComputeRasterMinMax(mask.band(1), 0, &extremes)
      guard !errors.hasFailed else { throw failure(path, errors.cause ?? "", "make room") }
      guard extremes[1] > 0 else {
        throw failure(
          path, "none of its polygons lies on \(rasterPath)",
          "check its coordinate reference system, or leave that raster out")
      }
    }
  }

  /// Whether a layer's features are areas, all or some: lines and points would leave tracks.
  private static func holdsPolygons(_ layer: OGRLayerH) -> Bool {
    switch OGR_GT_Flatten(OGR_L_GetGeomType(layer)) {
    case wkbPolygon, wkbMultiPolygon, wkbCurvePolygon, wkbMultiSurface, wkbGeometryCollection,
      wkbUnknown:
      true
    default: false
    }
  }
}
