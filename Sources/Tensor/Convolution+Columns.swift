import Kernels

// All taps of a pixel gathered into one row of a small matrix (im2col), a few image rows at a time
// so that it stays in the processor's cache.

extension Convolution {
  private var columnLength: Int { kernelSize * kernelSize * inputChannels }

  /// Gathers the taps of one output row into `columns` [width, k·k·inputChannels].
  @inline(__always)
  private func gather(
    _ padded: Tensor, image: Int, row: Int, width: Int, into columns: UnsafeMutablePointer<Float>
  ) {
    let (paddedHeight, paddedWidth) = (padded.shape[1], padded.shape[2])
    kernels_gather_taps(
      padded.elements + (image * paddedHeight + row) * paddedWidth * inputChannels, paddedWidth,
      width, inputChannels, kernelSize, dilation, columns)
  }

  func columnForward(
    _ input: Tensor, _ weight: Tensor, _ shape: [Int], on workers: Workers
  ) -> Tensor {
    let padded = input.padded(by: padding, on: workers)
    let (height, width) = (shape[1], shape[2])
    let length = columnLength
    var output = Tensor(uninitialised: shape, on: workers)
    let target = output.mutableElements()
    var scratch = Tensor(uninitialised: [workers.threads, width, length], on: workers)
    let columns = scratch.mutableElements()
    workers.split(shape[0] * height) { range, worker in
      let columns = columns + worker * width * length
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: height)
        gather(padded, image: image, row: row, width: width, into: columns)
        MatrixProduct.multiply(
          rows: width, columns: outputChannels, inner: length, columns, leading: length,
          weight.elements, leading: outputChannels,
          into: target + line * width * outputChannels, leading: outputChannels)
      }
    }
    return output
  }

  func addColumnWeightGradient(
    _ outputGradient: Tensor, _ input: Tensor, _ gradient: inout Tensor, on workers: Workers
  ) {
    let padded = input.padded(by: padding, on: workers)
    let (images, height, width, _) = outputGradient.imageExtents
    let length = columnLength
    let size = gradient.count
    var partial = Tensor(uninitialised: [workers.threads] + weightShape, on: workers)
    let sums = partial.mutableElements()
    var scratch = Tensor(uninitialised: [workers.threads, width, length], on: workers)
    let columns = scratch.mutableElements()
    let chunks = min(workers.threads, images * height)
    workers.split(images * height) { range, worker in
      let columns = columns + worker * width * length
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: height)
        gather(padded, image: image, row: row, width: width, into: columns)
        MatrixProduct.multiply(
          rows: length, columns: outputChannels, inner: width, columns, leading: length,
          transposed: true, outputGradient.elements + line * width * outputChannels,
          leading: outputChannels, into: sums + worker * size, leading: outputChannels,
          adding: line > range.lowerBound)
      }
    }
    addShares(partial, of: chunks, into: &gradient, on: workers)
  }
}
