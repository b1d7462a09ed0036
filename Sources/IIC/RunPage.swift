internal import Foundation

/// A run's `report.html`: one page that needs no other file, with the settings, the curves of losses
/// and accuracies, the sub-heads, the epochs and, where there is one, the picture of the images'
/// places.
public struct RunPage: Sendable {
  private let recipe: Recipe
  private let metrics: MetricsTable
  private let picture: [UInt8]?

  /// The page of a run.
  ///
  /// - Parameter picture: the bytes of a PNG file.
  public init(recipe: Recipe, metrics: MetricsTable, picture: [UInt8]? = nil) {
    self.recipe = recipe
    self.metrics = metrics
    self.picture = picture
  }

  /// The page.
  ///
  /// Throws an ``IICError`` where the recipe cannot be written.
  public func html() throws -> String {
    let title = LineChart.escaped("\(recipe.name): \(recipe.about.title)")
    var parts = ["<h1>\(title)</h1>", summary]
    if let chart = lossChart.html {
      parts.append("<h2>Loss</h2><p>\(lossNote)</p>\(chart)")
    }
    if let chart = accuracyChart.html { parts.append("<h2>Accuracy</h2>\(chart)") }
    parts.append("<h2>Sub-heads of head B after the last epoch</h2>\(subHeadTable)")
    if let picture {
      parts.append(
        "<h2>Where the images stand among the clusters</h2><p>Each image is a point, drawn towards "
          + "the clusters as its probabilities say; at the rim, the mean of each cluster's images."
          + "</p><img alt=\"images among clusters\" src=\"data:image/png;base64,"
          + "\(Data(picture).base64EncodedString())\">")
    }
    parts.append("<h2>Epochs</h2>\(epochTable)")
    parts.append("<h2>Settings</h2><pre>\(LineChart.escaped(try recipe.yaml))</pre>")
    return Self.page(title: title, parts)
  }

  /// A page of escaped title and parts that are HTML.
  static func page(title: String, _ parts: [String]) -> String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(title)</title><style>\(style)</style></head>
    <body><main>\(parts.joined(separator: "\n"))</main></body></html>

