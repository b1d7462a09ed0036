/// How well the sub-heads of a head cluster labelled data.
public struct HeadEvaluation: Sendable, Equatable {
  /// A sub-head's scores.
  public struct SubHead: Sendable, Equatable {
    /// The part of what is scored whose cluster stands for its class, 0…1.
    public var accuracy: Double
    /// The same of what the clusters were given their classes by, 0…1: the training accuracy.
    public var assignmentAccuracy: Double
    /// Normalised mutual information of clusters and classes over what is scored.
    public var normalisedMutualInformation: Double?
    /// Adjusted Rand index over what is scored.
    public var adjustedRandIndex: Double?

    /// A sub-head's scores.
    public init(
      accuracy: Double, assignmentAccuracy: Double, normalisedMutualInformation: Double?,
      adjustedRandIndex: Double?
    ) {
      self.accuracy = accuracy
      self.assignmentAccuracy = assignmentAccuracy
      self.normalisedMutualInformation = normalisedMutualInformation
      self.adjustedRandIndex = adjustedRandIndex
    }
  }

  /// Each sub-head's scores.
  public var subHeads: [SubHead]

  /// Scores of sub-heads, at least one.
  public init(subHeads: [SubHead]) {
    precondition(!subHeads.isEmpty, "scores of no sub-head")
    self.subHeads = subHeads
  }

  /// The sub-head of highest training accuracy, the first of equals: one that labels choose.
  public var bestByAssignment: Int {
    subHeads.indices.reduce(0) {
      subHeads[$1].assignmentAccuracy > subHeads[$0].assignmentAccuracy ? $1 : $0
    }
  }

  /// The mean of the sub-heads' accuracies.
  public var mean: Double { subHeads.reduce(0) { $0 + $1.accuracy } / Double(subHeads.count) }

  /// The standard deviation of the sub-heads' accuracies, as published: of all that there are.
  public var spread: Double {
    let mean = mean
    return
      (subHeads.reduce(0) { $0 + ($1.accuracy - mean) * ($1.accuracy - mean) }
      / Double(subHeads.count)).squareRoot()
  }

  /// The lowest and the highest accuracy of a sub-head.
  public var range: ClosedRange<Double> {
    let accuracies = subHeads.map(\.accuracy)
    return (accuracies.min() ?? 0)...(accuracies.max() ?? 0)
  }
}
