/// The joint distribution of two cluster maps over every displacement of a square box (paper
/// section 3.3, equation 5 before normalisation).
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
    let maps: Maps
  }

  /// The maps as they are, or as their spectra.
  enum Maps: Sendable {
    case plain(Tensor, Tensor)
    case spectra(DisplacedJointSpectra)
  }

  /// How the joint is computed. It does not show outside, but for rounding.
  enum Method: Sendable, CaseIterable {
    /// Matrix products of x1 with x2's displaced pixels.
    case products
    /// Products of the maps' spectra.
    case fourier
  }

  /// P [2T + 1, 2T + 1, k, k] of x1 and x2 [n, h, w, k], zeros outside:
  /// P[u + T][v + T][i][j] = Σ x1[n, y, x, i] · x2[n, y + u, x + v, j].
  public func forward(
    _ x1: Tensor, _ x2: Tensor, on workers: Workers
  ) -> (joint: Tensor, tape: Tape) {
    forward(x1, x2, by: nil, on: workers)
  }

  /// The joint by a certain method; by the faster one if nil.
  func forward(
    _ x1: Tensor, _ x2: Tensor, by method: Method?, on workers: Workers
  ) -> (joint: Tensor, tape: Tape) {
    precondition(x1.shape == x2.shape, "joint of \(x1.shape) and \(x2.shape)")
    let (images, height, width, clusters) = x1.imageExtents
    let tiling = FourierTiling(
      images: images, height: height, width: width, clusters: clusters, reach: halfSide)
    let fastest = productCost(of: x1) < tiling.cost ? Method.products : .fourier
    switch method ?? fastest {
    case .products:
      return (joint(x1, x2, on: workers), Tape(shape: x1.shape, maps: .plain(x1, x2)))
    case .fourier:
      let spectra = DisplacedJointSpectra(x1, x2, tiling: tiling, on: workers)
      return (spectra.joint(on: workers), Tape(shape: x1.shape, maps: .spectra(spectra)))
    }
  }

  /// The gradients with respect to x1 and x2 for that of the joint.
  public func inputGradients(
    _ jointGradient: Tensor, through tape: Tape, on workers: Workers
  ) -> (x1: Tensor, x2: Tensor) {
    let clusters = tape.shape[3]
    precondition(
      jointGradient.shape == [side, side, clusters, clusters],
      "joint gradient \(jointGradient.shape), half-side \(halfSide), \(clusters) clusters")
    switch tape.maps {
    case .plain(let x1, let x2): return gradients(jointGradient, x1, x2, on: workers)
    case .spectra(let spectra): return spectra.inputGradients(jointGradient, on: workers)
    }
  }

  /// Displacements in one direction.
  var side: Int { 2 * halfSide + 1 }

  /// About how long the products take one core, forward and backward, in nanoseconds.
  private func productCost(of map: Tensor) -> Double {
    let clusters = Double(map.shape[3])
    return Double(side * side * map.count) * clusters * 6 / 100
  }
}