    """
  }

  private var lossNote: String {
    if recipe.pretext != nil { return Self.pretextNote }
    return recipe.triplets == nil ? Self.lossNote : Self.tripletNote
  }

  /// Whether the loss is the method's own: those of the baselines have no λ.
  private var hasLambda: Bool { recipe.triplets == nil && recipe.pretext == nil }

  /// What the loss that chooses is called.
  private var chosenLoss: String { hasLambda ? "loss at λ = 1" : "loss" }

  private static let pretextNote =
    "The loss is the cross-entropy of the answers to what is asked of two patches: the lower, the "
    + "better; by chance it is ln 2 of two answers and ln 8 of eight directions. The lowest chooses "
    + "the model, without any label. Clusters are k-means' of the features."

  private static let tripletNote =
    "The loss is how much more an image's outputs differ from those of its transformed copy than "
    + "from those of another image: the lower, the better; it has no limit. The lowest sub-head "
    + "chooses the model, without any label."

  private static let lossNote =
    "The loss is minus the information that two views' clusters have of each other: the lower, "
    + "the better, and not below −ln of the number of clusters at λ = 1. The lowest of head B's "
    + "sub-heads chooses the model, without any label."

  private var epochs: [Int] { metrics.column("epoch").compactMap { $0.map { Int($0) } } }

  private var subHeads: Int { recipe.network.subHeads }

  /// The lowest loss of a sub-head an epoch.
  private var lowest: [Double?] {
    let columns = (1...subHeads).map { metrics.column("loss_B_\($0)") }
    return epochs.indices.map { row in columns.compactMap { $0[row] }.min() }
  }

  private var lossChart: LineChart {
    var series = [
      LineChart.Series(name: "head B, mean of sub-heads", values: metrics.column("loss_B")),
      LineChart.Series(
        name: "head B, lowest sub-head" + (hasLambda ? " at λ = 1" : ""),
        values: lowest),
    ]
    let headA = metrics.column("loss_A")
    if headA.contains(where: { $0 != nil }) {
      series.append(LineChart.Series(name: "head A, over-clustering", values: headA))
    }
    return LineChart(epochs: epochs, series: series, format: .decimal)
  }

  private var accuracyChart: LineChart {
    LineChart(
      epochs: epochs,
      series: [
        .init(name: "sub-head of the lowest loss", values: metrics.column("accuracy_by_loss")),
        .init(name: "mean of sub-heads", values: metrics.column("accuracy_mean")),
        .init(name: "best sub-head", values: metrics.column("accuracy_highest")),
        .init(name: "worst sub-head", values: metrics.column("accuracy_lowest")),
      ], format: .perCent)
  }

  private var summary: String {
    let last = epochs.last ?? 0
    var sentences = ["\(last) of \(recipe.training.epochs) epochs are over."]
    let losses = lowest
    if let best = losses.indices.filter({ losses[$0] != nil })
      .min(by: { losses[$0] ?? 0 < losses[$1] ?? 0 }), let loss = losses[best]
    {
      var words = "The lowest loss, \(Self.decimal(loss, 3)), is that of epoch \(epochs[best])"
      if let accuracy = metrics.column("accuracy_by_loss")[best] {
        words += ", with an accuracy of \(Self.decimal(accuracy * 100, 1)) %"
      }
      sentences.append(words + ".")
    }
    if let published = recipe.about.publishedPerCent {
      let source = recipe.about.source.map { " (\($0))" } ?? ""
      sentences.append("Published: \(Self.decimal(published, 1)) %\(source).")
    }
    if let differences = recipe.about.differences { sentences.append("Note: \(differences).") }
    return "<p>\(LineChart.escaped(sentences.joined(separator: " ")))</p>"
  }

  private var subHeadTable: String {
    let row = epochs.count - 1
    guard row >= 0 else { return "" }
    func cell(_ name: String, _ scale: Double, _ places: Int) -> String {
      guard let value = metrics.column(name)[row] else { return "<td>–</td>" }
      return "<td>\(Self.decimal(value * scale, places))</td>"
    }
    let chosen = metrics.column("subhead_by_loss")[row].map { Int($0) }
    let rows = (1...subHeads).map { number in
      "<tr><td>\(number)\(number == chosen ? " ★" : "")</td>" + cell("loss_B_\(number)", 1, 4)
        + cell("accuracy_\(number)", 100, 2) + "</tr>"
    }
    return "<table><tr><th>sub-head</th><th>\(chosenLoss)</th><th>accuracy, %</th></tr>"
      + rows.joined() + "</table><p class=\"note\">★ the lowest loss: the one to use.</p>"
  }

  private var epochTable: String {
    let columns = [
      ("epoch", "epoch", 1.0, 0), ("loss A", "loss_A", 1, 4), ("loss B", "loss_B", 1, 4),
      ("accuracy by loss, %", "accuracy_by_loss", 100, 2),
      ("mean, %", "accuracy_mean", 100, 2), ("± %", "accuracy_spread", 100, 2),
      ("NMI", "nmi", 1, 3), ("ARI", "ari", 1, 3), ("pairs/s", "pairs_per_second", 1, 0),
      ("seconds", "seconds", 1, 0),
    ]
    let values = columns.map { metrics.column($0.1) }
    // The last hundred: metrics.csv has all.
    let rows = epochs.indices.suffix(100).map { row in
      "<tr>"
        + columns.indices.map { column in
          let value = values[column][row]
          let text = value.map { Self.decimal($0 * columns[column].2, columns[column].3) }
          return "<td>\(text ?? "–")</td>"
        }.joined() + "</tr>"
    }
    return "<div class=\"wide\"><table><tr>"
      + columns.map { "<th>\($0.0)</th>" }.joined() + "</tr>" + rows.joined() + "</table></div>"
  }

  private static func decimal(_ value: Double, _ places: Int) -> String {
    String(format: "%.\(places)f", value)
  }

  private static let style = """
    :root{color-scheme:light dark;--ink:#1c2733;--paper:#fff;--soft:#66727f;--rule:#dde2e7;
    --c0:#1f6fb5;--c1:#c2571a;--c2:#2b8a4b;--c3:#8c5bb5}
    @media(prefers-color-scheme:dark){:root{--ink:#e4e9ee;--paper:#14191f;--soft:#93a0ad;
    --rule:#2b343d;--c0:#6db3f0;--c1:#f0955a;--c2:#6cc98a;--c3:#c39be6}}
    body{margin:0;background:var(--paper);color:var(--ink);
    font:16px/1.5 system-ui,sans-serif}
    main{max-width:760px;margin:0 auto;padding:24px 16px 64px}
    h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.1rem;margin:2em 0 .4em}
    svg{width:100%;height:auto;display:block}img{max-width:100%;background:#fff}
    path{fill:none;stroke-width:2}.grid{stroke:var(--rule)}
    text.axis{fill:var(--soft);font-size:12px}
    .line-0{stroke:var(--c0);fill:var(--c0);background:var(--c0)}
    .line-1{stroke:var(--c1);fill:var(--c1);background:var(--c1)}
    .line-2{stroke:var(--c2);fill:var(--c2);background:var(--c2)}
    .line-3{stroke:var(--c3);fill:var(--c3);background:var(--c3)}
    path.line-0,path.line-1,path.line-2,path.line-3{fill:none}
    .legend{margin:.3em 0}.key{margin-right:1.4em;white-space:nowrap;color:var(--soft);
    font-size:.875rem}.key i{display:inline-block;width:18px;height:3px;margin-right:.5em;
    vertical-align:middle}
    table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.875rem}
    th,td{text-align:right;padding:.2em .8em .2em 0;border-bottom:1px solid var(--rule)}
    th{color:var(--soft);font-weight:600}.wide{overflow-x:auto}.note{color:var(--soft)}
    pre{background:color-mix(in srgb,var(--ink) 6%,transparent);padding:12px;white-space:pre-wrap;
    font-size:.8125rem;line-height:1.45}
    """
}
