internal import Raster

extension PatchDataset {
  /// COCO-Stuff in a folder: 164k with its curated lists, or 10k.
  ///
  /// Images are read in the order blue, green, red, as the published program has them.
  ///
  /// - Parameters:
  ///   - classes: which classes are told apart.
  ///   - version: the version of the curated lists; the published one where nil.
  /// - Throws: ``SegError`` naming and counting what is missing of the lists.
  public static func cocoStuff(
    at path: String, classes: CocoStuff.Classes, version: Int? = nil
  ) throws -> PatchDataset {
    let (dataset, missing) = try openCocoStuff(at: path, classes: classes, version: version)
    try check(missing, path: path)
    return dataset
  }

  static func openCocoStuff(
    at path: String, classes: CocoStuff.Classes, version: Int?
  ) throws -> (dataset: PatchDataset, missing: [(path: String, reason: String)]) {
    let small = FolderNames("\(path)/imageLists")
    let isSmall = small.path("all.txt") != nil
    var lists: [String: [Entry]] = [:]
    var missing: [(path: String, reason: String)] = []
    let listNames = isSmall ? ["train", "test"] : ["train", "val"]
    for list in listNames {
      let file: String
      let folder: String
      if isSmall {
        (file, folder) = ("\(path)/imageLists/\(list).txt", "")
      } else {
        let name = classes.curatedList(version: version ?? classes.publishedVersion)
        (file, folder) = ("\(path)/curated/\(list)2017/\(name).txt", "/\(list)2017")
      }
      let names = try PatchList.names(
        at: file,
        remedy: "name the folder that holds images, annotations and the authors' curated lists "
          + "(164k) or imageLists (10k)")
      let images = FolderNames("\(path)/images\(folder)")
      let labels = FolderNames("\(path)/annotations\(folder)")
      let suffix = isSmall ? "mat" : "png"
      lists[list] = names.compactMap { name -> Entry? in
        guard let image = images.path("\(name).jpg") else {
          missing.append((name, "\(list) names it and \(images.folder) has no \(name).jpg"))
          return nil
        }
        guard let label = labels.path("\(name).\(suffix)") else {
          missing.append((name, "\(list) names it and \(labels.folder) has no \(name).\(suffix)"))
          return nil
        }
        return Entry(
          name: name, image: .raster(image),
          labels: isSmall ? .matlab(label, variable: "S") : .raster(label))
      }
    }
    guard lists.values.contains(where: { !$0.isEmpty }) || !missing.isEmpty else {
      throw SegError(
        operation: "use", path: path, reason: "lists no image", remedy: "get the lists again")
    }
    let fine = classes.ofFineIndex
    return (
      PatchDataset(
        name: "coco-stuff", path: path, bandNames: ["blue", "green", "red"],
        classNames: classes.names, listNames: listNames, lists: lists, masksByLabels: true,
        // The published program hands images to PIL as they are, so that blue passes for red there.
        jitterBands: .visible(red: 0, green: 1, blue: 2), readsBlueFirst: true,
        labelValues: isSmall
          ? LabelValues(from: 1, fine, none: [0]) : LabelValues(from: 0, fine, none: [255])),
      missing
    )
  }
}
