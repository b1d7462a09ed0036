import Tensor
import TestSupport
import Testing

@testable import IIC

@Suite struct SubHeadAxisTests {
  @Test func partsAreWhatWasJoined() {
    let parts = (0..<3).map { part in
      Tensor(shape: [2, 2], values: (0..<4).map { Float(10 * part + $0) })
    }
    let joined = Tensor(subHeads: parts)
    #expect(joined.shape == [2, 3, 2])
    #expect(joined.values == [0, 1, 10, 11, 20, 21, 2, 3, 12, 13, 22, 23])
    for index in 0..<3 {
      #expect(joined.subHead(index).shape == [2, 2])
      #expect(joined.subHead(index).values == parts[index].values)
    }
  }

  @Test func oneSubHeadIsItself() {
    let part = Tensor(shape: [2, 2], values: [1, 2, 3, 4])
    #expect(Tensor(subHeads: [part]).shape == [2, 1, 2])
    #expect(Tensor(subHeads: [part]).subHead(0).shape == [2, 2])
    #expect(Tensor(subHeads: [part]).subHead(0).values == part.values)
  }
}
