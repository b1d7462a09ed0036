internal import Raster

extension PatchDataset {
  private static let suffixes = [".tif", ".tiff", ".jpg", ".jpeg", ".png", ".jp2"]

  /// A folder of rasters of 8 bits: those in its sub-folder `images`, with label rasters of the same
  /// names in `labels` where there are any (0 none, classes from 1); or the rasters that lie in the
  /// folder itself, without labels.
  ///
  /// - Throws: ``SegError`` where there are none, where a label has no image, or classes cannot be
  ///   told.
  public static func folder(at path: String) throws -> PatchDataset {
    let inside = FolderNames("\(path)/images")
    let images = inside.sorted.isEmpty ? FolderNames(path) : inside
    let labels = FolderNames("\(path)/labels")
    let imageFiles = stems(of: images)
    let labelFiles = stems(of: labels)
    guard let first = imageFiles.first else {
      throw SegError(
        operation: "use", path: path, reason: "holds no raster",
        remedy: "put GeoTIFF, PNG, JPEG or JPEG 2000 files there or into \(path)/images")
    }
    let strays = labelFiles.filter { label in !imageFiles.contains { $0.stem == label.stem } }
    guard strays.isEmpty else {
      throw SegError.listing(
        strays.map { ($0.path, "there is no image of that name") }, operation: "use", path: path,
        what: "label", remedy: "name images and labels alike")
    }
    let labelOf = Dictionary(
      labelFiles.map { ($0.stem, PatchFile.raster($0.path)) }, uniquingKeysWith: { one, _ in one })
    let entries = imageFiles.map {
      Entry(name: $0.stem, image: .raster($0.path), labels: labelOf[$0.stem])
    }
    let description = try RasterFile.openAlone(first.path).description
    let bandNames = description.dataBandIndices.map { description.bands[$0 - 1].name }
    let classNames = try classNames(ofLabels: labelFiles.map(\.path))
    return PatchDataset(
      name: "segmentation", path: path, bandNames: bandNames, classNames: classNames,
      listNames: ["labelled", "unlabelled"],
      lists: [
        "labelled": entries.filter(\.isLabelled), "unlabelled": entries.filter { !$0.isLabelled },
      ], masksByLabels: false, jitterBands: .ofBands(named: bandNames), readsBlueFirst: false,
      labelValues: LabelValues(from: 1, classNames.indices.map { UInt8($0) }, none: [0]))
  }

  private static func stems(of folder: FolderNames) -> [(stem: String, path: String)] {
    folder.sorted.compactMap { name in
      guard let suffix = suffixes.first(where: { name.lowercased().hasSuffix($0) }),
        let path = folder.path(name)
      else { return nil }
      return (String(name.dropLast(suffix.count)), path)
    }
  }

  /// The names in the first label's legend; without one, as many numbers as the labels go up to.
  private static func classNames(ofLabels paths: [String]) throws -> [String] {
    guard let first = paths.first else { return [] }
    if let legend = try RasterFile.open(first).legend(),
      legend.entries.map(\.value) == Array(1...max(legend.entries.count, 1)),
      legend.entries.count < Int(PatchImage.noLabel)
    {
      return legend.entries.map(\.name)
    }
    var largest = 0
    for path in paths {
      let file = try RasterFile.openAlone(path)
      let image = try file.readBytes(file.description.fullWindow, bands: [1])
      largest = max(largest, Int(image.pixels.max() ?? 0))
    }
    guard (1..<Int(PatchImage.noLabel)).contains(largest) else {
      throw SegError(
        operation: "use", path: first, reason: "and its like have labels up to \(largest)",
        remedy: "number classes from 1 to 254, and give 0 to pixels without one")
    }
    return (1...largest).map { "class \($0)" }
  }
}
