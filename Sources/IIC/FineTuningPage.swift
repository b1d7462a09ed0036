/// The `report.html` of a run that fine-tunes: one page that needs no other file, with the curves of
/// loss and accuracies, and the settings.
public struct FineTuningPage: Sendable {
  /// What an epoch came to.
  public struct Epoch: Sendable, Equatable {
    /// Its number, from 1.
    public var epoch: Int
    /// The mean cross-entropy in training.
    public var loss: Double
    /// The part of the images right in training, 0…1.
    public var trainingAccuracy: Double
    /// The part of the scored images right by ten crops, 0…1.
    public var accuracy: Double

    /// An epoch's figures.
    public init(epoch: Int, loss: Double, trainingAccuracy: Double, accuracy: Double) {
      self.epoch = epoch
      self.loss = loss
      self.trainingAccuracy = trainingAccuracy
      self.accuracy = accuracy
    }
  }

  private let recipe: Recipe
  private let epochs: [Epoch]

  /// The page of a run after its epochs.
  public init(recipe: Recipe, epochs: [Epoch]) {
    self.recipe = recipe
    self.epochs = epochs
  }

  /// The page.
  ///
  /// Throws an ``IICError`` where the recipe cannot be written.
  public func html() throws -> String {
    let title = LineChart.escaped("\(recipe.name): \(recipe.about.title)")
    var summary = "\(epochs.last?.epoch ?? 0) of \(recipe.training.epochs) epochs are over."
    if let published = recipe.about.publishedPerCent {
      summary += " Published: \(published) %\(recipe.about.source.map { " (\($0))" } ?? "")."
    }
    if let differences = recipe.about.differences { summary += " Note: \(differences)." }
    var parts = ["<h1>\(title)</h1>", "<p>\(LineChart.escaped(summary))</p>"]
    let numbers = epochs.map(\.epoch)
    let loss = LineChart(
      epochs: numbers,
      series: [.init(name: "cross-entropy in training", values: epochs.map(\.loss))],
      format: .decimal)
    let accuracy = LineChart(
      epochs: numbers,
      series: [
        .init(name: "by ten crops", values: epochs.map(\.accuracy)),
        .init(name: "in training", values: epochs.map(\.trainingAccuracy)),
      ], format: .perCent)
    if let chart = loss.html { parts.append("<h2>Loss</h2>\(chart)") }
    if let chart = accuracy.html { parts.append("<h2>Accuracy</h2>\(chart)") }
    parts.append("<h2>Settings</h2><pre>\(LineChart.escaped(try recipe.yaml))</pre>")
    return RunPage.page(title: title, parts)
  }
}
