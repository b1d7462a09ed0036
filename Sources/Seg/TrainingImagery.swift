internal import IIC
internal import Raster
internal import Tensor

/// Imagery held in memory to draw training patches from: whole rasters where they are small, a
/// random selection of large windows where they are not.
struct TrainingImagery: Sendable {
  /// A window's pixels.
  struct Block: Sendable {
    let width: Int
    let height: Int
    /// [height, width, bands], as read or scaled.
    var values: [Float]
    /// [height, width].
    let valid: [Bool]
    let validCount: Int
  }

  let bandCount: Int
  private let paths: [String]
  /// What each band is called in the first input.
  let bandNames: [String]
  /// What each band shows in the first input.
  let interpretations: [ColourInterpretation]
  private(set) var blocks: [Block]

  /// Below this nothing can be learned.
  private static let fewestPixels = 256
  /// Side of the windows that large rasters are read in, and how many values one may hold.
  private static let windowSide = 1024
  private static let windowValues = 1 << 27

  /// Reads the inputs, all with as many bands, up to about `budget` values in all.
  ///
  /// Where they hold more, windows of 1024 × 1024 pixels, or smaller ones of very many bands, are
  /// drawn at random without repetition.
  ///
  /// - Parameter observe: Called with the part that has been read, 0 to 1.
  init(
    _ inputs: [RasterInput], budget: Int = 64 << 20, using generator: inout SeededGenerator,
    observe: (_ part: Double) -> Void = { _ in }
  ) throws {
    var windows: [(input: Int, window: Window)] = []
    var files: [(file: RasterFile, mask: RasterFile?, bands: [Int])] = []
    for (number, input) in inputs.enumerated() {
      let file = try RasterFile.open(input.path)
      let bands = try input.resolvedBands(of: file.description)
      if let first = files.first, first.bands.count != bands.count {
        throw SegError(
          operation: "learn from", path: input.path,
          reason: "has \(bands.count) bands to use where \(inputs[0].path) has "
            + "\(first.bands.count)",
          remedy: "choose as many bands of each with --bands, or learn from them one by one")
      }
      files.append((file, try input.openMask(of: file.description), bands))
      let whole = try input.resolvedWindow(of: file.description)
      let side = min(
        Self.windowSide, Int((Double(Self.windowValues) / Double(bands.count)).squareRoot()))
      for row in stride(from: 0, to: whole.height, by: side) {
        for column in stride(from: 0, to: whole.width, by: side) {
          windows.append(
            (
              number,
              Window(
                column: whole.column + column, row: whole.row + row,
                width: min(side, whole.width - column), height: min(side, whole.height - row))
            ))
        }
      }
    }
    let (first, _, chosen) = files[0]
    bandCount = chosen.count
    paths = inputs.map(\.path)
    bandNames = chosen.map { first.description.bands[$0 - 1].name }
    interpretations = chosen.map { first.description.bands[$0 - 1].colourInterpretation }
    let total = windows.reduce(0) { $0 + $1.window.width * $1.window.height } * bandCount
    if total > budget {
      windows.shuffle(using: &generator)
    }
    blocks = []
    var held = 0
    for (number, (input, window)) in windows.enumerated() where held < budget {
      // Reading ends with the last window or the budget, whichever comes first.
      observe(max(Double(number) / Double(windows.count), Double(held) / Double(budget)))
      var patch = try files[input].file.read(
        window, bands: files[input].bands, nodata: inputs[input].nodata)
      if let mask = files[input].mask { patch = patch.keeping(try mask.flags(of: window)) }
      let validCount = patch.valid.count { $0 }
      guard validCount > 0 else { continue }
      held += patch.values.count
      blocks.append(
        Block(
          width: window.width, height: window.height, values: patch.values, valid: patch.valid,
          validCount: validCount))
    }
    guard !blocks.isEmpty else { throw noData }
  }

  /// Throws where there are too few pixels to learn anything from.
  func checkSize() throws {
    guard blocks.reduce(0, { $0 + $1.validCount }) < Self.fewestPixels else { return }
    throw SegError(
      operation: "learn from", path: paths.joined(separator: ", "),
      reason: "has fewer than \(Self.fewestPixels) pixels with data",
      remedy: "give a larger raster, or label it with a model learned elsewhere (--model)")
  }

  /// The error of imagery that nothing can be learned from.
  var noData: SegError {
    SegError(
      operation: "learn from", path: paths.joined(separator: ", "),
      reason: "has no pixel with data", remedy: "check its nodata value, or give --nodata VALUE")
  }

  /// The error of imagery whose pixels with data do not lie together.
  var noCells: SegError {
    SegError(
      operation: "learn from", path: paths.joined(separator: ", "),
      reason: "has too few places where 2 × 2 neighbouring pixels all hold data",
      remedy: "give a raster with fewer gaps, or fill them: gdal_fillnodata.py in.tif out.tif")
  }

  /// Scales the pixels of one block.
  mutating func apply(_ stretch: BandStretch, toBlock number: Int) {
    stretch.apply(to: &blocks[number].values, valid: blocks[number].valid)
  }
}
