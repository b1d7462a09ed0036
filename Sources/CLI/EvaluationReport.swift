import Raster
import Seg

/// What `iic evaluate` puts out.
struct EvaluationReport: Encodable {
  struct TruthClass: Encodable {
    let value: Int
    let name: String
    let pixels: Int
    let intersectionOverUnion: Double
    /// The labels that stand for the class.
    let labels: [Int]
  }

  struct Label: Encodable {
    let value: Int
    let name: String
    let pixels: Int
    /// The class it stands for, where it stands for one.
    let truth: Int?
  }

  let labelsPath: String
  let truthPath: String
  let matching: String
  let pixels: Int
  let unlabelledPixels: Int
  let accuracy: Double
  let meanIntersectionOverUnion: Double
  let normalisedMutualInformation: Double
  let adjustedRandIndex: Double
  let classes: [TruthClass]
  let labels: [Label]
  /// A row a class, a column a label.
  let confusion: [[Int]]

  init(
    _ comparison: LabelComparison, matchedBy rule: LabelScores.Rule, labelsAt labelsPath: String,
    truthAt truthPath: String
  ) throws {
    let scores = LabelScores(comparison, matchedBy: rule)
    let counts = comparison.confusion
    let labelNames = try Self.names(in: labelsPath)
    let truthNames = try Self.names(in: truthPath)
    self.labelsPath = labelsPath
    self.truthPath = truthPath
    matching = rule.rawValue
    pixels = counts.total
    unlabelledPixels = comparison.unlabelledPixels
    accuracy = scores.accuracy
    meanIntersectionOverUnion = scores.meanIntersectionOverUnion
    normalisedMutualInformation = scores.normalisedMutualInformation
    adjustedRandIndex = scores.adjustedRandIndex
    classes = comparison.truthValues.enumerated().map { row, value in
      TruthClass(
        value: Int(value), name: truthNames(value), pixels: counts.truthTotals[row],
        intersectionOverUnion: scores.intersectionOverUnion[row],
        labels: comparison.labelValues.indices.filter { scores.matching[$0] == row }
          .map { Int(comparison.labelValues[$0]) })
    }
    labels = comparison.labelValues.enumerated().map { column, value in
      Label(
        value: Int(value), name: labelNames(value), pixels: counts.predictionTotals[column],
        truth: scores.matching[column].map { Int(comparison.truthValues[$0]) })
    }
    confusion = comparison.truthValues.indices.map { row in
      comparison.labelValues.indices.map { counts[truth: row, prediction: $0] }
    }
  }

  var text: String {
    var scores = TextTable([
      ("truth", .right), ("name", .left), ("pixels", .right), ("IoU", .right), ("labels", .left),
    ])
    for entry in classes {
      scores.add([
        "\(entry.value)", entry.name, Numbers.grouped(entry.pixels),
        Numbers.score(entry.intersectionOverUnion),
        entry.labels.isEmpty ? "–" : entry.labels.map(String.init).joined(separator: ", "),
      ])
    }
    var table = TextTable([("", .right)] + labels.map { ("\($0.value)", .right) })
    for (entry, row) in zip(classes, confusion) {
      table.add(["\(entry.value)"] + row.map(Numbers.grouped))
    }
    return """
      \(labelsPath) against \(truthPath): \(Numbers.grouped(pixels)) pixels, \(matching) matching
      accuracy \(Numbers.score(accuracy))  mean IoU \(Numbers.score(meanIntersectionOverUnion))  \
      NMI \(Numbers.score(normalisedMutualInformation))  ARI \(Numbers.score(adjustedRandIndex))

      \(scores.text)

      Confusion: a row a class of the truth, a column a label.
      \(table.text)
      """
  }

  /// The names that a label map gives its values.
  private static func names(in path: String) throws -> (UInt8) -> String {
    let names = try RasterFile.open(path).description.bands[0].categoryNames
    return { value in names.indices.contains(Int(value)) ? names[Int(value)] : "" }
  }
}
