import IIC
import Raster
import Seg

/// The files of one labelled raster while they come to be: its label map and, where wanted, its
/// probabilities and confidence.
struct LabelMapFiles: ~Copyable {
  private var labels: LabelMapWriter
  private var probabilities: RasterWriter?
  private var confidence: RasterWriter?
  private let classCount: Int

  init(
    _ outputs: SegmentationOutputs, grid: RasterGrid, classes: [ModelClass], format: RasterFormat,
    creationOptions: [String: String], metadata: [String: String], overwrite: Bool,
    threads: Int
  ) throws {
    let labels = try LabelMapWriter(
      path: outputs.labels, overwrite: overwrite, grid: grid,
      classes: classes.map { LabelMapClass(name: $0.name, colour: RGBColour($0.colour)) },
      format: format, creationOptions: creationOptions, metadata: metadata, threads: threads)
    let probabilities = try outputs.probabilities.map { path in
      try RasterWriter.probabilities(
        path: path, overwrite: overwrite, grid: grid, classNames: classes.map(\.name),
        format: format, creationOptions: creationOptions, metadata: metadata,
        threads: threads)
    }
    let confidence = try outputs.confidence.map { path in
      try RasterWriter.confidence(
        path: path, overwrite: overwrite, grid: grid, format: format,
        creationOptions: creationOptions, metadata: metadata,
        threads: threads)
    }
    classCount = classes.count
    self.labels = labels
    self.probabilities = probabilities
    self.confidence = confidence
  }

  /// Whether any of the files is made of more than the labels.
  var takesProbabilities: Bool { probabilities != nil || confidence != nil }

  /// Writes a tile into each file.
  mutating func write(_ tile: RasterLabelling.LabelledTile) throws {
    try labels.write(tile.labels, in: tile.window)
    try probabilities?.write(tile.probabilities, in: tile.window)
    guard confidence != nil else { return }
    let classes = classCount
    let perCent = tile.labels.enumerated().map { pixel, label in
      label == 0 ? Float.nan : 100 * tile.probabilities[pixel * classes + Int(label) - 1]
    }
    try confidence?.write(perCent, in: tile.window)
  }

  /// Gives patches smaller than so many pixels to their largest neighbour.
  mutating func sieve(smallerThan pixels: Int) throws { try labels.sieve(smallerThan: pixels) }

  /// Makes the files appear, the label map last; returns how many pixels each label has, from 0.
  consuming func publish() throws -> [Int] {
    if let probabilities { try probabilities.publish() }
    if let confidence { try confidence.publish() }
    return try labels.publish()
  }
}

extension RGBColour {
  /// The same colour, as a model names it.
  init(_ colour: ModelClass.Colour) {
    self.init(red: colour.red, green: colour.green, blue: colour.blue)
  }
}
