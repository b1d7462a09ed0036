internal import Foundation

/// A run's `metrics.csv`: a heading and a row an epoch. Cells are empty where there is nothing to
/// say.
public struct MetricsTable: Sendable, Equatable {
  /// The columns' names.
  public let columns: [String]
  /// A cell a column; the first of each row is the epoch.
  public private(set) var rows: [[String]]

  private let subHeads: Int

  /// A table without rows, for a head B of so many sub-heads.
  public init(subHeads: Int) {
    self.subHeads = subHeads
    let numbers = 1...subHeads
    columns =
      ["epoch", "learning_rate", "loss_A", "loss_B"]
      + numbers.map { "loss_B_\($0)" } + numbers.map { "accuracy_\($0)" }
      + [
        "accuracy_mean", "accuracy_spread", "accuracy_lowest", "accuracy_highest",
        "subhead_by_loss", "accuracy_by_loss", "subhead_by_training_accuracy",
        "accuracy_by_training_accuracy", "nmi", "ari", "accuracy_by_loss_batch_statistics",
        "pairs", "seconds", "pairs_per_second",
      ]
    rows = []
  }

  /// Reads what ``csv`` wrote, up to and with an epoch.
  ///
  /// Throws an ``IICError`` where the text is another table, or lacks an epoch.
  public init(csv: String, subHeads: Int, throughEpoch epoch: Int) throws {
    self.init(subHeads: subHeads)
    let lines = csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    guard lines.first == columns, lines.count >= epoch + 2,
      lines.allSatisfy({ $0.count == columns.count })
    else {
      throw IICError(
        operation: "resume", reason: "its metrics.csv is not the one that was written",
        remedy: "put it back, or begin a new run")
    }
    rows = Array(lines[1...epoch + 1])
  }

  /// Adds an epoch.
  public mutating func add(_ record: TrainingRecord) {
    func cell(_ value: Double?, _ places: Int = 6) -> String {
      value.map { String(format: "%.\(places)f", $0) } ?? ""
    }
    let evaluation = record.evaluation
    let lossesB = record.losses(of: .clustering)
    let chosen = record.best?.subHead ?? evaluation?.bestByAssignment
    var row = [
      "\(record.epoch)", RecipeRule.decimal(record.learningRate),
      cell(record.losses(of: .overclustering)?.mean.value), cell(lossesB?.mean.value),
    ]
    row += (0..<subHeads).map { cell(lossesB?.subHeads[$0].withoutLambda) }
    row += (0..<subHeads).map { cell(evaluation?.subHeads[$0].accuracy) }
    row += [
      cell(evaluation?.mean), cell(evaluation?.spread), cell(evaluation?.range.lowerBound),
      cell(evaluation?.range.upperBound), record.best.map { "\($0.subHead + 1)" } ?? "",
      cell(record.accuracyByLoss), evaluation.map { "\($0.bestByAssignment + 1)" } ?? "",
      cell(evaluation.map { $0.subHeads[$0.bestByAssignment].accuracy }),
      cell(chosen.flatMap { evaluation?.subHeads[$0].normalisedMutualInformation }),
      cell(chosen.flatMap { evaluation?.subHeads[$0].adjustedRandIndex }),
      cell(
        record.best.flatMap { record.evaluationByBatchStatistics?.subHeads[$0.subHead].accuracy }),
      "\(record.pairs)", cell(record.seconds, 2),
      record.seconds > 0 ? cell(Double(record.pairs) / record.seconds, 1) : "",
    ]
    rows.append(row)
  }

  /// The cells of a column.
  public func column(_ name: String) -> [Double?] {
    guard let index = columns.firstIndex(of: name) else { return [] }
    return rows.map { Double($0[index]) }
  }

  /// The whole table as text.
  public var csv: String {
    ([columns] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }
}
