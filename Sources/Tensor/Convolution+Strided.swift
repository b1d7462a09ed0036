import Kernels

// Convolutions that skip pixels (stride above 1): the taps of a block of output pixels are gathered
// into the rows of a matrix (im2col), which one product takes to the output. Blocks run over rows
// and images alike, since a strided layer's rows are short.

extension Convolution {
  func stridedForward(
    _ input: Tensor, _ weight: Tensor, _ shape: [Int], on workers: Workers
  ) -> Tensor {
    let windows = StridedWindows(self, inputShape: input.shape, outputShape: shape)
    let length = windows.length
    var output = Tensor(uninitialised: shape, on: workers)
    let target = output.mutableElements()
    var scratch = Tensor(uninitialised: [workers.threads, windows.block * length], on: workers)
    let columns = scratch.mutableElements()
    workers.split(windows.pixels) { range, worker in
      let columns = columns + worker * windows.block * length
      for block in windows.blocks(of: range) {
        windows.gather(block, rows: 0..<length, of: input.elements, into: columns)
        MatrixProduct.multiply(
          rows: block.count, columns: outputChannels, inner: length, columns, leading: length,
          weight.elements, leading: outputChannels,
          into: target + block.lowerBound * outputChannels, leading: outputChannels)
      }
    }
    return output
  }

  func stridedInputGradient(
    _ outputGradient: Tensor, _ weight: Tensor, _ inputShape: [Int], on workers: Workers
  ) -> Tensor {
    let windows = StridedWindows(
      self, inputShape: inputShape, outputShape: outputGradient.shape)
    let length = windows.length
    var gradient = Tensor(uninitialised: inputShape, on: workers)
    let target = gradient.mutableElements()
    var scratch = Tensor(uninitialised: [workers.threads, windows.block * length], on: workers)
    let columns = scratch.mutableElements()
    let size = inputShape.dropFirst().reduce(1, *)
    let pixels = windows.pixels / inputShape[0]
    // Windows share pixels, so those of one image are one worker's.
    workers.split(inputShape[0]) { images, worker in
      let columns = columns + worker * windows.block * length
      (target + images.lowerBound * size).update(repeating: 0, count: images.count * size)
      for block in windows.blocks(of: images.lowerBound * pixels..<images.upperBound * pixels) {
        MatrixProduct.multiply(
          rows: block.count, columns: length, inner: outputChannels,
          outputGradient.elements + block.lowerBound * outputChannels, leading: outputChannels,
          transposed: false, weight.elements, leading: outputChannels, transposed: true,
          into: columns, leading: length)
        windows.scatter(columns, block, into: target)
      }
    }
    return gradient
  }

  func addStridedWeightGradient(
    _ outputGradient: Tensor, _ input: Tensor, _ gradient: inout Tensor, on workers: Workers
  ) {
    let windows = StridedWindows(
      self, inputShape: input.shape, outputShape: outputGradient.shape)
    let target = gradient.mutableElements()
    var scratch = Tensor(
      uninitialised: [workers.threads, windows.block * windows.length], on: workers)
    let columns = scratch.mutableElements()
    // Each worker sums its own rows of the weights over all pixels, so nothing is added up after.
    workers.split(windows.length) { rows, worker in
      let columns = columns + worker * windows.block * windows.length
      for block in windows.blocks(of: 0..<windows.pixels) {
        windows.gather(block, rows: rows, of: input.elements, into: columns)
        MatrixProduct.multiply(
          rows: rows.count, columns: outputChannels, inner: block.count, columns,
          leading: rows.count, transposed: true,
          outputGradient.elements + block.lowerBound * outputChannels, leading: outputChannels,
          into: target + rows.lowerBound * outputChannels, leading: outputChannels, adding: true)
      }
    }
  }
}

/// The input pixels that each output pixel's taps see.
private struct StridedWindows {
  private let convolution: Convolution
  private let inputHeight: Int
  private let inputWidth: Int
  private let height: Int
  private let width: Int
  /// Output pixels of all images.
  let pixels: Int
  /// Output pixels that go through a product at once: what their taps fill is a few MiB.
  let block: Int

  init(_ convolution: Convolution, inputShape: [Int], outputShape: [Int]) {
    self.convolution = convolution
    (inputHeight, inputWidth) = (inputShape[1], inputShape[2])
    (height, width) = (outputShape[1], outputShape[2])
    pixels = outputShape[0] * height * width
    let length = convolution.kernelSize * convolution.kernelSize * convolution.inputChannels
    block = min(pixels, max(16, (1 << 20) / length))
  }

  /// The numbers that one output pixel's taps see, and rows of the weights as a matrix.
  var length: Int {
    convolution.kernelSize * convolution.kernelSize * convolution.inputChannels
  }

  /// The range cut into blocks.
  func blocks(of range: Range<Int>) -> some Sequence<Range<Int>> {
    Swift.stride(from: range.lowerBound, to: range.upperBound, by: block).lazy.map {
      $0..<min($0 + block, range.upperBound)
    }
  }

  /// Writes the rows `rows` of what each pixel's taps see to `columns` [pixels, rows]; zeros
  /// outside the image.
  func gather(
    _ pixels: Range<Int>, rows: Range<Int>, of input: UnsafePointer<Float>,
    into columns: UnsafeMutablePointer<Float>
  ) {
    let channels = convolution.inputChannels
    let taps = rows.lowerBound / channels...(rows.upperBound - 1) / channels
    var target = columns
    for pixel in pixels {
      for tap in taps {
        let first = max(rows.lowerBound - tap * channels, 0)
        let count = min(rows.upperBound - tap * channels, channels) - first
        if let source = offset(of: tap, at: pixel) {
          target.update(from: input + source + first, count: count)
        } else {
          target.update(repeating: 0, count: count)
        }
        target += count
      }
    }
  }

  /// Adds `columns` [pixels, length] to the pixels that the taps see.
  func scatter(
    _ columns: UnsafePointer<Float>, _ pixels: Range<Int>,
    into target: UnsafeMutablePointer<Float>
  ) {
    let channels = convolution.inputChannels
    var source = columns
    for pixel in pixels {
      for tap in 0..<convolution.kernelSize * convolution.kernelSize {
        if let to = offset(of: tap, at: pixel) {
          kernels_add_scaled(target + to, source, 1, channels)
        }
        source += channels
      }
    }
  }

  /// Where in the input the first channel lies that a tap sees at an output pixel; nil outside.
  @inline(__always)
  private func offset(of tap: Int, at pixel: Int) -> Int? {
    let (line, column) = pixel.quotientAndRemainder(dividingBy: width)
    let (image, row) = line.quotientAndRemainder(dividingBy: height)
    let (tapRow, tapColumn) = tap.quotientAndRemainder(dividingBy: convolution.kernelSize)
    let y = row * convolution.stride + tapRow * convolution.dilation - convolution.padding
    let x = column * convolution.stride + tapColumn * convolution.dilation - convolution.padding
    guard y >= 0, y < inputHeight, x >= 0, x < inputWidth else { return nil }
    return ((image * inputHeight + y) * inputWidth + x) * convolution.inputChannels
  }
}
