import TestSupport
import Testing

@testable import Seg

@Suite struct CellSampleTests {
  @Test func `surroundings are means over nine cells, or as many of them as there are`() {
    // A map of 10 × 10 cells and two clusters; cell c has c hundredths of the first.
    let across = 10
    let probabilities = (0..<100).flatMap { [Float($0) / 100, 1 - Float($0) / 100] }
    func first(_ cell: Int, without missing: Set<Int> = []) -> Float {
      let withData = (0..<100).filter { !missing.contains($0) }
      let found = CellSample.surroundings(
        probabilities, clusters: 2, across: across, withData: withData, at: [cell])
      #expect(abs(found[0] + found[1] - 1) < 1e-6)
      return found[0]
    }
    // Nine around the cell in row 4, column 5; four in a corner: rows 0 and 4, columns 0 and 4.
    expectClose([first(45)], [0.45], absolute: 1e-6, relative: 0)
    expectClose([first(0)], [Double(0 + 4 + 40 + 44) / 400], absolute: 1e-6, relative: 0)
    // Rows 5 and 9, columns 5 and 9; one of them has no data.
    expectClose([first(99)], [Double(55 + 59 + 95 + 99) / 400], absolute: 1e-6, relative: 0)
    expectClose(
      [first(99, without: [55])], [Double(59 + 95 + 99) / 300], absolute: 1e-6, relative: 0)
  }

  @Test func `several cells come one after the other`() {
    let probabilities: [Float] = (0..<25).flatMap { [Float($0 % 2), 1 - Float($0 % 2)] }
    let found = CellSample.surroundings(
      probabilities, clusters: 2, across: 5, withData: Array(0..<25), at: [12, 1])
    // Cell 12 has none four cells away; cell 1 has 21, which is odd, too.
    #expect(found == [0, 1, 1, 0])
  }
}
