internal import Foundation

// Scores of predictions that are classes already: prediction i means class i. Predictions beyond
// the classes are wrong wherever they were given.
extension ConfusionMatrix {
  /// The part of everything counted that was predicted right, 0…1; nil when nothing was counted.
  public var accuracy: Double? {
    let total = total
    guard total > 0 else { return nil }
    let right = (0..<min(classes, predictions)).reduce(0) { $0 + self[truth: $1, prediction: $1] }
    return Double(right) / Double(total)
  }

  /// Intersection over union of each class, 0…1: how much is truly of the class and predicted so,
  /// of what is either. Nil for a class that is neither true nor predicted anywhere.
  public var intersectionOverUnion: [Double?] {
    let truths = truthTotals
    let given = predictionTotals
    return (0..<classes).map { index in
      let intersection = index < predictions ? self[truth: index, prediction: index] : 0
      let union = truths[index] + (index < predictions ? given[index] : 0) - intersection
      return union > 0 ? Double(intersection) / Double(union) : nil
    }
  }

  /// The mean of ``intersectionOverUnion`` over the classes that have one; nil when none has.
  public var meanIntersectionOverUnion: Double? {
    let present = intersectionOverUnion.compactMap(\.self)
    guard !present.isEmpty else { return nil }
    return present.reduce(0, +) / Double(present.count)
  }
}

// Scores of clusters, whatever they are called.
extension ConfusionMatrix {
  /// Normalised mutual information of truth and predictions, 0…1: I / ((H₁ + H₂) / 2). 1 when both
  /// are one single cluster; nil when nothing was counted.
  public var normalisedMutualInformation: Double? {
    let total = Double(total)
    guard total > 0 else { return nil }
    let rows = truthTotals.map { Double($0) / total }
    let columns = predictionTotals.map { Double($0) / total }
    func entropy(_ parts: [Double]) -> Double {
      -parts.reduce(0) { $1 > 0 ? $0 + $1 * log($1) : $0 }
    }
    let meanEntropy = (entropy(rows) + entropy(columns)) / 2
    guard rows.filter({ $0 > 0 }).count > 1 || columns.filter({ $0 > 0 }).count > 1 else {
      return 1
    }
    var information = 0.0
    for (i, row) in rows.enumerated() {
      for (j, column) in columns.enumerated() where counts[i * predictions + j] > 0 {
        let joint = Double(counts[i * predictions + j]) / total
        information += joint * (log(joint) - log(row) - log(column))
      }
    }
    return min(1, max(0, information / meanEntropy))
  }

  /// The adjusted Rand index of truth and predictions (Hubert and Arabie, 1985): 1 for the same
  /// clusters, 0 on average for random ones, −0.5 at worst; nil when nothing was counted.
  public var adjustedRandIndex: Double? {
    let total = Double(total)
    guard total > 0 else { return nil }
    // Ordered pairs in Double: their number goes beyond 64 bits for large rasters.
    func squares(_ parts: [Int]) -> Double { parts.reduce(0) { $0 + Double($1) * Double($1) } }
    let together = squares(counts)
    let byTruth = squares(truthTotals)
    let byPrediction = squares(predictionTotals)
    let bothTogether = together - total
    let onlyByTruth = byTruth - together
    let onlyByPrediction = byPrediction - together
    let bothApart = total * total - byTruth - byPrediction + together
    if onlyByTruth == 0, onlyByPrediction == 0 { return 1 }
    let numerator = 2 * (bothTogether * bothApart - onlyByTruth * onlyByPrediction)
    let denominator =
      (bothTogether + onlyByTruth) * (onlyByTruth + bothApart)
      + (bothTogether + onlyByPrediction) * (onlyByPrediction + bothApart)
    return numerator / denominator
  }
}
