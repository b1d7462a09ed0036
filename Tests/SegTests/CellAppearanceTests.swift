import TestSupport
import Testing

@testable import Seg

@Suite struct CellAppearanceTests {
  /// The rows of all cells, or some, of a patch whose pixels `value(row, column)` gives; nil where
  /// there is no data.
  private func rows(
    side: Int, bands: Int = 1, at cells: [Int]? = nil, _ value: (Int, Int) -> [Float]?
  ) -> [Float] {
    let pixels = (0..<side * side).map { value($0 / side, $0 % side) }
    let patch = Patch(
      side: side, bandCount: bands,
      values: pixels.flatMap { $0 ?? [Float](repeating: 0, count: bands) },
      valid: pixels.map { $0 != nil })
    let across = side / 2 - 4
    return CellAppearance.rows(of: patch, at: cells ?? Array(0..<across * across))
  }

  @Test func `a constant patch has its value everywhere`() {
    let result = rows(side: 16, bands: 2) { _, _ in [0.75, -3] }
    #expect(result == (0..<16).flatMap { _ in [0.75, -3, 0.75, -3] as [Float] })
  }

  @Test func `a ramp's mean is its value at the cell's own place, and half a pixel before around`()
  {
    let side = 22
    let cells = 7
    let result = rows(side: side) { row, column in [Float(100 * row + 3 * column) - 7] }
    let expected = (0..<cells * cells).flatMap { cell -> [Double] in
      let (row, column) = (2 * Double(cell / cells) + 4, 2 * Double(cell % cells) + 4)
      let centre = 100 * row + 3 * column - 7
      return [centre + 51.5, centre]
    }
    expectClose(result, expected, absolute: 1e-3, relative: 1e-6)
  }

  @Test func `one bright pixel shows in the cells around it alone`() {
    let cells = 8
    let result = rows(side: 24) { row, column in [row == 12 && column == 9 ? 81 : 0] }
    let expected = (0..<cells * cells).flatMap { cell -> [Double] in
      let (row, column) = (cell / cells, cell % cells)
      // Squares of nine from 2 · row to 2 · row + 8; four pixels from 2 · row + 4.
      let isNear = (2...6).contains(row) && (1...4).contains(column)
      return [row == 4 && column == 2 ? 20.25 : 0, isNear ? 1 : 0]
    }
    expectClose(result, expected, absolute: 1e-5, relative: 0)
  }

  @Test func `pixels without data do not count, and cells come as asked for`() {
    // Data in the columns from 4 on, one more a column.
    let result = rows(side: 12, at: [3, 0]) { _, column in column < 4 ? nil : [Float(column)] }
    // Cell 3 sees the columns 2 to 10, cell 0 those from 0 to 8.
    expectClose(result, [6.5, 7, 4.5, 6], absolute: 1e-5, relative: 0)
  }
}
