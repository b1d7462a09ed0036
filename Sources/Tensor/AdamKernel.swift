import Foundation
import Kernels

/// The element-wise step of Adam (Kingma and Ba, 2015) as PyTorch takes it.
public enum AdamKernel {
  /// Moves `value` against the gradient and updates both moments, all of one shape.
  ///
  /// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
  /// value ← value − lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε) with t = `step`, from 1.
  public static func update(
    _ value: inout Tensor, gradient: Tensor, first: inout Tensor, second: inout Tensor,
    learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, step: Int,
    on workers: Workers
  ) {
    precondition(
      value.shape == gradient.shape && value.shape == first.shape && value.shape == second.shape,
      "Adam on \(value.shape), \(gradient.shape), \(first.shape), \(second.shape)")
    precondition(step >= 1, "Adam's steps count from 1, not \(step)")
    let correction1 = 1 - pow(beta1, Double(step))
    let correction2 = 1 - pow(beta2, Double(step))
    let rate = Float(learningRate / correction1)
    let inverse = Float(1 / correction2.squareRoot())
    let (x, m, v) = (
      value.mutableElements(), first.mutableElements(), second.mutableElements()
    )
    workers.split(value.count) { range, _ in
      let at = range.lowerBound
      kernels_adam(
        x + at, gradient.elements + at, m + at, v + at, range.count, rate, inverse, Float(beta1),
        Float(1 - beta1), Float(beta2), Float(1 - beta2), Float(epsilon))
    }
  }
}
