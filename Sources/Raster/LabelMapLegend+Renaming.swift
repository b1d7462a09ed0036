internal import CGDAL
internal import Foundation

extension LabelMapLegend {
  /// The same legend with its entries called otherwise. Traps unless there is a name an entry.
  public func named(_ names: [String]) -> LabelMapLegend {
    precondition(names.count == entries.count, "\(names.count) names, \(entries.count) entries")
    return LabelMapLegend(
      entries: zip(names, entries).map { name, entry in
        Entry(value: entry.value, name: name, colour: entry.colour, pixelCount: entry.pixelCount)
      })
  }

  /// Makes this the legend of the label map at `path`: its category names and attribute table, which
  /// lie in its sidecar, `path` and `.aux.xml`. What else is in the sidecar stays, and the map's own
  /// file is not touched. The new sidecar appears whole or not at all.
  ///
  /// Traps on values that are not 0 to 255.
  ///
  /// - Throws: ``RasterError`` where the map cannot be read, or its folder not be written to.
  public func write(toMapAt path: String) throws {
    precondition(entries.allSatisfy { (0...255).contains($0.value) }, "values beyond a byte")
    _ = try RasterFile.open(path)
    let sidecar = path + ".aux.xml"
    let folder = try StagingFolder(beside: sidecar)
    func failure(_ reason: String?) -> RasterError {
      RasterError(
        operation: "write", path: sidecar, reason: reason ?? "GDAL could not write it",
        remedy: "check the disk's free space and the folder's permissions")
    }
    // GDAL writes the sidecar of the name that a file is opened by.
    let map = folder.file("map.tif")
    let files = FileManager.default
    do {
      try files.createSymbolicLink(
        atPath: map,
        withDestinationPath: URL(filePath: path).absoluteURL.path(percentEncoded: false))
      if files.fileExists(atPath: sidecar) {
        try files.copyItem(
          atPath: URL(filePath: sidecar).resolvingSymlinksInPath().path(percentEncoded: false),
          toPath: map + ".aux.xml")
      }
    } catch {
      throw failure(nil)
    }
    do {
      let file = try RasterFile.open(map)
      try GDALErrors.collecting { errors in
        let band = file.dataset.band(1)
        var names = [String](repeating: "", count: (entries.map(\.value).max() ?? 0) + 1)
        for entry in entries { names[entry.value] = entry.name }
        if !entries.contains(where: { $0.value == 0 }) { names[0] = "nodata" }
        let named = GDALStringList(names).withPointer { GDALSetRasterCategoryNames(band, $0) }
        guard named == CE_None, LabelMapLegend.write(entries, to: band) == CE_None,
          !errors.hasFailed
        else { throw failure(errors.cause) }
        let closing = file.dataset.close()
        guard !errors.hasFailed, !closing.hasFailed else { throw failure(closing.cause) }
      }
      guard try RasterFile.open(map).legend() == self else {
        throw failure("it did not reach the disk whole")
      }
    } catch let error as RasterError {
      throw failure(error.reason)
    }
    try folder.publish("map.tif.aux.xml", overwrite: true)
  }
}
