internal import IIC
public import Raster
internal import Tensor

/// Labels a whole raster, tile by tile, each worker on a tile of its own: reading, network,
/// refinement and writing of different tiles overlap, and memory is bound by the tile.
///
/// A pixel's class does not depend on where tiles fall: every tile sees beyond its border all that
/// decides its pixels, and the raster's own edge is reflected.
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
    /// [height, width, classes]; not a number where there is no data.
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
    // Sobel's kernels see one pixel more; tiles start at even ones.
    let sobelHalo = model.file.configuration.sobel ? 2 : 0
    networkHalo = max(TilePlan.segmentationNet10aHalo + sobelHalo, beyondRefinement)
  }

  /// Labels a raster and hands out its tiles in order, row by row.
  ///
  /// - Parameters:
  ///   - threads: How many tiles are worked on at once. The labels do not depend on it.
  ///   - receive: Called on the calling thread with each tile, how many are done and how many
  ///     there are; what it throws ends the labelling.
  /// - Throws: `SegError` or `RasterError` where the input cannot be read or does not fit the model.
  public func label(
    _ input: RasterInput, threads: Int,
    receive: (_ tile: LabelledTile, _ done: Int, _ count: Int) throws -> Void
  ) throws {
    let window = try ScaledRaster(input, scaling: model.bands).window
    let plan = TilePlan(
      width: window.width, height: window.height, tileSide: tileSide, networkHalo: networkHalo,
      refinementHalo: refinement?.halo ?? 0)
    let pipeline = OrderedPipeline(count: plan.count, ahead: threads + 1, threads: threads) {
      let raster = try ScaledRaster(input, scaling: model.bands)
      let workers = Workers(threads: 1, reusableBytes: 256 << 20)
      return { number in try labelled(plan[number], of: raster, on: workers) }
    }
    var done = 0
    while let tile = try pipeline.next() {
      done += 1
      try receive(tile, done, plan.count)
    }
  }

  private func labelled(
    _ tile: TilePlan.Tile, of raster: ScaledRaster, on workers: Workers
  ) throws -> LabelledTile {
    let (values, valid) = try raster.input(of: tile)
    let (input, output) = (tile.input, tile.output)
    let classes = model.classes.count
    let window = Window(
      column: output.column, row: output.row, width: output.width, height: output.height)
    func placed(_ rectangle: PixelRectangle) -> PixelRectangle {
      var rectangle = rectangle
      rectangle.column -= input.column
      rectangle.row -= input.row
      return rectangle
    }
    let decided = placed(output)
    let hasData = decided.rows.contains { row in
      decided.columns.contains { valid[row * input.width + $0] }
    }
    guard hasData else {
      let pixels = output.width * output.height
      return LabelledTile(
        window: window, labels: [UInt8](repeating: 0, count: pixels),
        probabilities: [Float](repeating: .nan, count: pixels * classes))
    }

    let image = Tensor(
      shape: [1, input.height, input.width, model.bands.count], values: values)
    let cells = model.cellProbabilities(image, on: workers)
    let seen = placed(tile.refinement)
    let coarse = cells.withSpan {
      CellInterpolation.pixels(
        fromCells: $0, height: cells.shape[1], width: cells.shape[2], classes: classes,
        rectangle: seen)
    }
    var probabilities = Tensor(shape: [seen.height, seen.width, classes], values: coarse)
    let rows = output.row - tile.refinement.row..<output.row - tile.refinement.row + output.height
    let columns =
      output.column - tile.refinement.column..<output.column - tile.refinement.column
      + output.width
    if let refinement {
      let guide = image.cropped(rows: seen.rows, columns: seen.columns, on: workers)
      let seenValid = seen.rows.flatMap { row in
        valid[row * input.width + seen.column..<row * input.width + seen.column + seen.width]
      }
      probabilities = refinement.refined(
        probabilities, guide: guide.reshaped(to: Array(guide.shape.dropFirst())),
        valid: Array(seenValid), rows: rows, columns: columns)
    }
    let decidedValid = decided.rows.flatMap { row in
      valid[
        row * input.width + decided.column..<row * input.width + decided.column + decided.width]
    }
    return Self.decide(probabilities.values, valid: Array(decidedValid), classes: classes, window)
  }

  /// The best class of each pixel with data; the first of equals.
  private static func decide(
    _ probabilities: [Float], valid: [Bool], classes: Int, _ window: Window
  ) -> LabelledTile {
    var labels = [UInt8](repeating: 0, count: valid.count)
    var probabilities = probabilities
    for pixel in valid.indices {
      let first = pixel * classes
      guard valid[pixel] else {
        for index in first..<first + classes { probabilities[index] = .nan }
        continue
      }
      var best = first
      for index in first..<first + classes where probabilities[index] > probabilities[best] {
        best = index
      }
      labels[pixel] = UInt8(best - first + 1)
    }
    return LabelledTile(window: window, labels: labels, probabilities: probabilities)
  }
}
