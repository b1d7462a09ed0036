import Foundation
import TestSupport
import Testing

@testable import Tensor

@Suite struct FourierTransformTests {
  private func values(_ count: Int, seed: UInt64) -> Tensor {
    ReferenceTensor.random([count, 2, FourierTransform.lanes], seed: seed).tensor
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 8, 9, 12, 15, 25, 27, 32, 60, 120, 125, 216])
  func `each lane is its sequence's sum of turning numbers`(length: Int) {
    let transform = FourierTransform(length: length)
    let input = values(length, seed: 111)
    var (output, scratch) = (
      Tensor(shape: input.shape), Tensor(shape: [transform.scratchCount])
    )
    let (from, to, lanes) = (input.elements, output.mutableElements(), FourierTransform.lanes)
    transform.forward(
      from, from + lanes, stride: 2 * lanes, into: to, to + lanes, stride: 2 * lanes,
      scratch: scratch.mutableElements())
    var expected = ReferenceTensor(shape: input.shape)
    for f in 0..<length {
      for n in 0..<length {
        let angle = -2 * Double.pi * Double(f * n % length) / Double(length)
        for lane in 0..<lanes {
          let real = Double(input[n * 2 * lanes + lane])
          let imaginary = Double(input[(n * 2 + 1) * lanes + lane])
          expected.values[f * 2 * lanes + lane] += real * cos(angle) - imaginary * sin(angle)
          expected.values[(f * 2 + 1) * lanes + lane] += real * sin(angle) + imaginary * cos(angle)
        }
      }
    }
    expectClose(
      output, expected, absolute: 1e-6 * Double(length).squareRoot(), relative: 0)
  }

  @Test(arguments: [1, 5, 16, 60, 90])
  func `the inverse brings the sequence back, in place and at other strides`(length: Int) {
    let transform = FourierTransform(length: length)
    let input = values(length, seed: 112)
    let lanes = FourierTransform.lanes
    var (wide, scratch) = (
      Tensor(shape: [length, 3 * lanes]), Tensor(shape: [transform.scratchCount])
    )
    var output = Tensor(shape: input.shape)
    let (from, between, to) = (input.elements, wide.mutableElements(), output.mutableElements())
    let memory = scratch.mutableElements()
    transform.forward(
      from, from + lanes, stride: 2 * lanes, into: between, between + 2 * lanes,
      stride: 3 * lanes, scratch: memory)
    transform.inverse(
      between, between + 2 * lanes, stride: 3 * lanes, into: between, between + 2 * lanes,
      stride: 3 * lanes, scratch: memory)
    for n in 0..<length {
      for lane in 0..<lanes {
        to[n * 2 * lanes + lane] = between[n * 3 * lanes + lane] / Float(length)
        to[(n * 2 + 1) * lanes + lane] = between[(n * 3 + 2) * lanes + lane] / Float(length)
      }
    }
    expectClose(output, ReferenceTensor(input), absolute: 1e-6, relative: 0)
  }

  @Test func `lengths have no prime factor above five`() {
    #expect(FourierTransform.length(atLeast: 0) == 1)
    #expect(FourierTransform.length(atLeast: 7) == 8)
    #expect(FourierTransform.length(atLeast: 61) == 64)
    #expect(FourierTransform.length(atLeast: 120) == 120)
    #expect(FourierTransform.length(atLeast: 211) == 216)
  }
}
