internal import IIC

/// How well labels agree with truth once each label stands for a class.
public struct LabelScores: Sendable, Equatable {
  /// How labels come to stand for classes.
  public enum Rule: String, Sendable, CaseIterable {
    /// Each label for a class of its own, so that as many pixels as possible are right; labels left
    /// over are wrong wherever they are.
    case oneToOne = "one-to-one"
    /// Each label for the class most frequent under it.
    case manyToOne = "many-to-one"
    /// Each label for the class of its own number.
    case none
  }

  /// The class each label stands for, as an index into ``LabelComparison/truthValues``; one entry
  /// a label of ``LabelComparison/labelValues``.
  public let matching: [Int?]
  /// Pixels that are right, of all compared: 0 to 1.
  public let accuracy: Double
  /// Intersection over union of each class of ``LabelComparison/truthValues``, 0 to 1.
  public let intersectionOverUnion: [Double]
  /// The mean of ``intersectionOverUnion``.
  public let meanIntersectionOverUnion: Double
  /// Normalised mutual information of labels and truth, 0 to 1, whatever the rule.
  public let normalisedMutualInformation: Double
  /// The adjusted Rand index of labels and truth, at most 1, whatever the rule.
  public let adjustedRandIndex: Double

  /// Scores a comparison by a rule.
  public init(_ comparison: LabelComparison, matchedBy rule: Rule = .oneToOne) {
    let confusion = comparison.confusion
    matching =
      switch rule {
      case .oneToOne: Matching.oneToOne(confusion)
      case .manyToOne: Matching.manyToOne(confusion)
      case .none: comparison.labelValues.map { comparison.truthValues.firstIndex(of: $0) }
      }
    let classes = confusion.relabelled(by: matching)
    // A comparison counts at least one pixel, and every class of it occurs.
    accuracy = classes.accuracy ?? 0
    intersectionOverUnion = classes.intersectionOverUnion.map { $0 ?? 0 }
    meanIntersectionOverUnion = classes.meanIntersectionOverUnion ?? 0
    normalisedMutualInformation = confusion.normalisedMutualInformation ?? 0
    adjustedRandIndex = confusion.adjustedRandIndex ?? 0
  }
}
