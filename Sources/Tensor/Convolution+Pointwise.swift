// A 1×1 convolution is a matrix product of the pixels with the weight. What it pads by sees no
// input, so that no padded copy is made.

extension Convolution {
  /// A 1×1 convolution is one product over all pixels.
  func pointwise(
    _ input: Tensor, _ weight: Tensor, _ shape: [Int], on workers: Workers
  ) -> Tensor {
    Tensor.product(
      input.reshaped(to: [input.count / inputChannels, inputChannels]),
      weight.reshaped(to: [inputChannels, outputChannels]), on: workers
    ).reshaped(to: shape)
  }

  /// With padding: the product of each row of pixels, zeros around.
  func paddedPointwise(
    _ input: Tensor, _ weight: Tensor, _ shape: [Int], on workers: Workers
  ) -> Tensor {
    let (_, inputHeight, inputWidth, _) = input.imageExtents
    let (height, width) = (shape[1], shape[2])
    var output = Tensor(uninitialised: shape, on: workers)
    let target = output.mutableElements()
    workers.split(shape[0] * height) { range, _ in
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: height)
        let out = target + line * width * outputChannels
        let inputRow = row - padding
        guard (0..<inputHeight).contains(inputRow) else {
          out.update(repeating: 0, count: width * outputChannels)
          continue
        }
        let margin = padding * outputChannels
        out.update(repeating: 0, count: margin)
        (out + margin + inputWidth * outputChannels).update(repeating: 0, count: margin)
        MatrixProduct.multiply(
          rows: inputWidth, columns: outputChannels, inner: inputChannels,
          input.elements + (image * inputHeight + inputRow) * inputWidth * inputChannels,
          leading: inputChannels, weight.elements, leading: outputChannels, into: out + margin,
          leading: outputChannels)
      }
    }
    return output
  }

  /// The pixels that a product of the weight's gradient sums over at once.
  private static let pixelsAtOnce = 256

  func addPointwiseWeightGradient(
    _ outputGradient: Tensor, _ input: Tensor, _ gradient: inout Tensor, on workers: Workers
  ) {
    let (images, height, width, _) = input.imageExtents
    let inner = outputGradient.cropped(
      rows: padding..<padding + height, columns: padding..<padding + width, on: workers)
    let pixels = images * height * width
    let stretches = (pixels + Self.pixelsAtOnce - 1) / Self.pixelsAtOnce
    let size = gradient.count
    var partial = Tensor(uninitialised: [workers.threads] + weightShape, on: workers)
    let sums = partial.mutableElements()
    workers.split(stretches) { range, worker in
      for stretch in range {
        let start = stretch * Self.pixelsAtOnce
        MatrixProduct.multiply(
          rows: inputChannels, columns: outputChannels,
          inner: min(Self.pixelsAtOnce, pixels - start), input.elements + start * inputChannels,
          leading: inputChannels, transposed: true, inner.elements + start * outputChannels,
          leading: outputChannels, into: sums + worker * size, leading: outputChannels,
          adding: stretch > range.lowerBound)
      }
    }
    addShares(partial, of: min(workers.threads, stretches), into: &gradient, on: workers)
  }
}
