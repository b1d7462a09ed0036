public import IIC

/// The images of a dataset, in memory, and which of them train, which name the clusters and which
/// score, in the published order.
public struct DatasetImages: Sendable {
  /// What they are.
  public let description: DatasetDescription
  /// The images of each split that was loaded.
  public let splits: [String: ImageSet]

  init(_ description: DatasetDescription, _ splits: [String: ImageSet]) {
    self.description = description
    self.splits = splits
  }

  /// The images that a head is trained on.
  ///
  /// IID: train and test; with an unlabelled split, the over-clustering head sees that too, mixed
  /// with train. IID+: train, mixed with unlabelled.
  ///
  /// - Parameter usingUnlabelled: false leaves unlabelled images out, an ablation of the paper's
  ///   table 2.
  /// - Throws: ``ClassifyError`` where a split is not there.
  public func training(
    _ mode: ClusteringMode, head: HeadName, usingUnlabelled: Bool = true
  ) throws -> ImageSet {
    let train = try split("train", for: mode)
    let hasUnlabelled = description.splits.contains { $0.name == "unlabelled" }
    let mixesIn =
      hasUnlabelled && usingUnlabelled && (mode == .iidPlus || head == .overclustering)
    let first = mixesIn ? Self.mixed(train, try split("unlabelled", for: mode)) : train
    return mode == .iid && hasTestSplit ? .joined([first, try split("test", for: mode)]) : first
  }

  /// The images by which clusters are given classes.
  /// - Throws: ``ClassifyError`` where a split is not there.
  public func assignment(_ mode: ClusteringMode) throws -> ImageSet {
    let train = try split("train", for: mode)
    return mode == .iid && hasTestSplit ? .joined([train, try split("test", for: mode)]) : train
  }

  /// The images that accuracy is measured on.
  /// - Throws: ``ClassifyError`` where a split is not there.
  public func scoring(_ mode: ClusteringMode) throws -> ImageSet {
    mode == .iid ? try assignment(mode) : try split("test", for: mode)
  }

  private var hasTestSplit: Bool { description.splits.contains { $0.name == "test" } }

  private func split(_ name: String, for mode: ClusteringMode) throws -> ImageSet {
    guard let images = splits[name] else {
      throw ClassifyError(
        operation: "use", path: description.name,
        reason: "the mode \(mode.rawValue) needs \(name) images, which are not there",
        remedy: "load them too, or choose another mode")
    }
    return images
  }

  /// Spreads the first set's images evenly among the second's, each followed by its share, as the
  /// published program does (`mix_train`: one labelled image, then twenty unlabelled ones). What the
  /// shares leave over comes last.
  static func mixed(_ few: ImageSet, _ many: ImageSet) -> ImageSet {
    let share = many.count / few.count
    var order: [Int] = []
    order.reserveCapacity(few.count + many.count)
    for index in 0..<few.count {
      order.append(index)
      order += few.count + index * share..<few.count + (index + 1) * share
    }
    order += few.count + few.count * share..<few.count + many.count
    return ImageSet.joined([few, many]).selecting(order)
  }
}
