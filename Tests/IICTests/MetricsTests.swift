import Foundation
import IIC
import TestSupport
import Testing

/// What scikit-learn and SciPy say of the same labels.
struct GoldenClustering: Decodable {
  struct Scores: Decodable {
    var truth, prediction: [UInt8]
    var classes, predictions: Int
    var accuracy: Double
    var intersectionOverUnion: [Double?]
    var normalisedMutualInformation, adjustedRandIndex: Double
    var matched, matchedManyToOne: Int

    var confusion: ConfusionMatrix {
      var confusion = ConfusionMatrix(classes: classes, predictions: predictions)
      confusion.add(truth: truth, prediction: prediction)
      return confusion
    }
  }

  struct Assignment: Decodable {
    var rows, columns: Int
    var costs: [Double]
    var least: Double
  }

  var scores: [Scores]
  var assignments: [Assignment]

  static func read() throws -> GoldenClustering {
    try JSONDecoder().decode(
      Self.self, from: Data(contentsOf: GoldenFile.folder.appending(component: "clustering.json")))
  }
}

@Suite struct MetricsTests {
  private func near(_ value: Double?, _ expected: Double?) -> Bool {
    guard let value, let expected else { return value == nil && expected == nil }
    return abs(value - expected) <= 1e-12
  }

  @Test func scoresAreThoseOfScikitLearn() throws {
    let golden = try GoldenClustering.read().scores
    #expect(golden.count == 10)
    for (number, scores) in golden.enumerated() {
      let confusion = scores.confusion
      #expect(near(confusion.accuracy, scores.accuracy), "case \(number)")
      for (value, expected) in zip(confusion.intersectionOverUnion, scores.intersectionOverUnion) {
        #expect(near(value, expected), "case \(number)")
      }
      #expect(
        near(confusion.normalisedMutualInformation, scores.normalisedMutualInformation),
        "case \(number): \(confusion.normalisedMutualInformation ?? -1)")
      #expect(near(confusion.adjustedRandIndex, scores.adjustedRandIndex), "case \(number)")
    }
  }

  @Test func scoresByHand() {
    // True 0: 3 right, 1 as 1. True 1: 2 right, 2 as 0. Class 2 nowhere.
    let confusion = ConfusionMatrix(
      classes: 3, predictions: 3, counts: [3, 1, 0, 2, 2, 0, 0, 0, 0])
    #expect(confusion.total == 8)
    #expect(confusion.truthTotals == [4, 4, 0])
    #expect(confusion.predictionTotals == [5, 3, 0])
    #expect(confusion.accuracy == 0.625)
    let unions: [Double?] = [3.0 / 6, 2.0 / 5, nil]
    #expect(confusion.intersectionOverUnion == unions)
    #expect(near(confusion.meanIntersectionOverUnion, 0.45))
    // Of 56 ordered pairs 10 are together in both, 14 only in truth, 16 only in prediction, 16 never.
    let randIndex = -128.0 / 1552.0
    #expect(near(confusion.adjustedRandIndex, randIndex))
  }

  @Test func nothingCountedHasNoScores() {
    let confusion = ConfusionMatrix(classes: 2, predictions: 2)
    #expect(confusion.accuracy == nil)
    #expect(confusion.meanIntersectionOverUnion == nil)
    #expect(confusion.normalisedMutualInformation == nil)
    #expect(confusion.adjustedRandIndex == nil)
  }

  @Test func independentLabelsShareNothing() {
    let confusion = ConfusionMatrix(classes: 2, predictions: 2, counts: [4, 4, 4, 4])
    #expect(near(confusion.normalisedMutualInformation, 0))
    #expect(confusion.adjustedRandIndex! < 0)
  }

  /// A raster's worth of pixels: the pairs of pixels no longer fit into 64 bits.
  @Test func largeCountsDoNotOverflow() {
    let confusion = ConfusionMatrix(
      classes: 2, predictions: 2, counts: [40_000_000_000, 0, 0, 60_000_000_000])
    #expect(confusion.accuracy == 1)
    #expect(confusion.adjustedRandIndex == 1)
    #expect(near(confusion.normalisedMutualInformation, 1))
  }

  @Test func ignoredLabelsAreLeftOut() {
    var confusion = ConfusionMatrix(classes: 2, predictions: 3)
    confusion.add(
      truth: [0, 255, 1, 0, 255], prediction: [2, 0, 9, 1, 9], ignoredTruth: 255,
      ignoredPrediction: 9)
    #expect(confusion.counts == [0, 1, 1, 0, 0, 0])
    var other = ConfusionMatrix(classes: 2, predictions: 3)
    other.add(truth: [1, 0], prediction: [0, 1])
    confusion.add(other)
    #expect(confusion.counts == [0, 2, 1, 1, 0, 0])
    #expect(confusion[truth: 0, prediction: 1] == 2)
  }

  @Test func relabellingGathersWhatStandsForNothing() {
    let confusion = ConfusionMatrix(
      classes: 2, predictions: 4, counts: [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(confusion.relabelled(by: [1, 0, 1, 0]).counts == [6, 4, 14, 12])
    let partial = confusion.relabelled(by: [1, nil, 0, nil])
    #expect(partial.predictions == 3)
    #expect(partial.counts == [3, 1, 6, 7, 5, 14])
    let accuracy = 8.0 / 36
    #expect(partial.accuracy == accuracy)
    // Predicted as nothing: in no class's union but the true one's.
    let unions: [Double?] = [3.0 / 17, 5.0 / 27]
    #expect(partial.intersectionOverUnion == unions)
  }
}
