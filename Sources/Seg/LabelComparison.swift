public import IIC
internal import Raster

/// How often each label was given where each class is true, of two label maps of one grid.
///
/// Pixels without truth (nodata or 0) do not count. Pixels with truth and without a label are
/// counted apart: there was nothing to see there.
public struct LabelComparison: Sendable, Equatable {
  /// The values of the truth that occur, rising: the rows of ``confusion``.
  public let truthValues: [UInt8]
  /// The labels that occur where there is truth, rising: the columns of ``confusion``.
  public let labelValues: [UInt8]
  /// Pixels with both truth and label.
  public let confusion: ConfusionMatrix
  /// Pixels with truth and no label.
  public let unlabelledPixels: Int
  /// Whether both files name one coordinate reference system, as far as both name one.
  public let sharesCoordinateSystem: Bool

  /// Compares labels in memory; 0 is none. Traps unless there are as many labels as truths.
  ///
  /// - Throws: `SegError`, about `path`, where no pixel has both.
  public init(labels: [UInt8], truth: [UInt8], path: String) throws {
    var counts = ConfusionMatrix(classes: 256, predictions: 256)
    counts.add(truth: truth, prediction: labels, ignoredTruth: 0)
    try self.init(counts, path: path, sharesCoordinateSystem: true)
  }

  /// Compares two files of one grid, a window at a time.
  ///
  /// - Parameter observe: Called with how many windows are done and how many there are.
  /// - Throws: `RasterError` where one cannot be read; `SegError` where their grids differ, one has
  ///   several bands or values other than 0 to 255, or no pixel has both a label and truth.
  public init(
    labelsAt labelPath: String, truthAt truthPath: String,
    observe: (_ done: Int, _ count: Int) -> Void = { _, _ in }
  ) throws {
    let labels = try RasterFile.open(labelPath)
    let truth = try RasterFile.open(truthPath)
    try Self.checkOneGrid(labels.description, truth.description)
    let windows = labels.description.rowWindows
    var counts = ConfusionMatrix(classes: 256, predictions: 256)
    for (number, window) in windows.enumerated() {
      counts.add(
        truth: try Self.values(of: truth, in: window),
        prediction: try Self.values(of: labels, in: window), ignoredTruth: 0)
      observe(number + 1, windows.count)
    }
    try self.init(
      counts, path: labelPath,
      sharesCoordinateSystem: labels.description.sharesCoordinateSystem(with: truth.description))
  }

  /// Keeps the rows and columns that occur of a matrix over all values.
  private init(_ counts: ConfusionMatrix, path: String, sharesCoordinateSystem: Bool) throws {
    self.sharesCoordinateSystem = sharesCoordinateSystem
    unlabelledPixels = (1...255).reduce(0) { $0 + counts[truth: $1, prediction: 0] }
    let truths = counts.truthTotals
    let labelled = counts.predictionTotals
    let rows = (1...255).filter { truths[$0] > counts[truth: $0, prediction: 0] }
    let columns = (1...255).filter { labelled[$0] > 0 }
    guard !rows.isEmpty, !columns.isEmpty else {
      throw SegError(
        operation: "evaluate", path: path, reason: "has no labelled pixel where there is truth",
        remedy: "check that both cover one place, and that 0 means no data in both")
    }
    truthValues = rows.map(UInt8.init)
    labelValues = columns.map(UInt8.init)
    confusion = ConfusionMatrix(
      classes: rows.count, predictions: columns.count,
      counts: rows.flatMap { row in columns.map { counts[truth: row, prediction: $0] } })
  }

  private static func values(of file: RasterFile, in window: Window) throws -> [UInt8] {
    let patch = try file.read(window, bands: [1])
    return try patch.values.map { value in
      guard let label = UInt8(exactly: value) else {
        throw SegError(
          operation: "evaluate", path: file.description.path,
          reason: "has the value \(value), which is no label",
          remedy: "give a raster of whole numbers, 0 for no data and 1 to 255 for classes")
      }
      return label
    }
  }

  private static func checkOneGrid(_ labels: RasterDescription, _ truth: RasterDescription) throws {
    for description in [labels, truth] where description.dataBandIndices != [1] {
      throw SegError(
        operation: "evaluate", path: description.path,
        reason: "has \(description.bands.count) bands",
        remedy: "give a raster of one band that holds the number of each pixel's class")
    }
    func refuse(_ reason: String) -> SegError {
      SegError(
        operation: "evaluate", path: labels.path, reason: reason,
        remedy:
          "bring the truth to the labels' grid: rio warp \(truth.path) truth-on-grid.tif --like "
          + "\(labels.path) --resampling nearest")
    }
    guard labels.width == truth.width, labels.height == truth.height else {
      throw refuse(
        "is \(labels.width) × \(labels.height) pixels where \(truth.path) is \(truth.width) × "
          + "\(truth.height)")
    }
    guard let one = labels.geoTransform, let other = truth.geoTransform else { return }
    // A hundredth of a pixel is less than any resampling could tell.
    let tolerance = 0.01 * max(abs(one[1]) + abs(one[2]), abs(one[4]) + abs(one[5]))
    let size = Double(max(labels.width, labels.height))
    let scales = [1, size, size, 1, size, size]
    guard zip(zip(one, other), scales).allSatisfy({ abs($0.0 - $0.1) * $1 <= tolerance }) else {
      throw refuse("does not lie on the grid of \(truth.path)")
    }
  }
}
