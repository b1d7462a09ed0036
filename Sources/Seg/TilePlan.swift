public import IIC
internal import Raster

/// A rectangle of pixels: columns `column ..< column + width`, rows `row ..< row + height`.
/// Unlike a raster's window it may reach beyond the raster, where reflection fills it.
public struct PixelRectangle: Sendable, Equatable, Hashable {
  /// The first column; negative where the rectangle begins left of the raster.
  public var column: Int
  /// The first row; negative where the rectangle begins above the raster.
  public var row: Int
  /// The number of columns.
  public var width: Int
  /// The number of rows.
  public var height: Int

  /// Creates a rectangle from its first column and row and its size in pixels.
  public init(column: Int, row: Int, width: Int, height: Int) {
    self.column = column
    self.row = row
    self.width = width
    self.height = height
  }

  /// The pixels of a raster's window.
  init(_ window: Window) {
    self.init(column: window.column, row: window.row, width: window.width, height: window.height)
  }

  /// The same pixels as a raster's window; only for a rectangle inside the raster.
  var window: Window { Window(column: column, row: row, width: width, height: height) }

  /// The columns covered.
  public var columns: Range<Int> { column..<column + width }
  /// The rows covered.
  public var rows: Range<Int> { row..<row + height }

  /// The rectangle with `margin` pixels more on every side.
  public func expanded(by margin: Int) -> PixelRectangle {
    PixelRectangle(
      column: column - margin, row: row - margin,
      width: width + 2 * margin, height: height + 2 * margin)
  }

  /// The same pixels, counted from the first column and row of `other`.
  func counted(from other: PixelRectangle) -> PixelRectangle {
    PixelRectangle(
      column: column - other.column, row: row - other.row, width: width, height: height)
  }

  /// The part of the rectangle inside `other`; zero-sized where they do not meet.
  public func intersection(_ other: PixelRectangle) -> PixelRectangle {
    let columns = columns.clamped(to: other.columns)
    let rows = rows.clamped(to: other.rows)
    return PixelRectangle(
      column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
  }
}

/// How a raster, or a part of it, is cut into tiles for labelling: which pixels each tile decides,
/// and which it must see to decide them as if the raster had never been cut.
///
/// What the network sees starts at an even column and row of the raster, so that its pooling falls
/// on the same pixels whatever the tile size and the part, and every tile sees
/// `networkHalo + refinementHalo` pixels more on each side, pixels outside the part among them.
/// Beyond the raster's own edge the network's input is reflected; the refinement sees only what is
/// there.
public struct TilePlan: Sendable, Equatable {
  /// One tile of the plan. All rectangles are in the raster's pixels.
  public struct Tile: Sendable, Equatable {
    /// The pixels this tile decides; inside the part, and in no other tile.
    public var output: PixelRectangle
    /// The pixels whose class probabilities the refinement needs: the output and the refinement's
    /// halo, clamped to the raster.
    public var refinement: PixelRectangle
    /// The pixels the network sees: even origin, even size; may reach beyond the raster.
    public var input: PixelRectangle
    /// The smallest window of the raster that fills ``input``, by reflection where it reaches
    /// beyond.
    public var read: PixelRectangle

    /// Which column of ``read`` fills each column of ``input``; `input.width` values.
    public func columnSources(rasterWidth: Int) -> [Int] {
      input.columns.map { TilePlan.reflect($0, count: rasterWidth) - read.column }
    }

    /// Which row of ``read`` fills each row of ``input``; `input.height` values.
    public func rowSources(rasterHeight: Int) -> [Int] {
      input.rows.map { TilePlan.reflect($0, count: rasterHeight) - read.row }
    }
  }

  /// The raster's width in pixels.
  public let width: Int
  /// The raster's height in pixels.
  public let height: Int
  /// The pixels that tiles decide; inside the raster.
  public let part: PixelRectangle
  /// The side of the square of pixels that a tile decides; tiles at the part's edges are cut off
  /// there.
  public let tileSide: Int
  /// Pixels on each side of ``Tile/refinement`` that only the network sees; even.
  public let networkHalo: Int
  /// Pixels on each side of ``Tile/output`` that the refinement needs; even.
  public let refinementHalo: Int

