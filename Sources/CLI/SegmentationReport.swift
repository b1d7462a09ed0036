import IIC
import Seg

/// What `iic segment` puts out at the end.
struct SegmentationReport: Encodable {
  struct Learning: Encodable {
    let steps: Int
    /// The last step's.
    let loss: Double?
    let seconds: Double
  }

  struct Model: Encodable {
    /// Where it was read or saved.
    var path: String?
    var digest = ""
    var learned: Learning?
    var bands: [String] = []
  }

  struct Class: Encodable {
    let value: Int
    let name: String
    let colour: String
    let pixels: Int
    /// Of the pixels with data, 0 to 1.
    let share: Double
    /// Of ground, where the raster's coordinate system tells; else left out.
    let hectares: Double?
  }

  struct LabelledRaster: Encodable {
    let input: String
    let labels: String
    let probabilities: String?
    let confidence: String?
    let vector: String?
    let quicklook: String?
    let width: Int
    let height: Int
    let nodataPixels: Int
    let classes: [Class]
    let seconds: Double

    init(
      input: String, outputs: SegmentationOutputs, width: Int, height: Int, counts: [Int],
      classes: [ModelClass], pixelArea: Double?, seconds: Double
    ) {
      self.input = input
      labels = outputs.labels
      probabilities = outputs.probabilities
      confidence = outputs.confidence
      vector = outputs.vector
      quicklook = outputs.quicklook
      self.width = width
      self.height = height
      nodataPixels = counts[0]
      let total = counts.dropFirst().reduce(0, +)
      self.classes = classes.enumerated().map { index, entry in
        Class(
          value: index + 1, name: entry.name, colour: entry.colour.hexadecimal,
          pixels: counts[index + 1],
          share: total > 0 ? Double(counts[index + 1]) / Double(total) : 0,
          hectares: pixelArea.map { Double(counts[index + 1]) * $0 / 10_000 })
      }
      self.seconds = seconds
    }
  }

  let program = ProgramVersion.program
  let version = ProgramVersion.current
  let seed: UInt64
  var model = Model()
  var rasters: [LabelledRaster] = []

  init(seed: UInt64) { self.seed = seed }

  mutating func describe(_ model: SegmentationModel, digest: String, savedAt path: String?) {
    self.model.digest = digest
    self.model.path = path ?? self.model.path
    self.model.bands = model.bands.map(\.name)
  }

  var text: String {
    var lines: [String] = []
    if let learned = model.learned {
      lines.append(
        "learned in \(learned.steps) steps, \(Numbers.duration(learned.seconds))"
          + (learned.loss.map { ", loss \(Numbers.decimal($0, places: 3))" } ?? "")
          + (model.path.map { "; the model is \($0)" } ?? ""))
    }
    for raster in rasters {
      lines.append(
        "\(raster.labels): \(raster.width) × \(raster.height) pixels labelled in "
          + Numbers.duration(raster.seconds)
          + (raster.nodataPixels > 0
            ? ", \(Numbers.grouped(raster.nodataPixels)) without data" : ""))
      let hasAreas = raster.classes.contains { $0.hectares != nil }
      var table = TextTable(
        [("  class", .right), ("name", .left), ("pixels", .right), ("share", .right)]
          + (hasAreas ? [("hectares", .right)] : []))
      for entry in raster.classes {
        table.add(
          [
            "\(entry.value)", entry.name, Numbers.grouped(entry.pixels),
            Numbers.perCent(entry.share),
          ] + (entry.hectares.map { [Numbers.decimal($0, places: $0 < 100 ? 2 : 0)] } ?? []))
      }
      lines.append(table.text)
      let further = [
        raster.probabilities, raster.confidence, raster.vector, raster.quicklook,
      ].compactMap(\.self)
      if !further.isEmpty { lines.append("  and \(further.joined(separator: ", "))") }
    }
    return lines.joined(separator: "\n")
  }
}
