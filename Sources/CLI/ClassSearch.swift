import Foundation
import IIC

/// `iic train --classes auto`: a run for each of several numbers of classes, and what their losses
/// come to.
struct ClassSearch: Encodable {
  struct Attempt: Encodable {
    let classes: Int
    let lowestLoss: Double?
    /// −ln of the number of classes: no loss is lower at λ = 1.
    let limit: Double
    /// The part of the limit that was reached, 0 to 1.
    let shareOfLimit: Double?
    let accuracy: Double?
    let model: String

    init(classes: Int, report: TrainingReport) {
      self.classes = classes
      lowestLoss = report.lowestLoss
      limit = -log(Double(classes))
      shareOfLimit = report.lowestLoss.map { $0 / -log(Double(classes)) }
      accuracy = report.accuracyAtLowestLoss
      model = report.model
    }
  }

  let program = ProgramVersion.program
  let version = ProgramVersion.current
  var attempts: [Attempt] = []

  /// The attempts as `classes.csv`.
  var csv: String {
    let rows = attempts.map { attempt in
      [
        "\(attempt.classes)", attempt.lowestLoss.map { Numbers.decimal($0, places: 6) } ?? "",
        Numbers.decimal(attempt.limit, places: 6),
        attempt.shareOfLimit.map { Numbers.decimal($0, places: 6) } ?? "",
        attempt.accuracy.map { Numbers.decimal($0, places: 6) } ?? "",
      ].joined(separator: ",")
    }
    return (["classes,lowest_loss,limit,share_of_limit,accuracy"] + rows).map { $0 + "\n" }.joined()
  }

  var text: String {
    var table = TextTable([
      ("classes", .right), ("lowest loss", .right), ("limit −ln k", .right),
      ("reached", .right), ("accuracy", .right), ("model", .left),
    ])
    for attempt in attempts {
      table.add([
        "\(attempt.classes)", Numbers.score(attempt.lowestLoss),
        Numbers.decimal(attempt.limit, places: 3),
        attempt.shareOfLimit.map { Numbers.perCent($0) } ?? "–",
        attempt.accuracy.map { Numbers.perCent($0) } ?? "–", attempt.model,
      ])
    }
    return table.text + "\n" + Self.advice
  }

  private static let advice = """
    More classes can reach a lower loss, so the lowest one alone does not choose: it falls on as \
    long as further classes tell images apart reliably. Where the share of the limit drops, or the \
    loss hardly falls any more, there are more classes than the images show. Look at the clusters \
    of those before.
    """
}
