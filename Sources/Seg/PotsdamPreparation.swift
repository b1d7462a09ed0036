internal import Foundation
internal import Raster
internal import Tensor

/// Cuts the tiles of the Potsdam benchmark into the blocks that the published experiments learn
/// from: each tile whole is halved (means of four pixels; labels the upper left of four), then cut
/// into blocks of 200 × 200 pixels; blocks are named by a random permutation, and a tenth of all
/// are drawn from those with labels to score by.
///
/// The folder holds `imgs/N.tif`, `gt/N.tif` (values 1 to 6 in the order of
/// ``Potsdam/classNames``), the three lists, `blocks.csv` (where each block comes from) and
/// `dataset.json`. Every block keeps its place on the ground.
public struct PotsdamPreparation: Sendable {
  /// What came of it.
  public struct Summary: Sendable, Equatable, Encodable {
    /// How many tiles were cut.
    public let tiles: Int
    /// How many of them have labels.
    public let labelledTiles: Int
    /// The bands of the blocks.
    public let bands: [String]
    /// Blocks in the three lists, in the order of ``Potsdam/lists``.
    public let blocks: [Int]
    /// Label pixels of a colour near one of the table, taken for it.
    public let offTablePixels: Int
    /// All label pixels.
    public let labelPixels: Int
  }

  /// The folder of the image tiles.
  public var images: String
  /// The folder of the label tiles.
  public var labels: String
  /// Seed of the names and of the drawing.
  public var seed: UInt64 = 0
  /// The largest share of a label's pixels, 0 to 1, whose colour may be off the table.
  public var largestOffTableShare = 0.001

  /// A preparation of two folders.
  public init(images: String, labels: String) {
    self.images = images
    self.labels = labels
  }

  /// A row of blocks of one tile.
  private struct Strip: Sendable {
    let tile: Int
    var colours = LabelColours.Count()
  }

  /// Cuts the tiles into a folder at `path`, which appears whole or not at all.
  ///
  /// - Parameter observe: called with how many blocks are written and how many there are.
  /// - Throws: ``SegError`` naming and counting the files that do not fit: wrong sizes, labels
  ///   without image, colours off the table; `RasterError` where a file cannot be read or written.
  public func write(
    to path: String, overwrite: Bool, threads: Int,
    observe: (_ done: Int, _ count: Int) -> Void = { _, _ in }
  ) throws -> Summary {
    let folder = try OutputFolder(path, overwrite: overwrite, marker: Potsdam.marker)
    // Now, with what it replaced too: threads that have ended may hold it a moment longer, and the
    // program may end first.
    defer { folder.discard() }
    let summary = try fill(folder, threads: threads, observe: observe)
    try folder.publish()
    return summary
  }

  private func fill(
    _ folder: OutputFolder, threads: Int, observe: (_ done: Int, _ count: Int) -> Void
  ) throws -> Summary {
    let tiles = try PotsdamTiles(images: images, labels: labels)
    let lists = try BlockLists(of: tiles, seed: seed, path: labels)
    try folder.makeFolder("imgs")
    try folder.makeFolder("gt")
    let colours = try cut(tiles, names: lists.names, to: folder, threads: threads, observe: observe)
    try check(colours, of: tiles)
    let summary = Summary(
      tiles: tiles.tiles.count, labelledTiles: tiles.tiles.count { $0.label != nil },
      bands: tiles.bandNames, blocks: lists.members.map(\.count),
      offTablePixels: colours.reduce(0) { $0 + $1.offTable },
      labelPixels: colours.reduce(0) { $0 + $1.pixels })
    try lists.write(to: folder)
    try folder.write(try provenance(summary), to: Potsdam.marker)
    return summary
  }

  /// Cuts all tiles, and counts the colours of each one's label.
  private func cut(
    _ tiles: PotsdamTiles, names: [Int], to folder: OutputFolder, threads: Int,
    observe: (_ done: Int, _ count: Int) -> Void
  ) throws -> [LabelColours.Count] {
    let count = tiles.tiles.count * tiles.blocksPerTile
    let strips = OrderedPipeline(
      count: tiles.tiles.count * tiles.blockRows, ahead: threads + 1, threads: threads
    ) {
      var cutter = StripCutter(tiles, names: names, folder: folder)
      return { number in
        Strip(
          tile: number / tiles.blockRows,
          colours: try cutter.cut(
            tile: number / tiles.blockRows, blockRow: number % tiles.blockRows))
      }
    }
    var colours = [LabelColours.Count](repeating: .init(), count: tiles.tiles.count)
    var done = 0
    while let strip = try strips.next() {
      colours[strip.tile] += strip.colours
      done += tiles.blockColumns
      observe(done, count)
    }
    return colours
  }

