import Raster
import Seg
import Tensor

/// A model that has hardly learned, of a small scene, made once for all tests.
struct LearnedModel: Sendable {
  let model: SegmentationModel
  /// What was observed of each step.
  let progress: [SelfTraining.Progress]

  static let shared = Result { try LearnedModel(seed: 7) }
  /// What it learned from.
  static let scene = SmallScene(width: 256, height: 256)

  static func settings(seed: UInt64) -> SelfTraining.Settings {
    var settings = SelfTraining.Settings()
    settings.classes = 3
    settings.steps = 6
    settings.patchSide = 64
    settings.pairsPerStep = 2
    settings.seed = seed
    return settings
  }

  init(seed: UInt64, threads: Int = 2) throws {
    let fixture = try RasterFixture()
    let path = try Self.scene.write(to: fixture, "scene.tif")
    try self.init([RasterInput(path: path)], Self.settings(seed: seed), threads: threads)
  }

  init(_ inputs: [RasterInput], _ settings: SelfTraining.Settings, threads: Int = 2) throws {
    var progress: [SelfTraining.Progress] = []
    model = try SelfTraining(settings).learn(from: inputs, on: Workers(threads: threads)) {
      progress.append($0)
    }
    self.progress = progress
  }
}

/// The labels of a raster put together from its tiles.
struct LabelledRaster: Equatable {
  let width: Int
  let height: Int
  let classes: Int
  /// [height, width].
  private(set) var labels: [UInt8]
  /// [height, width, classes].
  private(set) var probabilities: [Float]
  /// The tiles in the order they came.
  private(set) var windows: [Window] = []

  /// Labels a raster of which `width` × `height` pixels are used.
  init(
    _ input: RasterInput, width: Int, height: Int, model: SegmentationModel, tileSide: Int = 512,
    overlap: Int? = nil, refinement: RasterLabelling.Refinement = .guided, threads: Int = 2
  ) throws {
    self.width = width
    self.height = height
    let classes = model.classes.count
    self.classes = classes
    // Neither a label nor a probability, so that a pixel never handed out shows.
    var labels = [UInt8](repeating: 254, count: width * height)
    var probabilities = [Float](repeating: -1, count: labels.count * classes)
    var windows: [Window] = []
    let labelling = RasterLabelling(
      model, tileSide: tileSide, overlap: overlap, refinement: refinement)
    try labelling.label(input, threads: threads, withProbabilities: true) { tile, _, _ in
      windows.append(tile.window)
      for row in 0..<tile.window.height {
        let source = row * tile.window.width
        let target = (tile.window.row + row) * width + tile.window.column
        labels.replaceSubrange(
          target..<target + tile.window.width,
          with: tile.labels[source..<source + tile.window.width])
        probabilities.replaceSubrange(
          target * classes..<(target + tile.window.width) * classes,
          with: tile.probabilities[source * classes..<(source + tile.window.width) * classes])
      }
    }
    self.labels = labels
    self.probabilities = probabilities
    self.windows = windows
  }

  /// The share of pixels whose labels agree, of those for which `counts`.
  func agreement(
    with other: LabelledRaster, where counts: (_ column: Int, _ row: Int) -> Bool = { _, _ in true }
  ) -> Double {
    let pixels = labels.indices.filter { counts($0 % width, $0 / width) }
    return Double(pixels.count { labels[$0] == other.labels[$0] }) / Double(pixels.count)
  }
}
