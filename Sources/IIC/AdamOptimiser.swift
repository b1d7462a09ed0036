internal import Foundation
public import Tensor

/// Adam (Kingma and Ba, 2015) with PyTorch's conventions.
///
/// Each parameter has moments and a count of steps of its own, begun with its first gradient. From
/// then on it moves in every step, by its moments alone where a step brought it no gradient: as in
/// the published program, a head goes on moving while the other trains.
public struct AdamOptimiser: Sendable {
  /// Where ε is added to the second moment's root.
  public enum EpsilonPlacement: String, Sendable, Codable, CaseIterable {
    /// Before the bias is corrected, as in PyTorch until 1.2, which the published experiments used:
    /// √v + ε.
    case beforeCorrection
    /// After, as in later versions: √(v / (1 − β₂ᵗ)) + ε.
    case afterCorrection
  }

  /// What is kept of one parameter's gradients.
  public struct Moments: Sendable {
    /// The running mean of the gradient.
    public var first: Tensor
    /// The running mean of its square.
    public var second: Tensor
    /// How many steps the parameter has taken.
    public var steps: Int

    /// Moments as a checkpoint recorded them.
    public init(first: Tensor, second: Tensor, steps: Int) {
      precondition(first.shape == second.shape, "moments \(first.shape) and \(second.shape)")
      self.first = first
      self.second = second
      self.steps = steps
    }
  }

  /// The step size.
  public var learningRate: Double
  /// The first moment's decay.
  public var beta1: Double
  /// The second moment's decay.
  public var beta2: Double
  /// What is added to the second moment's root.
  public var epsilon: Double
  /// Where it is added.
  public var epsilonPlacement: EpsilonPlacement
  /// Each parameter's moments, in the order of `forEachParameter`; empty before the first step.
  public var moments: [Moments] = []

  /// An optimiser that has taken no step; the defaults are the published ones.
  public init(
    learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    epsilonPlacement: EpsilonPlacement = .beforeCorrection
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.epsilonPlacement = epsilonPlacement
  }

  /// Takes one step with the gradients in the network's parameters, which it leaves as they are.
  ///
  /// Traps if the moments are not those of such a network.
  public mutating func step(_ network: inout some ParameterisedNetwork, on workers: Workers) {
    let isFirst = moments.isEmpty
    let step = AdamStep(self)
    var index = 0
    network.forEachParameter { parameter in
      if isFirst {
        let zeros = Tensor(shape: parameter.value.shape)
        moments.append(Moments(first: zeros, second: zeros, steps: 0))
      }
      precondition(index < moments.count, "\(moments.count) parameters have moments")
      step(&parameter, &moments[index], on: workers)
      index += 1
    }
    precondition(index == moments.count, "moments of \(moments.count) parameters for \(index)")
  }
}

/// One parameter's step, apart from the optimiser whose moments it changes.
private struct AdamStep {
  let learningRate: Double
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let epsilonPlacement: AdamOptimiser.EpsilonPlacement

  init(_ optimiser: AdamOptimiser) {
    learningRate = optimiser.learningRate
    beta1 = optimiser.beta1
    beta2 = optimiser.beta2
    epsilon = optimiser.epsilon
    epsilonPlacement = optimiser.epsilonPlacement
  }

  func callAsFunction(
    _ parameter: inout Parameter, _ moments: inout AdamOptimiser.Moments, on workers: Workers
  ) {
    guard parameter.hasGradient || moments.steps > 0 else { return }
    moments.steps += 1
    let placed =
      switch epsilonPlacement {
      case .beforeCorrection: epsilon / (1 - pow(beta2, Double(moments.steps))).squareRoot()
      case .afterCorrection: epsilon
      }
    AdamKernel.update(
      &parameter.value, gradient: parameter.gradient, first: &moments.first,
      second: &moments.second, learningRate: learningRate, beta1: beta1, beta2: beta2,
      epsilon: placed, step: moments.steps, on: workers)
  }
}
