internal import Foundation
public import Tensor

/// The loss of the paper's triplet baseline (table 1, "Triplets"): probabilities of an image's
/// clusters should be those of a transformed copy, and unlike those of another image.
///
/// For probabilities p, p⁺ and p⁻ [n, k] of images, their copies and other images:
///
///     L = 1 / (n k) · Σ [ p⁺ (ln p⁺ − ln p) − p⁻ (ln p⁻ − ln p) ]
///
/// the difference of two Kullback–Leibler divergences, averaged over clusters too, as in the
/// published program.
public enum TripletLoss {
  /// The loss, and the gradients of the three.
  public struct Result: Sendable {
    /// The loss; not bounded below.
    public let loss: Double
    /// The gradient of p.
    public let gradient: Tensor
    /// The gradient of p⁺.
    public let positiveGradient: Tensor
    /// The gradient of p⁻.
    public let negativeGradient: Tensor
  }

  /// Probabilities are taken for no less than this, so that their logarithms are numbers.
  private static let least = 1e-30

  /// Evaluates the loss of three tensors [n, k]. Traps where their shapes differ.
  public static func evaluate(_ p: Tensor, positive: Tensor, negative: Tensor) -> Result {
    precondition(
      p.shape.count == 2 && positive.shape == p.shape && negative.shape == p.shape,
      "probabilities \(p.shape), \(positive.shape), \(negative.shape)")
    var gradients = [Tensor](repeating: Tensor(shape: p.shape), count: 3)
    let share = 1 / Double(p.count)
    let (own, same, other) = (p.values, positive.values, negative.values)
    var sum = 0.0
    for index in 0..<p.count {
      let (q, a, b) = (
        max(Double(own[index]), least), max(Double(same[index]), least),
        max(Double(other[index]), least)
      )
      let (nearer, farther) = (log(a) - log(q), log(b) - log(q))
      sum += a * nearer - b * farther
      gradients[0][index] = Float((b - a) / q * share)
      gradients[1][index] = Float((nearer + 1) * share)
      gradients[2][index] = Float(-(farther + 1) * share)
    }
    return Result(
      loss: sum * share, gradient: gradients[0], positiveGradient: gradients[1],
      negativeGradient: gradients[2])
  }
}
