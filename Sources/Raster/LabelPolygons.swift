internal import CGDAL

/// The patches of a label map as polygons: a GeoPackage with one layer, `labels`, of a feature a patch
/// of pixels that touch edge to edge and have one label.
///
/// Each feature has the label (`class`), the class's name (`name`) and its colour (`colour`, as
/// `#rrggbb`). Pixels without data have none. The same labels give the same bytes.
public struct LabelPolygons: ~Copyable {
  /// The end of the names of such files.
  public static let pathExtension = "gpkg"
  private static let layerName = "labels"
  private static let fileName = "labels.gpkg"

  private let folder: StagingFolder
  private let overwrite: Bool

  /// Makes the polygons of a band beside `path`, where they appear by ``publish()``.
  ///
  /// - Parameter observe: Called with the part of the work that is done, 0 to 1.
  /// - Throws: ``RasterError`` where ``OutputPath/check(_:overwrite:inputs:)`` does, where GDAL has no
  ///   GeoPackage, and where the disk does not take the file.
  init(
    of band: GDALRasterBandH, classes: [LabelMapClass], coordinateSystem: String?, path: String,
    overwrite: Bool, observe: (Double) -> Void
  ) throws {
    try OutputPath.check(path, overwrite: overwrite)
    let folder = try StagingFolder(beside: path)
    try Self.write(
      band, classes, coordinateSystem, to: folder.file(Self.fileName), target: path,
      observe: observe)
    self.folder = folder
    self.overwrite = overwrite
  }

  /// Makes the polygons appear at their path.
  ///
  /// - Throws: ``RasterError``; then there is nothing new at the path.
  public consuming func publish() throws {
    try folder.publish(Self.fileName, overwrite: overwrite)
  }

  /// Writes the file; errors speak of `target`.
  private static func write(
    _ band: GDALRasterBandH, _ classes: [LabelMapClass], _ coordinateSystem: String?,
    to file: String, target: String, observe: (Double) -> Void
  ) throws {
    // The file says when it was made; by this it always says the same.
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", "1970-01-01T00:00:00Z")
    defer { CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", nil) }
    try GDALErrors.collecting { errors in
      func failure(_ cause: String?) -> RasterError {
        StagedRaster.failure(target, cause: cause.map { GDALErrors.message($0, without: file) })
      }
      func check(_ result: OGRErr) throws {
        guard result == OGRERR_NONE, !errors.hasFailed else { throw failure(errors.cause) }
      }
      guard let driver = GDALGetDriverByName("GPKG") else {
        throw failure("GDAL was built without GeoPackage")
      }
      guard let created = GDALCreate(driver, file, 0, 0, 0, GDT_Unknown, nil) else {
        throw failure(errors.cause)
      }
      let dataset = GDALDataset(owning: created)
      // A feature at a time would be a transaction each.
      try check(GDALDatasetStartTransaction(created, 0))
      let system = coordinateSystem.flatMap { OSRNewSpatialReference($0) }
      defer { if let system { OSRDestroySpatialReference(system) } }
      if let system { OSRSetAxisMappingStrategy(system, OAMS_TRADITIONAL_GIS_ORDER) }
      guard
        let layer = GDALDatasetCreateLayer(created, layerName, system, wkbPolygon, nil)
      else { throw failure(errors.cause) }
      for (name, type) in [("class", OFTInteger), ("name", OFTString), ("colour", OFTString)] {
        let field = OGR_Fld_Create(name, type)
        defer { OGR_Fld_Destroy(field) }
        try check(OGR_L_CreateField(layer, field, 1))
      }
      let polygonised = GDALProgress.observed(by: observe) { callback, argument in
        GDALPolygonize(band, GDALGetMaskBand(band), layer, 0, nil, callback, argument)
      }
      guard polygonised == CE_None, !errors.hasFailed else { throw failure(errors.cause) }
      for (index, entry) in classes.enumerated() {
        let name = entry.name.replacing("'", with: "''")
        _ = GDALDatasetExecuteSQL(
          created,
          "UPDATE \(layerName) SET name = '\(name)', colour = '\(entry.colour)' "
            + "WHERE class = \(index + 1)", nil, nil)
      }
      try check(GDALDatasetCommitTransaction(created))
      let closing = dataset.close()
      guard !errors.hasFailed, !closing.hasFailed else {
        throw failure(errors.cause ?? closing.cause)
      }
    }
  }
}
