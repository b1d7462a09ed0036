import Tensor
import TestSupport
import Testing

@Suite struct AdamTests {
  let workers = Workers(threads: 2)

  @Test(arguments: [1, 3, 33, 1030])
  func `ten steps follow the algorithm in Double`(count: Int) {
    var expected = ReferenceTensor.random([count], seed: 111)
    var value = expected.tensor
    var reference = ReferenceAdam(shape: [count], learningRate: 0.01)
    var (first, second) = (Tensor(shape: [count]), Tensor(shape: [count]))
    for step in 1...10 {
      let gradient = ReferenceTensor.random([count], seed: 112 + UInt64(step), in: -3...3)
      reference.update(&expected, gradient: gradient)
      AdamKernel.update(
        &value, gradient: gradient.tensor, first: &first, second: &second, learningRate: 0.01,
        beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: step, on: workers)
      expectClose(value, expected, absolute: 1e-6, relative: 1e-6, "step \(step)")
    }
    expectClose(first, reference.first, absolute: 1e-6, relative: 1e-5)
    expectClose(second, reference.second, absolute: 1e-6, relative: 1e-5)
  }

  @Test func `the first step is as long as the learning rate, whatever the gradient's size`() {
    let gradient: [Float] = [1e-3, -1e-3, 1e4, -1e4, 0]
    var value = Tensor(shape: [5], repeating: 1)
    var (first, second) = (Tensor(shape: [5]), Tensor(shape: [5]))
    AdamKernel.update(
      &value, gradient: Tensor(shape: [5], values: gradient), first: &first, second: &second,
      learningRate: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 1, on: workers)
    expectClose(
      value.values, [0.5, 1.5, 0.5, 1.5, 1] as [Float], absolute: 2e-5, relative: 0)
  }

  @Test func `a large epsilon shortens the step`() {
    var value = Tensor(shape: [1], repeating: 0)
    var (first, second) = (Tensor(shape: [1]), Tensor(shape: [1]))
    AdamKernel.update(
      &value, gradient: Tensor(shape: [1], repeating: 1), first: &first, second: &second,
      learningRate: 1, beta1: 0.9, beta2: 0.999, epsilon: 3, step: 1, on: workers)
    expectClose(value.values, [-0.25] as [Float], absolute: 1e-6, relative: 0)
  }
}
