internal import IIC
public import Raster
internal import Tensor

/// Labels a whole raster, tile by tile, each worker on a tile of its own: reading, network,
/// refinement and writing of different tiles overlap, and memory is bound by the tile.
///
/// A pixel's class depends neither on where tiles fall nor on the part of the raster that is
/// labelled: every tile sees beyond its border all that decides its pixels, outside the part too,
/// and the raster's own edge is reflected.
public struct RasterLabelling: Sendable {
  /// How class probabilities are refined before the best class is taken.
  public enum Refinement: String, Sendable, CaseIterable {
    /// The guided filter with the scaled bands as guide.
    case guided
    /// Not at all.
    case none
  }

  /// The labels of one tile's pixels, and what decided them.
  public struct LabelledTile: Sendable {
    /// The pixels decided, counted from the corner of the input's window.
    public let window: Window
    /// [height, width]: 1 … classes, 0 where there is no data.
    public let labels: [UInt8]
    /// [height, width]: the probability of the labelled class, not a number where there is no data.
    public let confidence: [Float]
    /// [height, width, classes], not a number where there is no data; empty unless asked for.
    public let probabilities: [Float]
  }

  private let model: SegmentationModel
  private let tileSide: Int
  private let networkHalo: Int
  private let refinement: GuidedRefinement?

  /// Labels with a model.
  ///
  /// - Parameters:
  ///   - tileSide: Side of the square of pixels that a tile decides.
  ///   - overlap: Pixels a tile sees beyond its border; nil for as many as decide them. Fewer than
  ///     those are raised to them.
  ///   - refinement: How probabilities are refined.
  public init(
    _ model: SegmentationModel, tileSide: Int = 512, overlap: Int? = nil,
    refinement: Refinement = .guided
  ) {
    self.model = model
    self.tileSide = tileSide
    self.refinement = refinement == .guided ? GuidedRefinement() : nil
    let beyondRefinement = (overlap ?? 0) - (self.refinement?.halo ?? 0)
    networkHalo = max(
      TrunkGeometry.halo(sobel: model.file.configuration.sobel), beyondRefinement)
  }

  /// Labels a raster and hands out its tiles in order, row by row.
  ///
  /// - Parameters:
  ///   - threads: How many tiles are worked on at once. The labels do not depend on it.
  ///   - withProbabilities: Whether tiles bring each class's probabilities, too.
  ///   - receive: Called on the calling thread with each tile, how many are done and how many
  ///     there are; what it throws ends the labelling.
  /// - Throws: `SegError` or `RasterError` where the input cannot be read or does not fit the model,
  ///   `IICError` where the network comes to numbers that are not finite.
  public func label(
    _ input: RasterInput, threads: Int, withProbabilities: Bool = false,
    receive: (_ tile: LabelledTile, _ done: Int, _ count: Int) throws -> Void
  ) throws {
    let raster = try ScaledRaster(input, scaling: model.bands)
    let whole = raster.file.description
    let plan = TilePlan(
      width: whole.width, height: whole.height,
      part: PixelRectangle(raster.window), tileSide: tileSide, networkHalo: networkHalo,
      refinementHalo: refinement?.halo ?? 0)
    let pipeline = OrderedPipeline(count: plan.count, ahead: threads + 1, threads: threads) {
      let raster = try ScaledRaster(input, scaling: model.bands)
      let workers = Workers(threads: 1, reusableBytes: 256 << 20)
      return { number in
        try labelled(
          plan[number], of: raster, withProbabilities: withProbabilities, on: workers)
      }
    }
    var done = 0
    while let tile = try pipeline.next() {
      done += 1
      try receive(tile, done, plan.count)
    }
  }

  private func labelled(
    _ tile: TilePlan.Tile, of raster: ScaledRaster, withProbabilities: Bool, on workers: Workers
  ) throws -> LabelledTile {
    let (image, valid) = try raster.input(of: tile, on: workers)
    let output = tile.output
    let window = output.counted(from: PixelRectangle(raster.window)).window
    let flags = ValidPixels(valid, of: tile.input)
    var decided = flags.values(in: output)
    // What lies outside the mask is seen all the same: it decides pixels inside.
    if let inside = try raster.isInside(tile) {
      for pixel in decided.indices where !inside[pixel] { decided[pixel] = false }
    }
    let classes = model.classes.count
    guard decided.contains(true) else {
      let count = withProbabilities ? decided.count * classes : 0
      return LabelledTile(
        window: window, labels: [UInt8](repeating: 0, count: decided.count),
        confidence: [Float](repeating: .nan, count: decided.count),
        probabilities: [Float](repeating: .nan, count: count))
    }

    let cells = try model.cellProbabilities(image, on: workers).checkedFinite()
    let seen = tile.refinement.counted(from: tile.input)
    var probabilities = CellInterpolation.pixels(
      fromCells: cells.reshaped(to: Array(cells.shape.dropFirst())), rectangle: seen, on: workers)
    if let refinement {
      let guide = image.cropped(rows: seen.rows, columns: seen.columns, on: workers)
      let place = output.counted(from: tile.refinement)
      probabilities = refinement.refined(
        probabilities, guide: guide.reshaped(to: Array(guide.shape.dropFirst())),
        valid: flags.values(in: tile.refinement), rows: place.rows, columns: place.columns,
        on: workers)
    }
    return Self.decide(probabilities, valid: decided, window, withProbabilities: withProbabilities)
  }

  /// The best class of each pixel with data; the first of equals.
  private static func decide(
    _ probabilities: Tensor, valid: [Bool], _ window: Window, withProbabilities: Bool
  ) -> LabelledTile {
    let classes = probabilities.shape[2]
    var labels = [UInt8](repeating: 0, count: valid.count)
    var confidence = [Float](repeating: .nan, count: valid.count)
    probabilities.withSpan { values in
      for pixel in valid.indices where valid[pixel] {
        let first = pixel * classes
        var best = 0
        var highest = values[first]
        for index in 1..<classes where values[first + index] > highest {
          best = index
          highest = values[first + index]
        }
        labels[pixel] = UInt8(best + 1)
        confidence[pixel] = highest
      }
    }
    var handedOut: [Float] = []
    if withProbabilities {
      handedOut = probabilities.values
      for pixel in valid.indices where !valid[pixel] {
        for index in pixel * classes..<(pixel + 1) * classes { handedOut[index] = .nan }
      }
    }
    return LabelledTile(
      window: window, labels: labels, confidence: confidence, probabilities: handedOut)
  }
}

/// Which pixels of a rectangle have data.
private struct ValidPixels {
  private let flags: [Bool]
  private let rectangle: PixelRectangle

  init(_ flags: [Bool], of rectangle: PixelRectangle) {
    self.flags = flags
    self.rectangle = rectangle
  }

  /// Those of a part of the rectangle, [height, width].
  func values(in part: PixelRectangle) -> [Bool] {
    let place = part.counted(from: rectangle)
    var values: [Bool] = []
    values.reserveCapacity(place.width * place.height)
    for row in place.rows {
      let first = row * rectangle.width + place.column
      values.append(contentsOf: flags[first..<first + place.width])
    }
    return values
  }
}
