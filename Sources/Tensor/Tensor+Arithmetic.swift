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

  /// Adds a number to each element, on the calling thread: for a few of them, such as one a channel.
  mutating func add(_ numbers: [Double]) {
    precondition(numbers.count == count, "adding \(numbers.count) numbers to \(shape)")
    withMutableSpan { elements in
      for index in numbers.indices { elements[index] += Float(numbers[index]) }
    }
  }

  /// Sets every element to `value`.
  public mutating func fill(with value: Float, on workers: Workers) {
    let target = mutableElements()
    workers.split(count) { range, _ in
      (target + range.lowerBound).update(repeating: value, count: range.count)
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
    checkPixelWeights(weights)
    let (images, height, width, channels) = imageExtents
    let target = mutableElements()
    workers.split(images * height * width) { range, _ in
      kernels_scale_rows(
        target + range.lowerBound * channels, weights.elements + range.lowerBound, range.count,
        channels)
    }
  }

  /// The image [n, h, w, c] with each pixel's channels multiplied by its weight, [n, h, w, 1].
  public func withPixelsMultiplied(by weights: Tensor, on workers: Workers) -> Tensor {
    checkPixelWeights(weights)
    let (images, height, width, channels) = imageExtents
    var result = Tensor(uninitialised: shape, on: workers)
    let target = result.mutableElements()
    workers.split(images * height * width) { range, _ in
      // A piece at a time, which is still in the cache when it is multiplied.
      for start in stride(from: range.lowerBound, to: range.upperBound, by: 64) {
        let (at, count) = (start * channels, min(64, range.upperBound - start))
        (target + at).update(from: elements + at, count: count * channels)
        kernels_scale_rows(target + at, weights.elements + start, count, channels)
      }
    }
    return result
  }

  private func checkPixelWeights(_ weights: Tensor) {
    let (images, height, width, _) = imageExtents
    precondition(
      weights.shape == [images, height, width, 1], "weights \(weights.shape) for \(shape)")
  }
}
