/// Which class each cluster stands for, found by comparing clusters with ground truth. Nothing is
/// trained: the published evaluation (paper, section 4) names clusters after training.
public enum Matching {
  /// How predictions are given classes.
  public enum Rule: String, Sendable, Equatable, Codable {
    /// Each prediction its own class, as many right as possible.
    case oneToOne = "one-to-one"
    /// Each prediction the class most frequent in it.
    case manyToOne = "many-to-one"
  }

  /// How clusters are scored as published: one-to-one where there are no more of them than classes,
  /// as in head B, and many-to-one where there are more, as in over-clustering.
  public static func rule(of confusion: ConfusionMatrix) -> Rule {
    confusion.predictions > confusion.classes ? .manyToOne : .oneToOne
  }

  /// The class of each prediction by a rule; nil of one that is left over.
  public static func classes(_ confusion: ConfusionMatrix, by rule: Rule) -> [Int?] {
    switch rule {
    case .oneToOne: oneToOne(confusion)
    case .manyToOne: manyToOne(confusion)
    }
  }

  /// Each prediction its own class, so that as much as possible is predicted right (the Hungarian
  /// method): the published evaluation of the clustering head B.
  ///
  /// Where there are more predictions than classes, those left over get nil.
  public static func oneToOne(_ confusion: ConfusionMatrix) -> [Int?] {
    let (rows, columns) = (confusion.predictions, confusion.classes)
    var costs: [Double] = []
    for prediction in 0..<rows {
      for truth in 0..<columns {
        costs.append(-Double(confusion[truth: truth, prediction: prediction]))
      }
    }
    return HungarianAssignment.minimise(costs: costs, rows: rows, columns: columns)
  }

  /// Each prediction the class that is true most often where it was given, the first of equals:
  /// the published evaluation of over-clustering. A prediction that never occurs gets class 0.
  ///
  /// The matching must come from other data than what is then scored by it.
  public static func manyToOne(_ confusion: ConfusionMatrix) -> [Int?] {
    (0..<confusion.predictions).map { prediction in
      var best = 0
      for truth in 1..<confusion.classes
      where confusion[truth: truth, prediction: prediction]
        > confusion[truth: best, prediction: prediction]
      {
        best = truth
      }
      return best
    }
  }
}
