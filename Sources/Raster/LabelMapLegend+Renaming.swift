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

  /// Makes these the names of the label map at `path`: its category names and the names in its
  /// attribute table, which lie in its sidecar, `path` and `.aux.xml`. A table of other rows, or none,
  /// is made anew; what else is in the sidecar stays, and the map's own file is not touched. The new
  /// sidecar appears whole or not at all.
  ///
  /// Traps on values that are not 0 to 255.
  ///
  /// - Throws: ``RasterError`` where the map cannot be read, or its folder not be written to.
  public func write(toMapAt path: String) throws {
    precondition(entries.allSatisfy { (0...255).contains($0.value) }, "values beyond a byte")
    _ = try RasterFile.open(path)
    // Where it is a link, the file that it leads to is written.
    let sidecar = URL(filePath: path + ".aux.xml").resolvingSymlinksInPath()
      .path(percentEncoded: false)
    let folder = try StagingFolder(beside: sidecar)
    func failure(_ reason: String?) -> RasterError {
      RasterError(
        operation: "write", path: sidecar, reason: reason ?? "GDAL could not write it",
        remedy: "check the disk's free space and the folder's permissions")
    }
    // GDAL writes the sidecar of the name that a file is opened by.
    let map = folder.file("map.tif")
    let copy = map + ".aux.xml"
    let files = FileManager.default
    let mode = try? files.attributesOfItem(atPath: sidecar)[.posixPermissions]
    do {
      try files.createSymbolicLink(
        atPath: map,
        withDestinationPath: URL(filePath: path).absoluteURL.path(percentEncoded: false))
      if mode != nil {
        try files.copyItem(atPath: sidecar, toPath: copy)
        try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: copy)
      }
    } catch {
      throw failure(mode == nil ? nil : "the one that is there cannot be read")
    }
    do {
      try change(toSidecarOf: map, failure: failure)
      let written = try RasterFile.open(map).legend()
      guard written?.entries.map(\.name) == entries.map(\.name) else {
        throw failure("it did not reach the disk whole")
      }
    } catch let error as RasterError {
      throw failure(error.reason)
    }
    if let mode { try? files.setAttributes([.posixPermissions: mode], ofItemAtPath: copy) }
    try folder.publish("map.tif.aux.xml", overwrite: true)
  }

  private func change(toSidecarOf map: String, failure: (String?) -> RasterError) throws {
    let file = try RasterFile.open(map)
    let description = file.description.bands[0]
    var names = description.categoryNames
    let count = (entries.map(\.value).max() ?? 0) + 1
    names += [String](repeating: "", count: max(0, count - names.count))
    for entry in entries { names[entry.value] = entry.name }
    if names[0].isEmpty, description.nodata ?? 0 == 0 { names[0] = "nodata" }
    try GDALErrors.collecting { errors in
      let band = file.dataset.band(1)
      let named = GDALStringList(names).withPointer { GDALSetRasterCategoryNames(band, $0) }
      guard named == CE_None, writeTable(to: band) == CE_None, !errors.hasFailed else {
        throw failure(errors.cause)
      }
      let closing = file.dataset.close()
      guard !errors.hasFailed, !closing.hasFailed else { throw failure(closing.cause) }
    }
  }

  /// Changes the names in a band's table of the same rows; makes one where there is no such.
  private func writeTable(to band: GDALRasterBandH) -> CPLErr {
    guard let known = LabelMapLegend.read(from: band), known.map(\.value) == entries.map(\.value),
      let table = GDALRATClone(GDALGetDefaultRAT(band))
    else { return LabelMapLegend.write(entries, to: band) }
    defer { GDALDestroyRasterAttributeTable(table) }
    let column = GDALRATGetColOfUsage(table, GFU_Name)
    for (row, entry) in entries.enumerated() {
      GDALRATSetValueAsString(table, Int32(row), column, entry.name)
    }
    return GDALSetDefaultRAT(band, table)
  }
}
