import TestSupport
import Testing

@testable import Seg

@Suite struct SurfaceStatisticsTests {
  /// [cells, cells, 2 · bands] of a patch whose pixels `value(row, column)` gives, all bands of one.
  private func statistics(
    side: Int, cells: Int, bands: Int = 1, _ value: (Int, Int) -> [Float]
  ) -> [Double] {
    let values = (0..<side * side).flatMap { value($0 / side, $0 % side) }
    return SurfaceStatistics.atCells(
      of: values.span, patchSide: side, bands: bands, cells: cells)
  }

  @Test func `a constant patch has its value everywhere and no deviation`() {
    let result = statistics(side: 16, cells: 4, bands: 2) { _, _ in [0.7, -3] }
    expectClose(
      result, (0..<16).flatMap { _ in [Double(Float(0.7)), -3, 0, 0] }, absolute: 1e-6,
      relative: 0)
  }

  @Test func `a ramp's mean is its value at the cell's own place`() {
    let side = 22
    let cells = 7
    let result = statistics(side: side, cells: cells) { row, column in
      [Float(100 * row + 3 * column) - 7]
    }
    // The variance of nine whole numbers in a row is 80 / 12.
    let deviation = ((100.0 * 100 + 3 * 3) * 80 / 12).squareRoot()
    let expected = (0..<cells * cells).flatMap { cell -> [Double] in
      let (row, column) = (2 * Double(cell / cells) + 4.5, 2 * Double(cell % cells) + 4.5)
      return [100 * row + 3 * column - 7, deviation]
    }
    expectClose(result, expected, absolute: 1e-9, relative: 1e-9)
  }

  @Test func `of a chequered pattern`() {
    // 41 of the 81 pixels around a cell have one value, 40 the other; bands keep to themselves.
    let result = statistics(side: 14, cells: 3, bands: 3) { row, column in
      let sign: Float = (row + column) % 2 == 0 ? 1 : -1
      return [sign, 10 + 4 * sign, 6]
    }
    let deviation = (1 - 1.0 / (81 * 81)).squareRoot()
    expectClose(
      result, (0..<9).flatMap { _ in [0, 10, 6, deviation, 4 * deviation, 0] }, absolute: 1e-6,
      relative: 1e-9)
  }

  @Test func `one bright pixel shows in the cells around it alone`() {
    let cells = 8
    let result = statistics(side: 24, cells: cells) { row, column in
      [row == 12 && column == 9 ? 1 : 0]
    }
    let deviation = (1.0 / 81 - 1.0 / (81 * 81)).squareRoot()
    let expected = (0..<cells * cells).flatMap { cell -> [Double] in
      let (row, column) = (cell / cells, cell % cells)
      // Squares of nine from 2 · row to 2 · row + 8; four pixels from 2 · row + 4.
      let isNear = (2...6).contains(row) && (1...4).contains(column)
      return [row == 4 && column == 2 ? 0.25 : 0, isNear ? deviation : 0]
    }
    expectClose(result, expected, absolute: 1e-9, relative: 1e-9)
  }
}
