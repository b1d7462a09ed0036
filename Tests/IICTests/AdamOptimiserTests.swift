import IIC
import Tensor
import TestSupport
import Testing

/// Parameters alone, without a network around them.
private struct LooseParameters: ParameterisedNetwork {
  var all: [Parameter]

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    for index in all.indices { try body(&all[index]) }
  }

  mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {}

  mutating func setGradient(_ gradient: Tensor, at index: Int) {
    all[index].gradient = gradient
    all[index].hasGradient = true
  }
}

@Suite struct AdamOptimiserTests {
  let workers = Workers(threads: 2)

  @Test(arguments: AdamOptimiser.EpsilonPlacement.allCases)
  func stepsAgreeWithAnotherImplementation(placement: AdamOptimiser.EpsilonPlacement) throws {
    let golden = try GoldenFile("optimiser")
    let name = placement == .beforeCorrection ? "published" : "current"
    var network = LooseParameters(all: [
      Parameter(name: "value", value: golden["\(name).value"].tensor)
    ])
    var optimiser = AdamOptimiser(learningRate: 1e-3, epsilonPlacement: placement)
    for step in 1...4 {
      network.setGradient(golden["\(name).gradient_\(step)"].tensor, at: 0)
      optimiser.step(&network, on: workers)
      let before = step == 1 ? golden["\(name).value"] : golden["\(name).value_\(step - 1)"]
      // The change is what matters, and is a thousandth of the value.
      let change = ReferenceTensor(network.all[0].value).plus(
        ReferenceTensor(before), scaledBy: -1)
      let expected = ReferenceTensor(golden["\(name).value_\(step)"]).plus(
        ReferenceTensor(before), scaledBy: -1)
      expectClose(change, expected, absolute: 5e-7, relative: 1e-4, "step \(step)")
    }
  }

  @Test func parametersBeginWithTheirFirstGradientAndGoOnWithoutOne() {
    let ones = Tensor(shape: [3], repeating: 1)
    var network = LooseParameters(all: [
      Parameter(name: "early", value: ones), Parameter(name: "late", value: ones),
    ])
    var optimiser = AdamOptimiser(learningRate: 0.1)
    network.setGradient(ones, at: 0)
    optimiser.step(&network, on: workers)
    #expect(network.all[1].value.values == ones.values)
    #expect(optimiser.moments.map(\.steps) == [1, 0])
    // The first step of all is the learning rate's.
    expectClose(
      network.all[0].value, Tensor(shape: [3], repeating: 0.9), absolute: 1e-6, relative: 0)

    network.zeroGradients(on: workers)
    network.setGradient(ones, at: 1)
    optimiser.step(&network, on: workers)
    #expect(optimiser.moments.map(\.steps) == [2, 1])
    expectClose(
      network.all[1].value, Tensor(shape: [3], repeating: 0.9), absolute: 1e-6, relative: 0)
    // Moments 0.09 / 0.19 and √(0.000999 / 0.001999), times the rate.
    let moved = 0.9 - 0.1 * (0.09 / 0.19) / (0.000999 / 0.001999).squareRoot()
    expectClose(
      network.all[0].value, Tensor(shape: [3], repeating: Float(moved)), absolute: 1e-5,
      relative: 0)
  }
}
