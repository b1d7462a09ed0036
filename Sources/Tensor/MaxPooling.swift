import Kernels

/// The largest value of each window of size × size pixels.
public struct MaxPooling: Sendable, Equatable {
  /// Side of the window.
  public let size: Int
  /// Distance between windows.
  public let stride: Int
  /// Pixels added on each side, which are never the largest.
  public let padding: Int

  /// Traps unless the padding is at most half the window, as in PyTorch.
  public init(size: Int, stride: Int, padding: Int = 0) {
    precondition(
      size > 0 && stride > 0 && padding >= 0 && 2 * padding <= size,
      "pooling of size \(size), stride \(stride), padding \(padding)")
    self.size = size
    self.stride = stride
    self.padding = padding
  }

  /// Height and width of the output for those of the input.
  public func outputSize(height: Int, width: Int) -> (height: Int, width: Int) {
    (
      (height + 2 * padding - size) / stride + 1, (width + 2 * padding - size) / stride + 1
    )
  }

  /// The maxima [n, h′, w′, c] of x [n, h, w, c].
  public func forward(_ x: Tensor, on workers: Workers) -> Tensor {
    let (images, inputHeight, inputWidth, channels) = x.imageExtents
    precondition(
      inputHeight + 2 * padding >= size && inputWidth + 2 * padding >= size,
      "pooling \(x.shape) with windows of \(size)")
    let (height, width) = outputSize(height: inputHeight, width: inputWidth)
    var output = Tensor(uninitialised: [images, height, width, channels], on: workers)
    let out = output.mutableElements()
    workers.split(images * height) { range, _ in
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: height)
        let (top, bottom) = span(row, inputHeight)
        kernels_max_pool_row(
          x.elements + image * inputHeight * inputWidth * channels, inputWidth, top, bottom, size,
          stride, padding, out + line * width * channels, width, channels)
      }
    }
    return output
  }

  /// The gradient with respect to the input x: each window's goes to its largest pixel, to the
  /// first of equals in reading order.
  public func inputGradient(_ outputGradient: Tensor, input x: Tensor, on workers: Workers)
    -> Tensor
  {
    let (images, inputHeight, inputWidth, channels) = x.imageExtents
    let (height, width) = outputSize(height: inputHeight, width: inputWidth)
    precondition(
      outputGradient.shape == [images, height, width, channels],
      "output gradient \(outputGradient.shape), input \(x.shape)")
    var result = Tensor(uninitialised: x.shape, on: workers)
    let target = result.mutableElements()
    // Overlapping windows share pixels, so the rows of one image are one worker's.
    workers.split(images) { range, _ in
      for image in range {
        let plane = image * inputHeight * inputWidth * channels
        (target + plane).update(repeating: 0, count: inputHeight * inputWidth * channels)
        for row in 0..<height {
          let (top, bottom) = span(row, inputHeight)
          kernels_max_pool_row_gradient(
            outputGradient.elements + (image * height + row) * width * channels,
            x.elements + plane, inputWidth, top, bottom, size, stride, padding, target + plane,
            width, channels)
        }
      }
    }
    return result
  }

  private func span(_ row: Int, _ inputHeight: Int) -> (Int, Int) {
    let start = row * stride - padding
    return (max(start, 0), min(start + size, inputHeight))
  }
}
