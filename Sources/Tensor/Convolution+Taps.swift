// One matrix product per kernel tap: the tap's pixels of a row of the zero-padded image are a
// matrix as they lie in memory, so nothing is gathered.

extension Convolution {
  func tapForward(
    _ input: Tensor, _ weight: Tensor, _ shape: [Int], on workers: Workers
  ) -> Tensor {
    if kernelSize == 1 { return paddedPointwise(input, weight, shape, on: workers) }
    let padded = input.padded(by: padding, on: workers)
    let (paddedHeight, paddedWidth) = (padded.shape[1], padded.shape[2])
    let (height, width) = (shape[1], shape[2])
    var output = Tensor(uninitialised: shape, on: workers)
    let target = output.mutableElements()
    workers.split(shape[0] * height) { range, _ in
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: height)
        for tap in 0..<kernelSize * kernelSize {
          let (tapRow, tapColumn) = tap.quotientAndRemainder(dividingBy: kernelSize)
          let source =
            (image * paddedHeight + row + tapRow * dilation) * paddedWidth + tapColumn * dilation
          MatrixProduct.multiply(
            rows: width, columns: outputChannels, inner: inputChannels,
            padded.elements + source * inputChannels, leading: inputChannels,
            weight.elements + tap * inputChannels * outputChannels, leading: outputChannels,
            into: target + line * width * outputChannels, leading: outputChannels,
            adding: tap > 0)
        }
      }
    }
    return output
  }

  func addTapWeightGradient(
    _ outputGradient: Tensor, _ input: Tensor, _ gradient: inout Tensor, on workers: Workers
  ) {
    if kernelSize == 1 {
      return addPointwiseWeightGradient(outputGradient, input, &gradient, on: workers)
    }
    let padded = input.padded(by: padding, on: workers)
    let (paddedHeight, paddedWidth) = (padded.shape[1], padded.shape[2])
    let (images, height, width, _) = outputGradient.imageExtents
    var partial = Tensor(uninitialised: [workers.threads] + weightShape, on: workers)
    let sums = partial.mutableElements()
    let size = gradient.count
    let chunks = min(workers.threads, images * height)
    workers.split(images * height) { range, worker in
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: height)
        for tap in 0..<kernelSize * kernelSize {
          let (tapRow, tapColumn) = tap.quotientAndRemainder(dividingBy: kernelSize)
          let source =
            (image * paddedHeight + row + tapRow * dilation) * paddedWidth + tapColumn * dilation
          MatrixProduct.multiply(
            rows: inputChannels, columns: outputChannels, inner: width,
            padded.elements + source * inputChannels, leading: inputChannels, transposed: true,
            outputGradient.elements + line * width * outputChannels, leading: outputChannels,
            into: sums + worker * size + tap * inputChannels * outputChannels,
            leading: outputChannels, adding: line > range.lowerBound)
        }
      }
    }
    addShares(partial, of: chunks, into: &gradient, on: workers)
  }
}
