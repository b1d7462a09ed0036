import Foundation
import TestSupport
import Testing

/// The references themselves, by hand and against each other: nothing else can tell them wrong.
@Suite struct ReferenceTests {
  @Test func `central differences of a polynomial`() {
    let point = ReferenceTensor(shape: [2], values: [2, -3])
    let gradient = CentralDifference.gradient(
      of: { $0.values[0] * $0.values[0] * $0.values[1] + 5 * $0.values[1] }, at: point)
    expectClose(
      gradient, ReferenceTensor(shape: [2], values: [-12, 9]), absolute: 1e-8, relative: 0)
  }

  @Test func `the convolution's gradients against central differences`() {
    for (padding, dilation) in [(0, 1), (1, 1), (1, 2), (4, 1)] {
      let convolution = ReferenceConvolution(padding: padding, dilation: dilation)
      let x = ReferenceTensor.random([2, 5, 6, 2], seed: 1)
      let w = ReferenceTensor.random([3, 3, 2, 3], seed: 2)
      let dy = ReferenceTensor.random(convolution.forward(x, weight: w).shape, seed: 3)
      expectClose(
        convolution.inputGradient(dy, weight: w, inputShape: x.shape),
        CentralDifference.gradient(of: { convolution.forward($0, weight: w).dot(dy) }, at: x),
        absolute: 1e-8, relative: 0)
      expectClose(
        convolution.weightGradient(dy, input: x, kernelSize: 3),
        CentralDifference.gradient(of: { convolution.forward(x, weight: $0).dot(dy) }, at: w),
        absolute: 1e-8, relative: 0)
    }
  }

  @Test func `the convolution by hand`() {
    let output = ReferenceConvolution(padding: 1, dilation: 1).forward(
      ReferenceTensor(shape: [1, 2, 2, 1], values: [1, 2, 3, 4]),
      weight: ReferenceTensor(shape: [3, 3, 1, 1], values: [1, 2, 3, 4, 5, 6, 7, 8, 9]))
    #expect(output.values == [77, 67, 47, 37])
  }

  @Test func `the loss of views that always agree is minus the entropy of the classes`() {
    // P is ½ on the diagonal: the loss is −ln 2, with λ scaling the two marginal terms.
    let views = ReferenceTensor(shape: [2, 2], values: [1, 0, 0, 1])
    expectClose(ReferenceLoss.ofImages(views, views), -log(2.0), absolute: 1e-12, relative: 0)
    expectClose(
      ReferenceLoss.ofImages(views, views, lambda: 1.5), log(2.0) - 3 * log(2.0), absolute: 1e-12,
      relative: 0)
  }

  @Test func `the loss of independent views is zero`() {
    let uniform = ReferenceTensor(shape: [3, 4], repeating: 0.25)
    expectClose(ReferenceLoss.ofImages(uniform, uniform), 0.0, absolute: 1e-12, relative: 0)
    let collapsed = ReferenceTensor(shape: [2, 2], values: [1, 0, 1, 0])
    expectClose(ReferenceLoss.ofImages(collapsed, collapsed), 0.0, absolute: 1e-12, relative: 0)
  }

  @Test func `the loss of maps without displacement is that of their pixels`() {
    let x1 = ReferenceTensor.randomProbabilities([2, 3, 4, 5], seed: 4)
    let x2 = ReferenceTensor.randomProbabilities([2, 3, 4, 5], seed: 5)
    let pixels = ReferenceLoss.ofImages(
      x1.reshaped(to: [24, 5]), x2.reshaped(to: [24, 5]), lambda: 1.2)
    for collapsed in [false, true] {
      expectClose(
        ReferenceLoss.ofMaps(x1, x2, lambda: 1.2, halfSide: 0, collapsed: collapsed), pixels,
        absolute: 1e-12, relative: 0)
    }
  }

  @Test(arguments: ["losses_uncollapsed", "losses_collapsed"])
  func `the dense losses agree with another implementation`(_ name: String) throws {
    let golden = try GoldenFile(name)
    #expect(!golden.cases.isEmpty)
    for example in golden.cases {
      func reference(_ part: String) -> ReferenceTensor {
        ReferenceTensor(golden["\(example).\(part)"])
      }
      let halfSide = Int(golden["\(example).half_side"].scalar)
      for (lambda, part) in [
        (Double(golden["\(example).lambda"].scalar), "loss"), (1, "loss_no_lambda"),
      ] {
        let loss = ReferenceLoss.ofMaps(
          reference("x1"), reference("x2"), matrices: reference("matrices"),
          mask: reference("mask"), lambda: lambda, halfSide: halfSide,
          collapsed: name == "losses_collapsed")
        expectClose(
          loss, Double(golden["\(example).\(part)"].scalar), absolute: 1e-6, relative: 1e-6,
          "\(example).\(part)")
      }
    }
  }

  @Test func `the image loss agrees with another implementation`() throws {
    let golden = try GoldenFile("losses_image")
    #expect(!golden.cases.isEmpty)
    for example in golden.cases {
      let loss = ReferenceLoss.ofImages(
        ReferenceTensor(golden["\(example).x1"]), ReferenceTensor(golden["\(example).x2"]),
        lambda: Double(golden["\(example).lambda"].scalar))
      expectClose(
        loss, Double(golden["\(example).loss"].scalar), absolute: 1e-6, relative: 1e-6, example)
    }
  }

  @Test func `a comparison names the worst element`() {
    let expected = ReferenceTensor(shape: [2, 2], values: [1, 2, 3, 4])
    var actual = expected
    #expect(differenceDescription(actual, expected, absolute: 0, relative: 0) == nil)
    actual[1, 0] = 3.5
    actual[0, 1] = 2.25
    let difference = differenceDescription(actual, expected, absolute: 0.1, relative: 0)
    #expect(difference?.contains("2 of 4") == true)
    #expect(difference?.contains("at [1, 0], is 3.5 where 3.0 is expected") == true)
    #expect(differenceDescription(actual, expected, absolute: 0.1, relative: 0.2) == nil)
    #expect(
      differenceDescription(
        actual.reshaped(to: [4]), expected, absolute: 1, relative: 1)?.contains("shape") == true)
    actual[0, 0] = .nan
    #expect(
      differenceDescription(actual, expected, absolute: 100, relative: 0)?.contains("[0, 0]")
        == true)
  }
}
