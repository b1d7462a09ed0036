import Tensor
import TestSupport
import Testing

@Suite struct MatrixProductTests {
  let workers = Workers(threads: 2)

  @Test(
    arguments: [[1, 1, 1], [3, 5, 7], [16, 33, 5], [1, 9, 4], [33, 1, 16], [130, 65, 67]],
    [[false, false], [false, true], [true, false], [true, true]])
  func `is the sum over the inner extent`(_ extents: [Int], transposed: [Bool]) {
    let (rows, inner, columns) = (extents[0], extents[1], extents[2])
    let a = ReferenceTensor.random(transposed[0] ? [inner, rows] : [rows, inner], seed: 101)
    let b = ReferenceTensor.random(transposed[1] ? [columns, inner] : [inner, columns], seed: 102)
    var expected = ReferenceTensor(shape: [rows, columns])
    for row in 0..<rows {
      for column in 0..<columns {
        for index in 0..<inner {
          expected[row, column] +=
            (transposed[0] ? a[index, row] : a[row, index])
            * (transposed[1] ? b[column, index] : b[index, column])
        }
      }
    }
    let product = Tensor.product(
      a.tensor, transposed: transposed[0], b.tensor, transposed: transposed[1], on: workers)
    expectClose(product, expected, absolute: 1e-6 * Double(inner).squareRoot(), relative: 1e-6)
  }

  @Test func `of empty inner extent is zero`() {
    let product = Tensor.product(
      Tensor(shape: [2, 0]), Tensor(shape: [0, 3]), on: workers)
    #expect(product.shape == [2, 3])
    #expect(product.values == [0, 0, 0, 0, 0, 0])
  }
}
