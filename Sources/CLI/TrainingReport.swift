import IIC

/// What `iic train` puts out at the end.
struct TrainingReport: Encodable {
  let program = ProgramVersion.program
  let version = ProgramVersion.current
  let recipe: String
  let folder: String
  let epochs: Int
  /// The epoch of `model`, which the lowest loss chose.
  let bestEpoch: Int?
  let lowestLoss: Double?
  let accuracyAtLowestLoss: Double?
  /// The highest accuracy of a sub-head that training accuracy chose, after any epoch.
  let highestAccuracy: Double?
  let model: String
  let metrics: String

  init(recipe: Recipe, folder: RunFolder, metrics: MetricsTable) {
    self.recipe = recipe.name
    self.folder = folder.path
    epochs = metrics.rows.count - 1
    model = folder.path(of: .model)
    self.metrics = folder.path(of: .metrics)
    let lowest = (1...recipe.network.subHeads).map { metrics.column("loss_B_\($0)") }
    let losses = metrics.rows.indices.map { row in lowest.compactMap { $0[row] }.min() }
    let best = losses.indices.filter { losses[$0] != nil }
      .min { losses[$0] ?? 0 < losses[$1] ?? 0 }
    bestEpoch = best
    lowestLoss = best.flatMap { losses[$0] }
    accuracyAtLowestLoss = best.flatMap { metrics.column("accuracy_by_loss")[$0] }
    highestAccuracy =
      metrics.column("accuracy_by_training_accuracy").dropFirst().compactMap(\.self).max()
  }

  var text: String {
    var lines: [String] = []
    if let bestEpoch, let lowestLoss {
      lines.append(
        "\(model): epoch \(bestEpoch), the lowest loss, \(Numbers.decimal(lowestLoss, places: 3))"
          + (accuracyAtLowestLoss.map { ", accuracy \(Numbers.perCent($0))" } ?? ""))
    }
    if let highestAccuracy {
      lines.append(
        "highest accuracy of an epoch, chosen by labels: \(Numbers.perCent(highestAccuracy))")
    }
    lines.append("every epoch: \(metrics)")
    return lines.joined(separator: "\n")
  }
}
