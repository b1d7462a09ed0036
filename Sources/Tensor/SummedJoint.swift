import Kernels

/// The joint distribution of two cluster maps, summed over every displacement of a square box
/// (paper section 3.3, equation 5).
///
/// The sum is that of x1 with x2's sums over the box, so that it takes one product. A box of one
/// displacement makes it the plain joint.
public struct SummedJoint: Sendable, Equatable {
  /// T: displacements run from −T to T in both directions.
  public let halfSide: Int

  /// A box of (2T + 1)² displacements. Traps if T is negative.
  public init(halfSide: Int) {
    precondition(halfSide >= 0, "half-side \(halfSide)")
    self.halfSide = halfSide
  }

  /// What the gradients need of the joint's computation.
  public struct Tape: Sendable {
    let x1: Tensor
    let secondSums: Tensor
  }

  /// P [k, k] of x1 and x2 [n, h, w, k], zeros outside:
  /// P[i][j] = Σ over |u|, |v| ≤ T of x1[n, y, x, i] · x2[n, y + u, x + v, j].
  public func forward(
    _ x1: Tensor, _ x2: Tensor, on workers: Workers
  ) -> (joint: Tensor, tape: Tape) {
    precondition(x1.shape == x2.shape, "joint of \(x1.shape) and \(x2.shape)")
    let (_, _, _, clusters) = x1.imageExtents
    let sums = boxSums(x2, on: workers)
    let pixels = x1.count / clusters
    let size = clusters * clusters
    var shares = Tensor(shape: [workers.threads, size])
    let target = shares.mutableElements()
    // Short stretches, for the cache and for float32's precision.
    let stretch = 256
    workers.split((pixels + stretch - 1) / stretch) { range, worker in
      for start in range.lazy.map({ $0 * stretch }) {
        MatrixProduct.multiply(
          rows: clusters, columns: clusters, inner: min(stretch, pixels - start),
          x1.elements + start * clusters, leading: clusters, transposed: true,
          sums.elements + start * clusters, leading: clusters, into: target + worker * size,
          leading: clusters, adding: true)
      }
    }
    var joint = Tensor(shape: [clusters, clusters])
    let out = joint.mutableElements()
    for worker in 0..<workers.threads {
      kernels_add_scaled(out, target + worker * size, 1, size)
    }
    return (joint, Tape(x1: x1, secondSums: sums))
  }

  /// The gradients with respect to x1 and x2 for that of the joint.
  public func inputGradients(
    _ jointGradient: Tensor, through tape: Tape, on workers: Workers
  ) -> (x1: Tensor, x2: Tensor) {
    let clusters = tape.x1.shape[3]
    precondition(
      jointGradient.shape == [clusters, clusters],
      "joint gradient \(jointGradient.shape), \(clusters) clusters")
    func product(_ map: Tensor, transposed: Bool) -> Tensor {
      Tensor.product(
        map.reshaped(to: [map.count / clusters, clusters]), transposed: false, jointGradient,
        transposed: transposed, on: workers
      ).reshaped(to: map.shape)
    }
    return (
      product(tape.secondSums, transposed: true),
      product(boxSums(tape.x1, on: workers), transposed: false)
    )
  }

  /// Each pixel's sum over the box around it [n, h, w, k], zeros outside. Plain sums: a running one
  /// would carry its rounding errors into places where there is nothing.
  private func boxSums(_ x: Tensor, on workers: Workers) -> Tensor {
    if halfSide == 0 { return x }
    let (images, height, width, clusters) = x.imageExtents
    let line = width * clusters
    var alongRows = Tensor(uninitialised: x.shape, on: workers)
    let between = alongRows.mutableElements()
    workers.split(images * height) { range, _ in
      for row in range {
        let (from, to) = (x.elements + row * line, between + row * line)
        to.update(from: from, count: line)
        for shift in 1..<max(1, min(halfSide + 1, width)) {
          let count = (width - shift) * clusters
          kernels_add_scaled(to, from + shift * clusters, 1, count)
          kernels_add_scaled(to + shift * clusters, from, 1, count)
        }
      }
    }
    var sums = Tensor(uninitialised: x.shape, on: workers)
    let target = sums.mutableElements()
    workers.split(images * height) { range, _ in
      for row in range {
        let (image, y) = row.quotientAndRemainder(dividingBy: height)
        let to = target + row * line
        to.update(from: between + row * line, count: line)
        for other in max(0, y - halfSide)..<min(height, y + halfSide + 1) where other != y {
          kernels_add_scaled(to, between + (image * height + other) * line, 1, line)
        }
      }
    }
    return sums
  }
}
