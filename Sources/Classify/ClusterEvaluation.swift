public import IIC
public import Tensor

/// How well the clusters of a head agree with the classes of labelled images, for each of its
/// sub-heads (paper, section 4.1). Labels name the clusters; nothing learns from them.
public struct ClusterEvaluation: Sendable, Equatable {
  /// The head.
  public let head: HeadName
  /// How its clusters stand to the classes: a row a class, a column a cluster.
  public let confusions: ClusterConfusions
  /// What its sub-heads come to.
  public let scores: HeadEvaluation

  /// Labelled images of a dataset: those that name the clusters, and those that score.
  public struct Images: Sendable {
    /// What to call them in errors.
    public let name: String
    /// How many classes there are.
    public let classes: Int
    let assignment: ImageSet
    /// Nil where the same images name and score.
    let scoring: ImageSet?

    /// The images of a dataset in a mode: of IID, all that are labelled name the clusters and
    /// score; of IID+, train images name them and test images score.
    ///
    /// - Throws: ``ClassifyError`` where a split is not there or has no labels.
    public init(_ images: DatasetImages, mode: ClusteringMode) throws {
      name = images.description.name
      classes = images.description.classNames.count
      assignment = try images.assignment(mode)
      scoring = mode == .iid ? nil : try images.scoring(mode)
      guard classes > 0, assignment.labels != nil, scoring.map({ $0.labels != nil }) ?? true else {
        throw ClassifyError(
          operation: "score", path: name, reason: "its images have no labels",
          remedy: "use images sorted into a folder a class")
      }
    }

    /// How many images go through the network.
    public var count: Int { assignment.count + (scoring?.count ?? 0) }
  }

  /// Assigns the images and scores the clusters.
  ///
  /// - Parameters:
  ///   - batchSize: images that go through the network at once; without running statistics the
  ///     result depends on it a little.
  ///   - observe: called after each batch with how many of ``Images/count`` are done.
  /// - Throws: ``ClassifyError`` where an image is smaller than the views' crops, `IICError` where the
  ///   network comes to numbers that are not finite, and whatever `observe` throws.
  public init(
    of network: ClusterNetwork, head: HeadName, on images: Images, views: some ScoringViews,
    batchSize: Int, workers: Workers, observe: (_ done: Int) throws -> Void = { _ in }
  ) throws {
    func confusions(_ set: ImageSet, after done: Int) throws -> [ConfusionMatrix] {
      let assignments = try ClusterAssignments(
        of: set, named: images.name, by: network, head: head, views: views, batchSize: batchSize,
        on: workers
      ) { try observe(done + $0) }
      return assignments.clusterOfImage.indices.map {
        assignments.confusion(ofSubHead: $0, labels: set.labels ?? [], classes: images.classes)
      }
    }
    self.head = head
    self.confusions = ClusterConfusions(
      assignment: try confusions(images.assignment, after: 0),
      scored: try images.scoring.map { try confusions($0, after: images.assignment.count) })
    scores = self.confusions.evaluation
  }
}
