internal import Foundation
internal import Tensor

/// The cross-entropy of softmax and true classes: the mean over the images that count of
/// −ln (exp xₜ / Σⱼ exp xⱼ), t being an image's class.
enum CrossEntropyLoss {
  /// The loss of logits [n, k] for n labels below k, its gradient [n, k], and how many images have
  /// their class as the most probable one. Traps where the shapes do not fit.
  ///
  /// - Parameter counted: which images count; nil for all. Where none does, all is zero.
  static func evaluate(
    _ logits: Tensor, labels: [UInt8], counted: [Bool]? = nil
  ) -> (loss: Double, gradient: Tensor, right: Int) {
    precondition(
      logits.shape.count == 2 && logits.shape[0] == labels.count && !labels.isEmpty,
      "\(labels.count) labels of logits \(logits.shape)")
    let classes = logits.shape[1]
    var gradient = Tensor(shape: logits.shape)
    var (sum, right) = (0.0, 0)
    let share = 1 / Double(max(1, counted?.count(where: { $0 }) ?? labels.count))
    logits.withSpan { x in
      gradient.withMutableSpan { out in
        for (image, label) in labels.enumerated() where counted?[image] ?? true {
          precondition(label < classes, "label \(label) of \(classes) classes")
          let start = image * classes
          var (greatest, best) = (-Double.infinity, 0)
          for index in 0..<classes where Double(x[start + index]) > greatest {
            (greatest, best) = (Double(x[start + index]), index)
          }
          var total = 0.0
          for index in 0..<classes { total += exp(Double(x[start + index]) - greatest) }
          sum += log(total) - (Double(x[start + Int(label)]) - greatest)
          if best == Int(label) { right += 1 }
          for index in 0..<classes {
            let probability = exp(Double(x[start + index]) - greatest) / total
            out[start + index] = Float((probability - (index == Int(label) ? 1 : 0)) * share)
          }
        }
      }
    }
    return (sum * share, gradient, right)
  }
}
