internal import Tensor

/// What Kaiming's initialisation counts.
enum Fan: Sendable {
  /// The numbers that an output is the sum of: it keeps the variance of what passes forward.
  case input
  /// The numbers that an input goes into: it keeps the variance of gradients.
  case output
}

extension ModelTensor {
  /// The value to begin training with, as published.
  ///
  /// Convolutions are drawn from N(0, 2 / (k² · channels)), of the input or the output: Kaiming's
  /// normal initialisation for ReLU (He et al., 2015). Linear weights are drawn from N(0, 0.01²).
  /// Biases, β and running means are 0, γ and running variances 1.
  func initialValue(fan: Fan, using generator: inout SeededGenerator) -> Tensor {
    func normal(_ deviation: Float, _ generator: inout SeededGenerator) -> Tensor {
      let values = (0..<shape.reduce(1, *)).map { _ in deviation * generator.normal() }
      return Tensor(shape: shape, values: values)
    }
    switch role {
    case .convolutionWeight:
      let channels = fan == .input ? shape[2] : shape[3]
      let variance = 2 / Double(shape[0] * shape[1] * channels)
      return normal(Float(variance.squareRoot()), &generator)
    case .linearWeight: return normal(0.01, &generator)
    case .scale, .runningVariance: return Tensor(shape: shape, repeating: 1)
    case .shift, .runningMean, .bias: return Tensor(shape: shape)
    }
  }
}
