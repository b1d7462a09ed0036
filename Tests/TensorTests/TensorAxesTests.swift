import Tensor
import TestSupport
import Testing

@Suite struct TensorAxesTests {
  let workers = Workers(threads: 2)

  @Test func `parts before the last axis are what was stacked`() {
    let parts = (0..<3).map { part in
      Tensor(shape: [2, 2], values: (0..<4).map { Float(10 * part + $0) })
    }
    let stacked = Tensor(stackedBeforeLastAxis: parts)
    #expect(stacked.shape == [2, 3, 2])
    #expect(stacked.values == [0, 1, 10, 11, 20, 21, 2, 3, 12, 13, 22, 23])
    for index in 0..<3 {
      #expect(stacked.beforeLastAxis(index).shape == [2, 2])
      #expect(stacked.beforeLastAxis(index).values == parts[index].values)
    }
    #expect(Tensor(stackedBeforeLastAxis: [parts[1]]).shape == [2, 1, 2])
  }

  @Test func `repeats lie one after another and add up again`() {
    let x = Tensor(shape: [2, 2], values: [1, 2, 3, 4])
    let repeated = x.repeated(3, on: workers)
    #expect(repeated.shape == [6, 2])
    #expect(repeated.values == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])
    #expect(repeated.sumOfRepeats(3, on: workers).values == [3, 6, 9, 12])
    #expect(repeated.sumOfRepeats(3, on: workers).shape == [2, 2])
    #expect(x.repeated(1, on: workers).values == x.values)
  }

  @Test func `a vector is added to each row`() {
    var x = Tensor(shape: [1, 3, 2], values: [1, 2, 3, 4, 5, 6])
    x.addToRows(Tensor(shape: [2], values: [10, -1]), on: workers)
    #expect(x.values == [11, 1, 13, 3, 15, 5])
  }
}
