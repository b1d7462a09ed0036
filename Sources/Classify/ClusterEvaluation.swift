public import IIC
public import Tensor

/// How well the clusters of a head agree with the classes of labelled images, for each of its
/// sub-heads (paper, section 4.1). Labels name the clusters; nothing learns from them.
public struct ClusterEvaluation: Sendable, Equatable {
  /// How clusters are given classes.
  public enum Rule: String, Sendable, Equatable, Codable {
    /// Each cluster its own class, as many right as possible.
    case oneToOne = "one-to-one"
    /// Each cluster the class most frequent in it: where there are more clusters than classes.
    case manyToOne = "many-to-one"
  }

  /// What one sub-head comes to.
  public struct SubHead: Sendable, Equatable {
    /// The class of each cluster, fitted on the assignment images; nil of a cluster left over.
    public let classOfCluster: [Int?]
    /// The part of the assignment images that is then right: by it, a sub-head may be chosen.
    public let assignmentAccuracy: Double
    /// The part of the scored images that is right.
    public let accuracy: Double
    /// Normalised mutual information of clusters and classes of the scored images.
    public let normalisedMutualInformation: Double
    /// Adjusted Rand index of the same.
    public let adjustedRandIndex: Double
    /// A row a class, a column a cluster, of the scored images.
    public let confusion: ConfusionMatrix
  }

  /// The head.
  public let head: HeadName
  /// How its clusters were given classes.
  public let rule: Rule
  /// Its sub-heads, in order.
  public let subHeads: [SubHead]

  /// The mean accuracy of the sub-heads.
  public var meanAccuracy: Double { scores.mean }

  /// The standard deviation of the sub-heads' accuracies, of these alone (divided by their number).
  public var accuracyDeviation: Double { scores.spread }

  /// The sub-head that is best on the assignment images, the first of equals.
  public var bestByAssignment: Int { scores.bestByAssignment }

  /// The sub-heads' scores alone, as a run records them.
  public var scores: HeadEvaluation {
    HeadEvaluation(
      subHeads: subHeads.map {
        HeadEvaluation.SubHead(
          accuracy: $0.accuracy, assignmentAccuracy: $0.assignmentAccuracy,
          normalisedMutualInformation: $0.normalisedMutualInformation,
          adjustedRandIndex: $0.adjustedRandIndex)
      })
  }

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
  /// - Throws: ``ClassifyError`` where an image is smaller than the views' crops, and whatever
  ///   `observe` throws.
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
    let fitted = try confusions(images.assignment, after: 0)
    let scored = try images.scoring.map { try confusions($0, after: images.assignment.count) }
    self.init(head: head, fitted: fitted, scored: scored ?? fitted)
  }

  /// Scores sub-heads by what was counted: of the assignment images, and of the scored ones. Traps
  /// unless both are of as many sub-heads, at least one, and of at least one image.
  public init(head: HeadName, fitted: [ConfusionMatrix], scored: [ConfusionMatrix]) {
    precondition(
      !fitted.isEmpty && fitted.count == scored.count
        && (fitted + scored).allSatisfy { $0.total > 0 },
      "\(fitted.count) and \(scored.count) sub-heads, or no images")
    let rule: Rule = fitted[0].predictions > fitted[0].classes ? .manyToOne : .oneToOne
    self.head = head
    self.rule = rule
    subHeads = zip(fitted, scored).map { fitted, scored in
      let matching =
        switch rule {
        case .oneToOne: Matching.oneToOne(fitted)
        case .manyToOne: Matching.manyToOne(fitted)
        }
      return SubHead(
        classOfCluster: matching,
        assignmentAccuracy: fitted.relabelled(by: matching).accuracy ?? 0,
        accuracy: scored.relabelled(by: matching).accuracy ?? 0,
        normalisedMutualInformation: scored.normalisedMutualInformation ?? 0,
        adjustedRandIndex: scored.adjustedRandIndex ?? 0, confusion: scored)
    }
  }
}
