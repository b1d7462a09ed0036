import Foundation
import Testing

@testable import IIC

@Suite struct RunPageTests {
  private func metrics(epochs: Int) -> MetricsTable {
    var table = MetricsTable(subHeads: 2)
    for epoch in 0...epochs {
      let loss = -Double(epoch) / 4
      table.add(
        TrainingRecord(
          epoch: epoch, learningRate: 1e-4,
          losses: epoch == 0
            ? []
            : [
              HeadLoss(
                head: .clustering,
                subHeads: [
                  LossValue(value: loss, withoutLambda: loss),
                  LossValue(value: loss / 2, withoutLambda: loss / 2),
                ])
            ],
          evaluation: HeadEvaluation(subHeads: [
            .init(
              accuracy: 0.5 + Double(epoch) / 20, assignmentAccuracy: 0.5,
              normalisedMutualInformation: 0.2, adjustedRandIndex: nil),
            .init(
              accuracy: 0.4, assignmentAccuracy: 0.4, normalisedMutualInformation: 0.1,
              adjustedRandIndex: nil),
          ]), pairs: 100, seconds: 2))
    }
    return table
  }

  @Test func showsSettingsCurvesAndSubHeads() throws {
    var recipe = try Recipe.find("mnist").setting(["subHeads=2", "epochs=4"])
    recipe.about.title = "<script> & \"quotes\""
    let page = try RunPage(
      recipe: recipe, metrics: metrics(epochs: 4), picture: [1, 2, 3]
    ).html()
    #expect(page.contains("&lt;script&gt; &amp; &quot;quotes&quot;") && !page.contains("<script"))
    #expect(
      page.contains("The lowest loss, -1.000, is that of epoch 4, with an accuracy of 70.0 %"))
    #expect(page.contains("Published: 99.2 %"))
    #expect(page.contains("<td>1 ★</td><td>-1.0000</td><td>70.00</td>"))
    #expect(page.components(separatedBy: "<svg").count == 3)
    #expect(page.contains("data:image/png;base64,AQID\""))
    #expect(page.contains("secondCropSizes: [16, 20, 24]"))
  }

  @Test func aRunWithoutLabelsHasNoAccuracies() throws {
    let recipe = try Recipe.find("mnist").setting(["subHeads=2"])
    var table = MetricsTable(subHeads: 2)
    table.add(TrainingRecord(epoch: 0, learningRate: 1e-4))
    let page = try RunPage(recipe: recipe, metrics: table).html()
    #expect(!page.contains("<svg") && !page.contains("<img") && page.contains("0 of 3200 epochs"))
  }

  @Test func curvesKeepToTheirFrameAndLeaveGaps() throws {
    let chart = LineChart(
      epochs: [0, 1, 2, 3], series: [.init(name: "a", values: [nil, 0.25, nil, 0.75])],
      format: .perCent)
    let html = try #require(chart.html)
    #expect(html.contains(">30.0 %<") || html.contains(">30 %<"))
    #expect(html.components(separatedBy: "<circle").count == 3)
    #expect(!html.contains("nan") && !html.contains("L"))
    #expect(
      LineChart(epochs: [0], series: [.init(name: "a", values: [nil])], format: .decimal).html
        == nil)
  }

  @Test func theLossOfTripletsIsExplained() throws {
    let recipe = try Recipe.find("mnist-triplets").setting(["subHeads=2"])
    let page = try RunPage(recipe: recipe, metrics: metrics(epochs: 2)).html()
    #expect(page.contains("transformed copy") && !page.contains("λ = 1"))
  }

  @Test(arguments: [
    ([-2.3e-6, -4e-8], ["-25e-7", "0"]), ([-9e-6, 0], ["-10e-6", "0"]),
    ([-2.302585, -2.302584], ["-2.3025850", "-2.3025840"]), ([0, 0], ["0", "2e-7"]),
    ([-0.25, 0.5], ["-0.4", "0", "0.6"]), ([-1e9, -1e9], ["-1000000000"]),
  ]) func labelsOfAnySizeHaveRoom(_ values: [Double], _ expected: [String]) throws {
    let chart = LineChart(
      epochs: [0, 1], series: [.init(name: "a", values: values)], format: .decimal)
    let html = try #require(chart.html)
    let pattern = /<text class="axis" x="([0-9.]+)" y="[0-9.]+" text-anchor="end">([^<]*)</
    let labels = html.matches(of: pattern).filter { $0.2 != "epoch" }
    #expect(labels.count >= 2 && labels.count <= 8)
    for label in labels {
      // Digits are no wider than 7 of the picture's units at the size that they have.
      let room = try #require(Double(label.1))
      #expect(room >= 7 * Double(label.2.count) && room < 360)
    }
    for text in expected { #expect(labels.contains { $0.2 == text }, "\(labels.map(\.2))") }
    #expect(!labels.contains { $0.2.hasPrefix("-0.0") && Double($0.2) == 0 })
  }

  @Test(arguments: [(10.0, 5, 2.0), (1, 4, 0.5), (0.003, 6, 0.0005), (3200, 10, 500)])
  func choosesRoundSteps(_ range: Double, _ count: Int, _ step: Double) {
    #expect(abs(LineChart.step(over: range, atMost: count) - step) < 1e-12)
  }
}
