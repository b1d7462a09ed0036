internal import Raster

extension PatchDataset {
  /// The blocks of the Potsdam benchmark in a folder: those that `iic datasets prepare potsdam`
  /// makes, or the archive that the authors of the method passed on.
  ///
  /// - Parameter isCoarse: whether classes are the three coarse ones in place of the six.
  /// - Throws: ``SegError`` naming and counting what is missing of the lists.
  public static func potsdam(at path: String, isCoarse: Bool) throws -> PatchDataset {
    let (dataset, missing) = try openPotsdam(at: path, isCoarse: isCoarse)
    try check(missing, path: path)
    return dataset
  }

  /// Throws where listed files are missing.
  static func check(_ missing: [(path: String, reason: String)], path: String) throws {
    guard missing.isEmpty else {
      throw SegError.listing(
        missing, operation: "use", path: path, what: "listed image",
        remedy: "get the files again, or take their names out of the lists")
    }
  }

  static func openPotsdam(
    at path: String, isCoarse: Bool
  ) throws -> (dataset: PatchDataset, missing: [(path: String, reason: String)]) {
    let remedy = "name a folder that iic datasets prepare potsdam made, or the unpacked archive"
    let images = FolderNames("\(path)/imgs")
    let labels = FolderNames("\(path)/gt")
    var lists: [String: [Entry]] = [:]
    var missing: [(path: String, reason: String)] = []
    for list in Potsdam.lists {
      let names = try PatchList.names(at: "\(path)/\(list).txt", remedy: remedy)
      lists[list] = names.compactMap { name -> Entry? in
        guard let image = file(name, in: images, variable: "img") else {
          missing.append((name, "\(list) names it and imgs has no \(name).tif or \(name).mat"))
          return nil
        }
        let label = file(name, in: labels, variable: "gt")
        guard label != nil || !Potsdam.labelledLists.contains(list) else {
          missing.append((name, "\(list) names it and gt has no \(name).tif or \(name).mat"))
          return nil
        }
        return Entry(name: name, image: image, labels: label)
      }
    }
    guard let first = Potsdam.lists.lazy.compactMap({ lists[$0]?.first }).first else {
      try check(missing, path: path)
      throw SegError(
        operation: "use", path: path, reason: "lists no image", remedy: remedy)
    }
    let bandNames = try bandNames(of: first.image)
    let fine = isCoarse ? Potsdam.coarseClasses : (0..<6).map { UInt8($0) }
    let isArchive: Bool = if case .matlab = first.image { true } else { false }
    return (
      PatchDataset(
        name: "potsdam", path: path, bandNames: bandNames,
        classNames: isCoarse ? Potsdam.coarseClassNames : Potsdam.classNames,
        listNames: Potsdam.lists, lists: lists, masksByLabels: false,
        jitterBands: .ofBands(named: bandNames), readsBlueFirst: false,
        labelValues: isArchive
          ? LabelValues(from: 0, fine, none: []) : LabelValues(from: 1, fine, none: [0])), missing
    )
  }

  private static func file(_ name: String, in folder: FolderNames, variable: String) -> PatchFile? {
    folder.path("\(name).tif").map { .raster($0) }
      ?? folder.path("\(name).mat").map { .matlab($0, variable: variable) }
  }

  private static func bandNames(of file: PatchFile) throws -> [String] {
    switch file {
    case .raster(let path):
      let description = try RasterFile.openAlone(path).description
      return description.dataBandIndices.map { description.bands[$0 - 1].name }
    case .matlab:
      let count = try file.image(blueFirst: false).image.channels
      guard count == 3 || count == 4 else {
        throw SegError(
          operation: "use", path: file.path, reason: "has \(count) bands",
          remedy: "give red, green, blue and infra-red")
      }
      return Array(["red", "green", "blue", "near infrared"].prefix(count))
    }
  }
}

extension PhotometricJitter.Bands {
  /// Red, green and blue together where all three are there; else red and green, those that are,
  /// each of its own, and bands without such names where none is. Infra-red is left alone.
  static func ofBands(named names: [String]) -> PhotometricJitter.Bands {
    let visible = ["red", "green", "blue"].map { names.firstIndex(of: $0) }
    if let red = visible[0], let green = visible[1], let blue = visible[2] {
      return .visible(red: red, green: green, blue: blue)
    }
    let some = visible.compactMap { $0 }
    if !some.isEmpty { return .separate(some.sorted()) }
    return .separate(names.indices.filter { !names[$0].lowercased().contains("infra") })
  }
}