  private func check(_ colours: [LabelColours.Count], of tiles: PotsdamTiles) throws {
    var problems: [(String, String)] = []
    for (tile, count) in zip(tiles.tiles, colours) {
      guard let label = tile.label else { continue }
      if let colour = count.firstUnknown {
        problems.append(
          (
            label,
            "\(count.unknown) pixels of a colour that stands for no class, such as "
              + "\(colour.red),\(colour.green),\(colour.blue)"
          ))
      } else if Double(count.offTable) > largestOffTableShare * Double(count.pixels) {
        problems.append(
          (label, "\(count.offTable) of \(count.pixels) pixels have colours off the table"))
      }
    }
    guard problems.isEmpty else {
      throw SegError.listing(
        problems, operation: "prepare", path: labels, what: "label",
        remedy: "get them again, and not the set without boundaries; colours changed by "
          + "compression can be let pass with --off-table")
    }
  }

  /// How the folder was made, as JSON.
  private func provenance(_ summary: Summary) throws -> String {
    struct Provenance: Encodable {
      let dataset = "potsdam"
      let format = 1
      let seed: UInt64
      let made: Summary
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(
      decoding: try encoder.encode(Provenance(seed: seed, made: summary)), as: UTF8.self) + "\n"
  }
}

/// Cuts rows of blocks out of tiles; one worker's own.
private struct StripCutter {
  private let tiles: PotsdamTiles
  private let names: [Int]
  private let folder: OutputFolder
  private let colours = LabelColours(Potsdam.colours)
  private var open: (tile: Int, image: RasterFile, label: RasterFile?)?

  init(_ tiles: PotsdamTiles, names: [Int], folder: OutputFolder) {
    self.tiles = tiles
    self.names = names
    self.folder = folder
  }

  mutating func cut(tile number: Int, blockRow: Int) throws -> LabelColours.Count {
    let tile = tiles.tiles[number]
    if open?.tile != number {
      open = (
        number, try RasterFile.open(tile.image), try tile.label.map { try RasterFile.open($0) }
      )
    }
    guard let (_, imageFile, labelFile) = open else { preconditionFailure("no tile is open") }
    let window = Window(
      column: 0, row: blockRow * Potsdam.tileBlockSide, width: tiles.width,
      height: Potsdam.tileBlockSide)
    let image = try imageFile.readBytes(window, bands: Array(1...tiles.bandNames.count)).halved()
    var count = LabelColours.Count()
    let labels = try labelFile.map { file -> ByteImage in
      let classes = colours.classes(
        of: try file.readBytes(window, bands: [1, 2, 3]), counting: &count)
      return Self.everySecond(classes, width: window.width, height: window.height)
    }
    let side = Potsdam.blockSide
    for column in 0..<tiles.blockColumns {
      let index = number * tiles.blocksPerTile + blockRow * tiles.blockColumns + column
      let grid = Self.grid(
        of: imageFile.description, column: column * Potsdam.tileBlockSide, row: window.row)
      let name = names[index]
      try image.block(column: column * side, row: 0, width: side, height: side).writeGeoTIFF(
        to: folder.file("imgs/\(name).tif"), grid: grid, bandNames: tiles.bandNames)
      if let labels {
        try labels.block(column: column * side, row: 0, width: side, height: side).writeGeoTIFF(
          to: folder.file("gt/\(name).tif"), grid: grid, bandNames: [""], nodata: 0,
          colours: Potsdam.colours)
      }
    }
    return count
  }

  /// Classes as values from 1, of every second pixel of every second row.
  private static func everySecond(_ classes: [UInt8], width: Int, height: Int) -> ByteImage {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(classes.count / 4)
    for row in stride(from: 0, to: height, by: 2) {
      for column in stride(from: 0, to: width, by: 2) {
        pixels.append(classes[row * width + column] + 1)
      }
    }
    return ByteImage(width: width / 2, height: height / 2, channels: 1, pixels: pixels)
  }

  /// The place of a block whose pixels are twice as large as its tile's.
  private static func grid(of tile: RasterDescription, column: Int, row: Int) -> RasterGrid {
    let side = Potsdam.tileBlockSide
    var grid = RasterGrid(
      of: tile, window: Window(column: column, row: row, width: side, height: side))
    grid.width = Potsdam.blockSide
    grid.height = Potsdam.blockSide
    for index in [1, 2, 4, 5] { grid.geoTransform?[index] *= 2 }
    return grid
  }
}