  /// A plan for a raster of `width` × `height` pixels.
  ///
  /// - Parameters:
  ///   - part: The pixels to decide; nil for all of them.
  ///   - tileSide: The side of a tile's output; rounded up to even.
  ///   - networkHalo: What the network needs to see beyond a pixel; rounded up to even.
  ///   - refinementHalo: What the refinement needs beyond a pixel (twice the guided filter's
  ///     radius), 0 for none; rounded up to even.
  ///
  /// Traps unless the sizes are positive, the part is inside the raster, and the halos are not
  /// negative.
  public init(
    width: Int, height: Int, part: PixelRectangle? = nil, tileSide: Int = 512,
    networkHalo: Int = TrunkGeometry.halo(sobel: false), refinementHalo: Int
  ) {
    precondition(
      width > 0 && height > 0 && tileSide > 0, "no tiles of \(tileSide) in \(width)×\(height)")
    precondition(
      networkHalo >= 0 && refinementHalo >= 0, "halos \(networkHalo) and \(refinementHalo)")
    let raster = PixelRectangle(column: 0, row: 0, width: width, height: height)
    let part = part ?? raster
    precondition(
      part.width > 0 && part.height > 0 && part.intersection(raster) == part,
      "\(part) of \(width)×\(height)")
    self.width = width
    self.height = height
    self.part = part
    self.tileSide = tileSide + tileSide % 2
    self.networkHalo = networkHalo + networkHalo % 2
    self.refinementHalo = refinementHalo + refinementHalo % 2
  }

  /// The pixels a tile sees beyond its output on each side: half of what two neighbouring tiles'
  /// inputs share.
  public var overlap: Int { networkHalo + refinementHalo }

  /// The number of tiles side by side.
  public var columns: Int { Self.tiles(along: part.columns, side: tileSide) }

  /// The number of tiles one below the other.
  public var rows: Int { Self.tiles(along: part.rows, side: tileSide) }

  /// Tiles are counted from the even pixel at or before the part's first.
  private static func tiles(along range: Range<Int>, side: Int) -> Int {
    (range.upperBound - even(range.lowerBound) + side - 1) / side
  }

  /// The even number at or below a number that is not negative.
  private static func even(_ number: Int) -> Int { number - number % 2 }

  /// The number of tiles.
  public var count: Int { columns * rows }

  /// Tile `index`, in `0 ..< count`, row by row from the upper left. Traps outside that range.
  public subscript(index: Int) -> Tile {
    precondition(0 <= index && index < count, "tile \(index) of \(count)")
    let raster = PixelRectangle(column: 0, row: 0, width: width, height: height)
    let output = PixelRectangle(
      column: Self.even(part.column) + index % columns * tileSide,
      row: Self.even(part.row) + index / columns * tileSide, width: tileSide, height: tileSide
    ).intersection(part)
    var refinement = output.expanded(by: refinementHalo).intersection(raster)
    // The part may begin at an odd pixel, and cells lie where tiles begin.
    let odd = (column: refinement.column % 2, row: refinement.row % 2)
    refinement.column -= odd.column
    refinement.row -= odd.row
    refinement.width += odd.column
    refinement.height += odd.row
    // It may have been cut at an odd last column or row; its first is even.
    var input = refinement.expanded(by: networkHalo)
    input.width += input.width % 2
    input.height += input.height % 2
    let columnSpan = Self.reflectedSpan(of: input.columns, count: width)
    let rowSpan = Self.reflectedSpan(of: input.rows, count: height)
    let read = PixelRectangle(
      column: columnSpan.lowerBound, row: rowSpan.lowerBound,
      width: columnSpan.count, height: rowSpan.count)
    return Tile(output: output, refinement: refinement, input: input, read: read)
  }

  /// The index inside `0 ..< count` that `index` mirrors: the edge element is the mirror and is
  /// not repeated (… 2 1 0 1 2 …), as often as it takes where `index` lies far outside. One
  /// element mirrors itself.
  public static func reflect(_ index: Int, count: Int) -> Int {
    precondition(count > 0, "nothing to reflect in")
    guard count > 1 else { return 0 }
    let period = 2 * (count - 1)
    let remainder = index % period
    let position = remainder < 0 ? remainder + period : remainder
    return position < count ? position : period - position
  }

  /// The smallest range inside `0 ..< count` that holds the mirror of every index of `range`.
  private static func reflectedSpan(of range: Range<Int>, count: Int) -> Range<Int> {
    let sources = range.map { reflect($0, count: count) }
    guard let first = sources.min(), let last = sources.max() else { return 0..<0 }
    return first..<last + 1
  }
}
