public import IIC

extension PatchDataset {
  /// The lists whose images train.
  public func trainingLists(_ mode: ClusteringMode) -> [String] {
    switch mode {
    case .iid: listNames
    case .iidPlus: listNames.filter { $0 != scoredList }
    }
  }

  /// The lists whose labels name the clusters.
  public func assignmentLists(_ mode: ClusteringMode) -> [String] {
    let labelled = listNames.filter { lists[$0]?.contains { $0.isLabelled } ?? false }
    switch mode {
    case .iid: return labelled
    case .iidPlus: return labelled.filter { $0 != scoredList }
    }
  }

  /// The lists that are scored: those that name the clusters, or the one kept apart.
  public func scoringLists(_ mode: ClusteringMode) -> [String] {
    switch mode {
    case .iid: assignmentLists(.iid)
    case .iidPlus: [scoredList].compactMap(\.self)
    }
  }

  /// The list that is kept apart where scores are to be of images not trained on.
  private var scoredList: String? {
    listNames.first { ["labelled_test", "test", "val"].contains($0) }
  }

  /// The dataset that a recipe names, in a folder.
  ///
  /// - Throws: ``SegError`` where there is no dataset of that name, where the folder does not hold it,
  ///   or where it cannot be divided as the recipe asks.
  public static func named(_ settings: Recipe.DataSettings, at path: String) throws -> PatchDataset
  {
    let dataset: PatchDataset
    switch settings.dataset {
    case "potsdam": dataset = try potsdam(at: path, isCoarse: settings.coarseLabels ?? false)
    case "coco-stuff":
      dataset = try cocoStuff(at: path, classes: .stuff, version: settings.curatedVersion)
    case "coco-stuff-3":
      dataset = try cocoStuff(at: path, classes: .few, version: settings.curatedVersion)
    case "segmentation": dataset = try folder(at: path)
    default:
      throw SegError(
        operation: "use", path: path,
        reason: "is no dataset of patches by the name of \(settings.dataset)",
        remedy: "set data.dataset to potsdam, coco-stuff, coco-stuff-3 or segmentation")
    }
    guard settings.mode == .iid || dataset.scoredList != nil else {
      throw SegError(
        operation: "use", path: path, reason: "has no list of images kept apart for scoring",
        remedy: "set data.mode to IID")
    }
    return dataset
  }
}
