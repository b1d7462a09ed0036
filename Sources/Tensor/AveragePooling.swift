import Kernels

/// The mean of each window of size × size pixels, without padding.
public struct AveragePooling: Sendable, Equatable {
  /// Side of the window.
  public let size: Int
  /// Distance between windows.
  public let stride: Int

  /// Traps unless both are positive.
  public init(size: Int, stride: Int) {
    precondition(size > 0 && stride > 0, "pooling of size \(size), stride \(stride)")
    self.size = size
    self.stride = stride
  }

  /// The means [n, h′, w′, c] of x [n, h, w, c]; h′ = (h − size) / stride + 1, likewise w′.
  public func forward(_ x: Tensor, on workers: Workers) -> Tensor {
    let (images, inputHeight, inputWidth, channels) = x.imageExtents
    let (height, width) = outputSize(x.shape)
    var output = Tensor(uninitialised: [images, height, width, channels], on: workers)
    let out = output.mutableElements()
    workers.split(images * height) { range, _ in
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: height)
        kernels_average_pool_row(
          x.elements + image * inputHeight * inputWidth * channels, inputWidth, row * stride, size,
          stride, out + line * width * channels, width, channels)
      }
    }
    return output
  }

  /// The gradient with respect to the input, of the shape `inputShape` [n, h, w, c].
  public func inputGradient(
    _ outputGradient: Tensor, inputShape: [Int], on workers: Workers
  ) -> Tensor {
    precondition(inputShape.count == 4, "pooling \(inputShape)")
    let (images, inputHeight, inputWidth, channels) = (
      inputShape[0], inputShape[1], inputShape[2], inputShape[3]
    )
    let (height, width) = outputSize(inputShape)
    precondition(
      outputGradient.shape == [images, height, width, channels],
      "output gradient \(outputGradient.shape), input \(inputShape)")
    var result = Tensor(shape: inputShape)
    let target = result.mutableElements()
    workers.split(images) { range, _ in
      for image in range {
        for row in 0..<height {
          kernels_average_pool_row_gradient(
            outputGradient.elements + (image * height + row) * width * channels, inputWidth,
            row * stride, size, stride, target + image * inputHeight * inputWidth * channels,
            width, channels)
        }
      }
    }
    return result
  }

  private func outputSize(_ shape: [Int]) -> (height: Int, width: Int) {
    precondition(
      shape[1] >= size && shape[2] >= size, "pooling \(shape) with windows of \(size)")
    return ((shape[1] - size) / stride + 1, (shape[2] - size) / stride + 1)
  }
}
