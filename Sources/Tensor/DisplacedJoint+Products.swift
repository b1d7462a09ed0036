import Kernels

// The joint as matrix products. Both maps are laid out with T zeros between rows and images, so
// that a displacement is a shift of the flat sequence of pixels. The 2T + 1 pixels that one pixel
// meets under one vertical displacement then lie side by side, and every (2T + 1)-th pixel's are
// the rows of a matrix as they lie in memory: all horizontal displacements take 2T + 1 products,
// and nothing is gathered.

extension DisplacedJoint {
  /// The joint as products of x1 with x2's displaced pixels.
  func joint(_ x1: Tensor, _ x2: Tensor, on workers: Workers) -> Tensor {
    let layout = Layout(x1, reach: halfSide)
    let (k, reach) = (layout.clusters, halfSide)
    let (first, second) = (layout.spread(x1, on: workers), layout.spread(x2, on: workers))
    // [2T + 1 vertical][k][(2T + 1) · k], each worker's own share of the pixels. The sum is cut
    // into short stretches for the sake of the cache and of float32's precision.
    let size = side * side * k * k
    var partial = Tensor(shape: [workers.threads, size])
    let sums = partial.mutableElements()
    let stretch = side * Self.rowsOfProduct
    workers.split((layout.pixels + stretch - 1) / stretch) { range, worker in
      for start in range.lazy.map({ $0 * stretch }) {
        for vertical in 0..<side {
          let shift = (vertical - reach) * layout.pitch - reach
          for phase in 0..<side {
            let place = layout.margin + start + phase
            let rows = (min(stretch, layout.pixels - start) - phase + side - 1) / side
            guard rows > 0 else { continue }
            MatrixProduct.multiply(
              rows: k, columns: side * k, inner: rows,
              first.elements + place * k, leading: side * k, transposed: true,
              second.elements + (place + shift) * k, leading: side * k,
              into: sums + worker * size + vertical * k * side * k, leading: side * k,
              adding: true)
          }
        }
      }
    }
    // [vertical][i][horizontal][j] → [vertical][horizontal][i][j], the workers' shares added up.
    var joint = Tensor(uninitialised: [side, side, k, k], on: workers)
    let out = joint.mutableElements()
    for vertical in 0..<side {
      for horizontal in 0..<side {
        for i in 0..<k {
          for j in 0..<k {
            let from = ((vertical * k + i) * side + horizontal) * k + j
            var sum: Float = 0
            for worker in 0..<workers.threads { sum += sums[worker * size + from] }
            out[((vertical * side + horizontal) * k + i) * k + j] = sum
          }
        }
      }
    }
    return joint
  }

  /// The gradients of x1 and x2 for that of the joint, as products with its matrices.
  func gradients(
    _ jointGradient: Tensor, _ x1: Tensor, _ x2: Tensor, on workers: Workers
  ) -> (x1: Tensor, x2: Tensor) {
    let layout = Layout(x1, reach: halfSide)
    let k = layout.clusters
    let (first, second) = (layout.spread(x1, on: workers), layout.spread(x2, on: workers))
    // dx1[p, i] = Σ over u, v, j of dP[u][v][i][j] · x2[p + (u, v), j], and
    // dx2[p, j] = Σ over u, v, i of dP[u][v][i][j] · x1[p − (u, v), i]: the same product, with the
    // displacements run through backwards and clusters swapped.
    var forwards = Tensor(uninitialised: [side, side * k, k], on: workers)
    var backwards = Tensor(uninitialised: [side, side * k, k], on: workers)
    let (ahead, back) = (forwards.mutableElements(), backwards.mutableElements())
    for vertical in 0..<side {
      for horizontal in 0..<side {
        let from = jointGradient.elements + (vertical * side + horizontal) * k * k
        let mirrored = (side - 1 - vertical) * side + (side - 1 - horizontal)
        kernels_transpose(from, ahead + (vertical * side + horizontal) * k * k, k, k)
        (back + mirrored * k * k).update(from: from, count: k * k)
      }
    }
    return (
      correlate(second, forwards, layout, on: workers),
      correlate(first, backwards, layout, on: workers)
    )
  }

  /// Few enough for the maps' stretch to stay in the cache, enough for the product to be worth it.
  private static let rowsOfProduct = 128

  /// Σ over displacements of the spread map's displaced pixels times that displacement's matrix,
  /// back in the shape [n, h, w, k].
  private func correlate(
    _ spread: Tensor, _ matrices: Tensor, _ layout: Layout, on workers: Workers
  ) -> Tensor {
    let (k, reach) = (layout.clusters, halfSide)
    var everywhere = Tensor(uninitialised: [layout.pixels, k], on: workers)
    let out = everywhere.mutableElements()
    let stretch = side * Self.rowsOfProduct
    workers.split((layout.pixels + stretch - 1) / stretch) { range, _ in
      for start in range.lazy.map({ $0 * stretch }) {
        for phase in 0..<side {
          let rows = (min(stretch, layout.pixels - start) - phase + side - 1) / side
          guard rows > 0 else { continue }
          for vertical in 0..<side {
            let place =
              layout.margin + start + phase + (vertical - reach) * layout.pitch - reach
            MatrixProduct.multiply(
              rows: rows, columns: k, inner: side * k,
              spread.elements + place * k, leading: side * k,
              matrices.elements + vertical * side * k * k, leading: k,
              into: out + (start + phase) * k, leading: side * k, adding: vertical > 0)
          }
        }
      }
    }
    return layout.gather(everywhere, on: workers)
  }

  /// Where pixels lie in the flat sequence: rows `pitch` apart, T rows of zeros between images, and
  /// a margin of zeros before the first and after the last.
  private struct Layout {
    let images: Int
    let height: Int
    let width: Int
    let clusters: Int
    let reach: Int

    init(_ map: Tensor, reach: Int) {
      (images, height, width, clusters) = map.imageExtents
      self.reach = reach
    }

    var pitch: Int { width + reach }
    /// Enough that the last row of a product, which may reach past the last pixel, stays inside.
    var margin: Int { reach * pitch + 3 * reach + 1 }
    var pixels: Int { images * (height + reach) * pitch }

    func start(ofLine line: Int) -> Int {
      let (image, row) = line.quotientAndRemainder(dividingBy: height)
      return (image * (height + reach) + row) * pitch
    }

    func spread(_ x: Tensor, on workers: Workers) -> Tensor {
      var result = Tensor(uninitialised: [pixels + 2 * margin, clusters], on: workers)
      result.fill(with: 0)
      let target = result.mutableElements()
      workers.split(images * height) { range, _ in
        for line in range {
          (target + (margin + start(ofLine: line)) * clusters).update(
            from: x.elements + line * width * clusters, count: width * clusters)
        }
      }
      return result
    }

    /// The pixels without the zeros between: [n, h, w, k].
    func gather(_ spread: Tensor, on workers: Workers) -> Tensor {
      var result = Tensor(uninitialised: [images, height, width, clusters], on: workers)
      let target = result.mutableElements()
      workers.split(images * height) { range, _ in
        for line in range {
          (target + line * width * clusters).update(
            from: spread.elements + start(ofLine: line) * clusters, count: width * clusters)
        }
      }
      return result
    }
  }
}
