import IIC

/// Says how a training comes along: a line that moves on within an epoch, a line an epoch.
struct TrainingProgress {
  private let recipe: Recipe
  private let console: Console
  private var line: ProgressLine?
  private var evaluationStart: ContinuousClock.Instant?
  private var evaluationSeconds = 0.0
  private var epochStart = ContinuousClock.now

  init(recipe: Recipe, on console: Console) {
    self.recipe = recipe
    self.console = console
  }

  mutating func show(_ event: RunEvent) {
    switch event {
    case .step(let epoch, let pairs, let all, let losses):
      if line == nil {
        line = ProgressLine(
          "epoch \(epoch) of \(recipe.training.epochs)", of: all, unit: "pairs", on: console)
        epochStart = .now
      }
      let words = detail(losses, epoch: epoch, pairs: pairs, of: all)
      line?.update(done: pairs, detail: words)
    case .evaluationBegan:
      line?.finish()
      line = nil
      evaluationStart = .now
    case .epochEnded(let record):
      if let start = evaluationStart {
        evaluationSeconds = (ContinuousClock.now - start) / .seconds(1)
      }
      console.say(Self.text(record))
      if record.seconds > 0 {
        console.detail(
          "steps waited \(Numbers.decimal(record.secondsWaiting, places: 2)) s of "
            + "\(Numbers.duration(record.seconds)) for their pairs")
      }
      if record.evaluation != nil {
        console.detail("scored in \(Numbers.duration(evaluationSeconds))")
      }
    }
  }

  /// `head B loss −1.532, 1 h 32 min to the end`.
  private func detail(_ losses: [HeadLoss], epoch: Int, pairs: Int, of all: Int) -> String {
    let words = losses.map {
      "head \($0.head.rawValue) loss \(Self.loss($0.mean.value))"
    }
    let seconds = (ContinuousClock.now - epochStart) / .seconds(1)
    let left = recipe.training.epochs - epoch
    guard left > 0, pairs > 0 else { return words.joined(separator: ", ") }
    let whole = seconds * Double(all) / Double(pairs)
    let end = whole - seconds + Double(left) * whole + Double(left + 1) * evaluationSeconds
    return (words + ["\(Numbers.duration(end)) to the last epoch's end"]).joined(separator: ", ")
  }

  /// An epoch in a line.
  static func text(_ record: TrainingRecord) -> String {
    var parts: [String] = []
    for losses in record.losses {
      parts.append("head \(losses.head.rawValue) loss \(loss(losses.mean.value))")
    }
    if let evaluation = record.evaluation {
      if let best = record.best, let accuracy = record.accuracyByLoss {
        parts.append(
          "accuracy \(Numbers.perCent(accuracy)) by sub-head \(best.subHead + 1) (lowest loss)")
      }
      parts.append(
        "mean of sub-heads \(Numbers.perCent(evaluation.mean)) ± "
          + Numbers.decimal(evaluation.spread * 100, places: 1)
          + ", best \(Numbers.perCent(evaluation.range.upperBound))")
    }
    if let other = record.evaluationByBatchStatistics {
      parts.append("by batch statistics \(Numbers.perCent(other.mean))")
    }
    if record.seconds > 0 {
      parts.append("\(Numbers.decimal(Double(record.pairs) / record.seconds, places: 0)) pairs/s")
    }
    let start = record.epoch == 0 ? "before training" : "epoch \(record.epoch)"
    return "\(start): " + (parts.isEmpty ? "no labels to score by" : parts.joined(separator: ", "))
  }

  private static func loss(_ value: Double) -> String { Numbers.decimal(value, places: 3) }
}
