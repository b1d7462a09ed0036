internal import Foundation

/// Softmax over the last axis.
public enum ReferenceSoftmax {
  /// exp(x) divided by the sum of exp(x) along the last axis; of the input's shape.
  public static func forward(_ input: ReferenceTensor) -> ReferenceTensor {
    let classes = input.shape.last!
    var output = input
    for start in stride(from: 0, to: input.count, by: classes) {
      let logits = input.values[start..<(start + classes)]
      // Subtracting the largest changes nothing but keeps exp within range.
      let exponentials = logits.map { exp($0 - logits.max()!) }
      let total = exponentials.reduce(0, +)
      for (offset, exponential) in exponentials.enumerated() {
        output.values[start + offset] = exponential / total
      }
    }
    return output
  }
}
