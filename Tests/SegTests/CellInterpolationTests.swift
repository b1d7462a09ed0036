import Seg
import Tensor
import Testing

@Suite struct CellInterpolationTests {
  /// A ramp of the position is met exactly at every pixel: the cells are where they should be.
  @Test func linearRampsAreExact() {
    let (height, width, classes) = (7, 9, 3)
    func ramp(_ x: Float, _ y: Float, _ k: Int) -> Float { Float(k) + 0.5 * x - 0.25 * y }
    var cells: [Float] = []
    for i in 0..<height {
      for j in 0..<width {
        for k in 0..<classes { cells.append(ramp(2 * Float(j) + 4.5, 2 * Float(i) + 4.5, k)) }
      }
    }
    let columns = CellInterpolation.coveredPixels(cells: width)
    let rows = CellInterpolation.coveredPixels(cells: height)
    #expect(columns == 5..<21 && rows == 5..<17)
    let whole = PixelRectangle(
      column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
    let part = PixelRectangle(column: 8, row: 7, width: 5, height: 3)
    for rectangle in [whole, part] {
      let pixels = CellInterpolation.pixels(
        fromCells: Tensor(shape: [height, width, classes], values: cells), rectangle: rectangle,
        on: Workers(threads: 1))
      var expected: [Float] = []
      for y in rectangle.rows {
        for x in rectangle.columns {
          for k in 0..<classes { expected.append(ramp(Float(x), Float(y), k)) }
        }
      }
      #expect(pixels.shape == [rectangle.height, rectangle.width, classes])
      #expect(pixels.values == expected)
    }
  }

  @Test func noPixelLiesBetweenFewerThanTwoCells() {
    #expect(CellInterpolation.coveredPixels(cells: 1).isEmpty)
    #expect(CellInterpolation.coveredPixels(cells: 0).isEmpty)
  }
}
