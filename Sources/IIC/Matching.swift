/// Which class each cluster stands for, found by comparing clusters with ground truth. Nothing is
/// trained: the published evaluation (paper, section 4) names clusters after training.
public enum Matching {
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
