import Tensor
import TestSupport
import Testing

@Suite struct SobelTests {
  let workers = Workers(threads: 2)

  @Test(arguments: [[1, 1, 1, 1], [1, 1, 5, 1], [1, 4, 1, 1], [2, 5, 7, 1], [3, 33, 17, 1]])
  func `forward is the correlation with both kernels`(_ shape: [Int]) {
    let input = ReferenceTensor.random(shape, seed: 71)
    let output = Sobel.forward(input.tensor, on: workers)
    expectClose(output, ReferenceSobel.forward(input), absolute: 2e-6, relative: 0)
  }

  @Test func `a rising ramp has a negative gradient, by the published signs`() {
    var ramp = ReferenceTensor(shape: [1, 5, 5, 1])
    for y in 0..<5 { for x in 0..<5 { ramp[0, y, x, 0] = Double(x) + 10 * Double(y) } }
    let output = ReferenceTensor(Sobel.forward(ramp.tensor, on: workers))
    for y in 1..<4 {
      for x in 1..<4 {
        #expect(output[0, y, x, 0] == -8)
        #expect(output[0, y, x, 1] == -80)
      }
    }
  }
}
