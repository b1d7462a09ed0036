/// The joint distribution of two cluster maps over every displacement of a square box (paper
/// section 3.3, equation 5 before normalisation).
///
/// It is computed by Fourier transform. Where the displacements are to be summed, or there is but
/// one, ``SummedJoint`` is faster.
public struct DisplacedJoint: Sendable, Equatable {
  /// T: displacements run from −T to T in both directions.
  public let halfSide: Int

  /// A box of (2T + 1)² displacements. Traps if T is negative.
  public init(halfSide: Int) {
    precondition(halfSide >= 0, "half-side \(halfSide)")
    self.halfSide = halfSide
  }

  /// What the gradients need of the joint's computation.
  public struct Tape: Sendable {
    let shape: [Int]
    let spectra: DisplacedJointSpectra
  }

  /// P [2T + 1, 2T + 1, k, k] of x1 and x2 [n, h, w, k], zeros outside:
  /// P[u + T][v + T][i][j] = Σ x1[n, y, x, i] · x2[n, y + u, x + v, j].
  ///
  /// Rounding errors are a few 10⁻⁷ of the product of both clusters' norms over all pixels; what is
  /// no more than that is exactly zero.
  public func forward(
    _ x1: Tensor, _ x2: Tensor, on workers: Workers
  ) -> (joint: Tensor, tape: Tape) {
    precondition(x1.shape == x2.shape, "joint of \(x1.shape) and \(x2.shape)")
    let (images, height, width, clusters) = x1.imageExtents
    let tiling = FourierTiling(
      images: images, height: height, width: width, clusters: clusters, reach: halfSide)
    let spectra = DisplacedJointSpectra(x1, x2, tiling: tiling, on: workers)
    return (spectra.joint(on: workers), Tape(shape: x1.shape, spectra: spectra))
  }

  /// The gradients with respect to x1 and x2 for that of the joint.
  public func inputGradients(
    _ jointGradient: Tensor, through tape: Tape, on workers: Workers
  ) -> (x1: Tensor, x2: Tensor) {
    let (side, clusters) = (2 * halfSide + 1, tape.shape[3])
    precondition(
      jointGradient.shape == [side, side, clusters, clusters],
      "joint gradient \(jointGradient.shape), half-side \(halfSide), \(clusters) clusters")
    return tape.spectra.inputGradients(jointGradient, on: workers)
  }
}
