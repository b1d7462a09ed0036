import Kernels

extension Tensor {
  /// Adds `factor` times another tensor of the same shape, element by element.
  public mutating func add(_ other: Tensor, scaledBy factor: Float = 1, on workers: Workers) {
    precondition(shape == other.shape, "adding \(other.shape) to \(shape)")
    let target = mutableElements()
    workers.split(count) { range, _ in
      kernels_add_scaled(
        target + range.lowerBound, other.elements + range.lowerBound, factor, range.count)
    }
  }

  /// Multiplies every element by `factor`.
  public mutating func scale(by factor: Float, on workers: Workers) {
    let target = mutableElements()
    workers.split(count) { range, _ in
      kernels_scale(target + range.lowerBound, factor, range.count)
    }
  }

  /// Multiplies each pixel's channels by its weight: an image [n, h, w, c] by weights [n, h, w, 1].
  public mutating func multiplyPixels(by weights: Tensor, on workers: Workers) {
    let (images, height, width, channels) = imageExtents
    precondition(
      weights.shape == [images, height, width, 1], "weights \(weights.shape) for \(shape)")
    let target = mutableElements()
    workers.split(images * height * width) { range, _ in
      kernels_scale_rows(
        target + range.lowerBound * channels, weights.elements + range.lowerBound, range.count,
        channels)
    }
  }
}
