internal import Foundation
internal import Tensor

/// The loss of a pretext's answers: cross-entropy, the mean over the images that count.
enum PretextLoss {
  /// The loss of logits [n, k] where all images have one answer, and its gradient [n, k]; zero where
  /// no image counts. Traps where the shapes do not fit.
  static func evaluate(
    _ task: PretextTask, _ logits: Tensor, answer: Int, counted: [Bool]
  ) -> (loss: Double, gradient: Tensor) {
    precondition(
      logits.shape == [counted.count, task.logits], "\(counted.count) images, \(logits.shape)")
    switch task {
    case .isola: return binary(logits, isTrue: answer == 1, counted: counted)
    case .doersch:
      let labels = [UInt8](repeating: UInt8(answer), count: counted.count)
      let result = CrossEntropyLoss.evaluate(logits, labels: labels, counted: counted)
      return (result.loss, result.gradient)
    }
  }

  private static func binary(
    _ logits: Tensor, isTrue: Bool, counted: [Bool]
  ) -> (loss: Double, gradient: Tensor) {
    var gradient = Tensor(shape: logits.shape)
    let share = 1 / Double(max(1, counted.count(where: { $0 })))
    // −ln σ(x) of what is true, −ln σ(−x) of what is not. The published program leaves out answers
    // whose probability rounds to zero, and so finds a network perfect that is always sure of one.
    let sign = isTrue ? 1.0 : -1.0
    var sum = 0.0
    for (image, counts) in counted.enumerated() where counts {
      let x = sign * Double(logits[image])
      sum += max(0, -x) + log1p(exp(-abs(x)))
      gradient[image] = Float(-sign / (1 + exp(x)) * share)
    }
    return (sum * share, gradient)
  }
}
