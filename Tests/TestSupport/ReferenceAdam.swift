internal import Foundation

/// Adam (Kingma and Ba 2015, algorithm 1), as PyTorch steps it.
public struct ReferenceAdam: Sendable {
  /// The step length, in units of the value.
  public let learningRate: Double
  /// The decay of the first moment.
  public let beta1: Double
  /// The decay of the second moment.
  public let beta2: Double
  /// Added to the root of the second moment.
  public let epsilon: Double

  /// The running mean of the gradient.
  public private(set) var first: ReferenceTensor
  /// The running mean of the gradient's square.
  public private(set) var second: ReferenceTensor
  private var step = 0

  /// An optimiser that has taken no step of a value of the given shape.
  public init(
    shape: [Int], learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    first = ReferenceTensor(shape: shape)
    second = ReferenceTensor(shape: shape)
  }

  /// Moves the value one step against its gradient.
  public mutating func update(_ value: inout ReferenceTensor, gradient: ReferenceTensor) {
    step += 1
    for index in value.values.indices {
      let g = gradient.values[index]
      first.values[index] = beta1 * first.values[index] + (1 - beta1) * g
      second.values[index] = beta2 * second.values[index] + (1 - beta2) * g * g
      let mean = first.values[index] / (1 - pow(beta1, Double(step)))
      let square = second.values[index] / (1 - pow(beta2, Double(step)))
      value.values[index] -= learningRate * mean / (square.squareRoot() + epsilon)
    }
  }
}
