import IIC
import Raster
import Seg

/// The files of one labelled raster while they come to be: its label map and, where wanted, its
/// probabilities, confidence and polygons.
struct LabelMapFiles: ~Copyable {
  private var labels: LabelMapWriter
  private var probabilities: RasterWriter?
  private var confidence: RasterWriter?
  private let vector: String?
  private let overwrite: Bool

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
    self.labels = labels
    self.probabilities = probabilities
    self.confidence = confidence
    vector = outputs.vector
    self.overwrite = overwrite
  }

  /// Whether each class's probability is wanted.
  var takesProbabilities: Bool { probabilities != nil }

  /// Writes a tile into each file.
  mutating func write(_ tile: RasterLabelling.LabelledTile) throws {
    try labels.write(tile.labels, in: tile.window)
    try probabilities?.write(tile.probabilities, in: tile.window)
    guard confidence != nil else { return }
    try confidence?.write(tile.confidence.map { 100 * $0 }, in: tile.window)
  }

  /// Throws where the format does not take the creation options, before long work.
  mutating func tryFormat() throws {
    try labels.tryFormat()
    try probabilities?.tryFormat()
    try confidence?.tryFormat()
  }

  /// Gives patches smaller than so many pixels to their largest neighbour.
  mutating func sieve(smallerThan pixels: Int) throws { try labels.sieve(smallerThan: pixels) }

  /// Makes the files appear once all of them are finished, the label map last; returns how many
  /// pixels each label has, from 0.
  ///
  /// - Parameter observe: Called with the part of the work that is done, 0 to 1.
  consuming func publish(observe: (Double) -> Void) throws -> [Int] {
    let count = 1 + [probabilities != nil, confidence != nil, vector != nil].count { $0 }
    var done = 0
    func part(_ share: Double) { observe((Double(done) + share) / Double(count)) }
    if probabilities != nil {
      try probabilities?.finish(observe: part)
      done += 1
    }
    if confidence != nil {
      try confidence?.finish(observe: part)
      done += 1
    }
    var polygons: LabelPolygons?
    if let vector {
      polygons = try labels.polygons(at: vector, overwrite: overwrite, observe: part)
      done += 1
    }
    try labels.finish(observe: part)
    if let polygons { try polygons.publish() }
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
