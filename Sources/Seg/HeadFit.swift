internal import IIC
internal import Tensor

// n cells, c channels of the trunk, k classes.

/// Fits a head's weights to given class probabilities by multinomial logistic regression on the
/// trunk's features, as a head has it: softmax of features times weights, without a constant.
enum HeadFit {
  /// Steps of Adam over all cells.
  private static let steps = 200
  /// Adam's step size, for features of mean square 1.
  private static let learningRate = 0.05
  /// The weights' decay, by which they stay finite where classes are told apart without error.
  private static let decay: Float = 1e-4

  /// Weights [c, k] that bring softmax(features · weights) nearest to `targets` in cross entropy.
  ///
  /// - Parameters:
  ///   - features: [n, c].
  ///   - targets: [n, k], each row's sum 1.
  static func weights(_ features: Tensor, targets: Tensor, on workers: Workers) -> Tensor {
    let shape = [features.shape[1], targets.shape[1]]
    let square = features.withSpan { values in
      var sum = 0.0
      for index in 0..<values.count { sum += Double(values[index]) * Double(values[index]) }
      return sum / Double(max(values.count, 1))
    }
    guard square > 0, square.isFinite else { return Tensor(shape: shape) }
    let scale = Float(1 / square.squareRoot())
    var features = features
    features.scale(by: scale, on: workers)
    var (weights, first, second) = (
      Tensor(shape: shape), Tensor(shape: shape), Tensor(shape: shape)
    )
    for step in 1...steps {
      var error = Softmax.forward(
        Tensor.product(features, weights, on: workers), on: workers)
      error.add(targets, scaledBy: -1, on: workers)
      var gradient = Tensor.product(features, transposed: true, error, on: workers)
      gradient.scale(by: 1 / Float(features.shape[0]), on: workers)
      gradient.add(weights, scaledBy: decay, on: workers)
      AdamKernel.update(
        &weights, gradient: gradient, first: &first, second: &second,
        learningRate: learningRate, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, step: step,
        on: workers)
    }
    weights.scale(by: scale, on: workers)
    return weights
  }
}
