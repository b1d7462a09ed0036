/// How often each prediction was given where each class is true: rows are the true classes, columns
/// the predictions.
///
/// Counted a piece at a time, so that whole rasters need no more memory than the matrix.
public struct ConfusionMatrix: Sendable, Equatable {
  /// How many true classes there are, the rows.
  public let classes: Int
  /// How many different predictions there are, the columns.
  public let predictions: Int
  /// [classes, predictions], row-major.
  public private(set) var counts: [Int]

  /// An empty matrix. Traps unless both sizes are at least 1.
  public init(classes: Int, predictions: Int) {
    precondition(classes >= 1 && predictions >= 1, "a matrix of \(classes) × \(predictions)")
    self.classes = classes
    self.predictions = predictions
    counts = Array(repeating: 0, count: classes * predictions)
  }

  /// A matrix of known counts, row-major. Traps unless there are `classes` × `predictions` of them,
  /// none negative.
  public init(classes: Int, predictions: Int, counts: [Int]) {
    self.init(classes: classes, predictions: predictions)
    precondition(
      counts.count == self.counts.count && counts.allSatisfy { $0 >= 0 },
      "\(counts.count) counts for a matrix of \(classes) × \(predictions)")
    self.counts = counts
  }

  /// How often `prediction` was given where `truth` is true.
  public subscript(truth truth: Int, prediction prediction: Int) -> Int {
    precondition(truth < classes && prediction < predictions, "no cell (\(truth), \(prediction))")
    return counts[truth * predictions + prediction]
  }

  /// Everything that was counted.
  public var total: Int { counts.reduce(0, +) }

  /// How often each class is true, [classes].
  public var truthTotals: [Int] {
    (0..<classes).map { counts[$0 * predictions..<($0 + 1) * predictions].reduce(0, +) }
  }

  /// How often each prediction was given, [predictions].
  public var predictionTotals: [Int] {
    (0..<predictions).map { column in
      stride(from: column, to: counts.count, by: predictions).reduce(0) { $0 + counts[$1] }
    }
  }

  /// Counts pairs of labels, one pair a pixel or image. Pairs whose truth is `ignoredTruth` or whose
  /// prediction is `ignoredPrediction` are left out. Traps when the counts of labels differ, or on a
  /// label that is not ignored and has no row or column.
  public mutating func add(
    truth: Span<UInt8>, prediction: Span<UInt8>, ignoredTruth: UInt8? = nil,
    ignoredPrediction: UInt8? = nil
  ) {
    count(truth, prediction, ignoredTruth: ignoredTruth, ignoredPrediction: ignoredPrediction)
  }

  /// Counts pairs of labels held in arrays, as the method above does.
  public mutating func add(
    truth: [UInt8], prediction: [UInt8], ignoredTruth: UInt8? = nil,
    ignoredPrediction: UInt8? = nil
  ) {
    add(
      truth: truth.span, prediction: prediction.span, ignoredTruth: ignoredTruth,
      ignoredPrediction: ignoredPrediction)
  }

  /// Counts pairs of a class and a cluster, of which there may be more than 256. Pairs whose truth is
  /// `ignoredTruth` are left out. Traps as the methods above do.
  public mutating func add(truth: [UInt8], clusters: [UInt16], ignoredTruth: UInt8? = nil) {
    count(truth.span, clusters.span, ignoredTruth: ignoredTruth, ignoredPrediction: nil)
  }

  private mutating func count<Prediction: UnsignedInteger & BitwiseCopyable>(
    _ truth: Span<UInt8>, _ prediction: Span<Prediction>, ignoredTruth: UInt8?,
    ignoredPrediction: Prediction?
  ) {
    precondition(
      truth.count == prediction.count,
      "\(truth.count) true labels and \(prediction.count) predictions")
    for index in truth.indices {
      let row = truth[index]
      let column = prediction[index]
      if row == ignoredTruth || column == ignoredPrediction { continue }
      precondition(
        row < classes && column < predictions,
        "labels (\(row), \(column)) in a matrix of \(classes) × \(predictions)")
      counts[Int(row) * predictions + Int(column)] += 1
    }
  }

  /// Adds another matrix's counts, such as another worker's. Traps when the sizes differ.
  public mutating func add(_ other: ConfusionMatrix) {
    precondition(
      classes == other.classes && predictions == other.predictions,
      "\(classes) × \(predictions) and \(other.classes) × \(other.predictions)")
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  /// The matrix after each prediction was replaced by the class it stands for: classes × classes,
  /// with one more column for predictions that stand for none, if there are any.
  ///
  /// `matching` gives each prediction its class, as ``Matching`` finds them. Traps unless it has
  /// one entry a prediction, each nil or a class.
  public func relabelled(by matching: [Int?]) -> ConfusionMatrix {
    precondition(
      matching.count == predictions
        && matching.allSatisfy { $0.map { (0..<classes).contains($0) } ?? true },
      "\(matching) does not match \(predictions) predictions to \(classes) classes")
    var result = ConfusionMatrix(
      classes: classes, predictions: classes + (matching.contains(nil) ? 1 : 0))
    for truth in 0..<classes {
      for (prediction, match) in matching.enumerated() {
        result.counts[truth * result.predictions + (match ?? classes)] +=
          counts[truth * predictions + prediction]
      }
    }
    return result
  }
}
