/// A rectangle of pixels: columns count from the left, rows from the top, both from 0.
public struct Window: Sendable, Equatable, Hashable {
  /// The leftmost column.
  public var column: Int
  /// The topmost row.
  public var row: Int
  /// Columns covered.
  public var width: Int
  /// Rows covered.
  public var height: Int

  /// The rectangle `width` × `height` whose upper left pixel is at (`column`, `row`).
  public init(column: Int, row: Int, width: Int, height: Int) {
    self.column = column
    self.row = row
    self.width = width
    self.height = height
  }

  /// The number of pixels covered.
  public var pixelCount: Int { width * height }

  /// Whether `other` lies wholly inside. Never overflows, whatever the numbers.
  public func contains(_ other: Window) -> Bool {
    other.width >= 0 && other.height >= 0
      && other.column >= column && other.row >= row
      && other.width <= width && other.height <= height
      && other.column - column <= width - other.width
      && other.row - row <= height - other.height
  }

  /// The part that `other` shares with this window, or `nil` where they do not meet.
  public func intersection(_ other: Window) -> Window? {
    let left = max(column, other.column)
    let top = max(row, other.row)
    let right = min(column + width, other.column + other.width)
    let bottom = min(row + height, other.row + other.height)
    guard left < right, top < bottom else { return nil }
    return Window(column: left, row: top, width: right - left, height: bottom - top)
  }
}
