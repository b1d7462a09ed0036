import Kernels

// 3×3 convolutions by Winograd's minimal filtering F(4×4, 3×3): each output tile of 4×4 pixels
// takes 36 multiplications a channel pair instead of 144, done as 36 matrix products over a block
// of tiles that stays in the processor's cache.

extension Convolution {
  func winogradForward(
    _ input: Tensor, _ weight: Tensor, _ shape: [Int], on workers: Workers
  ) -> Tensor {
    let points = weightPoints(weight, on: workers)
    let tiles = WinogradTiles(self, inputShape: input.shape, outputShape: shape)
    let (images, block) = (shape[0], tiles.block)
    var output = Tensor(uninitialised: shape, on: workers)
    let target = output.mutableElements()
    let (inputSize, outputSize) = (block * inputChannels, block * outputChannels)
    var scratch = Tensor(
      uninitialised: [workers.threads, 36 * (inputSize + outputSize)], on: workers)
    let buffers = scratch.mutableElements()
    let zeros = [Float](repeating: 0, count: inputChannels)
    workers.split(tiles.blocks(of: images)) { range, worker in
      let inputPoints = buffers + worker * 36 * (inputSize + outputSize)
      let outputPoints = inputPoints + 36 * inputSize
      zeros.withUnsafeBufferPointer { zeros in
        for number in range {
          let members = tiles.members(ofBlock: number, images: images)
          for (place, tile) in members.enumerated() {
            tiles.withInputPixels(tile, of: input.elements, zeros: zeros.baseAddress!) {
              kernels_winograd_input(
                $0, inputChannels, inputPoints + place * inputChannels, inputSize)
            }
          }
          for point in 0..<36 {
            MatrixProduct.multiply(
              rows: members.count, columns: outputChannels, inner: inputChannels,
              inputPoints + point * inputSize, leading: inputChannels,
              points.elements + point * inputChannels * outputChannels, leading: outputChannels,
              into: outputPoints + point * outputSize, leading: outputChannels)
          }
          for (place, tile) in members.enumerated() {
            tiles.withOutputPixels(tile, of: target) {
              kernels_winograd_output(
                outputPoints + place * outputChannels, outputSize, outputChannels, $0)
            }
          }
        }
      }
    }
    return output
  }

  func addWinogradWeightGradient(
    _ outputGradient: Tensor, _ input: Tensor, _ gradient: inout Tensor, on workers: Workers
  ) {
    let tiles = WinogradTiles(self, inputShape: input.shape, outputShape: outputGradient.shape)
    let (images, block) = (input.shape[0], tiles.block)
    let (inputSize, outputSize) = (block * inputChannels, block * outputChannels)
    var scratch = Tensor(
      uninitialised: [workers.threads, 36 * (inputSize + outputSize)], on: workers)
    let buffers = scratch.mutableElements()
    let size = inputChannels * outputChannels
    var partial = Tensor(uninitialised: [workers.threads, 36 * size], on: workers)
    let sums = partial.mutableElements()
    let zeros = [Float](repeating: 0, count: max(inputChannels, outputChannels))
    let blocks = tiles.blocks(of: images)
    workers.split(blocks) { range, worker in
      let inputPoints = buffers + worker * 36 * (inputSize + outputSize)
      let outputPoints = inputPoints + 36 * inputSize
      zeros.withUnsafeBufferPointer { zeros in
        for number in range {
          let members = tiles.members(ofBlock: number, images: images)
          for (place, tile) in members.enumerated() {
            tiles.withInputPixels(tile, of: input.elements, zeros: zeros.baseAddress!) {
              kernels_winograd_input(
                $0, inputChannels, inputPoints + place * inputChannels, inputSize)
            }
            tiles.withGradientPixels(
              tile, of: outputGradient.elements, zeros: zeros.baseAddress!
            ) {
              kernels_winograd_gradient(
                $0, outputChannels, outputPoints + place * outputChannels, outputSize)
            }
          }
          for point in 0..<36 {
            MatrixProduct.multiply(
              rows: inputChannels, columns: outputChannels, inner: members.count,
              inputPoints + point * inputSize, leading: inputChannels, transposed: true,
              outputPoints + point * outputSize, leading: outputChannels,
              into: sums + (worker * 36 + point) * size, leading: outputChannels,
              adding: number > range.lowerBound)
          }
        }
      }
    }
    let shares = min(workers.threads, blocks)
    let target = gradient.mutableElements()
    workers.split(size) { range, _ in
      for worker in 0..<shares {
        kernels_winograd_weight_gradient(
          sums + worker * 36 * size, size, target, range.lowerBound, range.upperBound)
      }
    }
  }

  /// The weights at the 36 points: [36, inputChannels, outputChannels].
  private func weightPoints(_ weight: Tensor, on workers: Workers) -> Tensor {
    let size = inputChannels * outputChannels
    var points = Tensor(uninitialised: [36, inputChannels, outputChannels], on: workers)
    let target = points.mutableElements()
    workers.split(size) { range, _ in
      kernels_winograd_weight(weight.elements, size, target, range.lowerBound, range.upperBound)
    }
    return points
  }
}

/// How an output is covered with tiles of 4×4 pixels. A dilated convolution is several interleaved
/// ones, so the pixels of a tile lie `dilation` apart.
private struct WinogradTiles {
  struct Tile {
    let image: Int
    /// The first output pixel.
    let row: Int
    let column: Int
  }

  private let convolution: Convolution
  private let inputHeight: Int
  private let inputWidth: Int
  private let height: Int
  private let width: Int
  private let rows: [Int]
  private let columns: [Int]
  /// How many tiles go through the products at once.
  let block: Int

  init(_ convolution: Convolution, inputShape: [Int], outputShape: [Int]) {
    self.convolution = convolution
    (inputHeight, inputWidth) = (inputShape[1], inputShape[2])
    (height, width) = (outputShape[1], outputShape[2])
    let starts = { (extent: Int) in
      (0..<convolution.dilation).flatMap {
        Array(stride(from: $0, to: extent, by: 4 * convolution.dilation))
      }
    }
    (rows, columns) = (starts(height), starts(width))
    // The points of a block stay in the second-level cache while the weights' points stay in the
    // third; where the weights are too large for that, larger blocks read them less often.
    let channels = convolution.inputChannels + convolution.outputChannels
    let weights = convolution.inputChannels * convolution.outputChannels
    block = weights > 65536 ? 160 : max(14, min(128, (900 << 10) / (36 * 4 * channels)))
  }

  private var tilesPerImage: Int { rows.count * columns.count }

  func blocks(of images: Int) -> Int { (images * tilesPerImage + block - 1) / block }

  func members(ofBlock number: Int, images: Int) -> [Tile] {
    (number * block..<min((number + 1) * block, images * tilesPerImage)).map {
      let (image, rest) = $0.quotientAndRemainder(dividingBy: tilesPerImage)
      let (row, column) = rest.quotientAndRemainder(dividingBy: columns.count)
      return Tile(image: image, row: rows[row], column: columns[column])
    }
  }

  /// The addresses of a tile's 6×6 input pixels, those outside the image being `zeros`.
  @inline(__always)
  func withInputPixels(
    _ tile: Tile, of input: UnsafePointer<Float>, zeros: UnsafePointer<Float>,
    _ body: (UnsafePointer<UnsafePointer<Float>?>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: 36) { pixels in
      let channels = convolution.inputChannels
      let image = input + tile.image * inputHeight * inputWidth * channels
      for y in 0..<6 {
        let row = tile.row - convolution.padding + y * convolution.dilation
        for x in 0..<6 {
          let column = tile.column - convolution.padding + x * convolution.dilation
          let inside = row >= 0 && row < inputHeight && column >= 0 && column < inputWidth
          pixels.initializeElement(
            at: y * 6 + x, to: inside ? image + (row * inputWidth + column) * channels : zeros)
        }
      }
      body(pixels.baseAddress!)
    }
  }

  /// The addresses of a tile's 4×4 output pixels, those outside the image being absent.
  @inline(__always)
  func withOutputPixels(
    _ tile: Tile, of output: UnsafeMutablePointer<Float>,
    _ body: (UnsafePointer<UnsafeMutablePointer<Float>?>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Float>?.self, capacity: 16) { pixels in
      for (index, offset) in outputOffsets(tile).enumerated() {
        pixels.initializeElement(at: index, to: offset.map { output + $0 })
      }
      body(pixels.baseAddress!)
    }
  }

  /// The addresses of the output gradient's 4×4 pixels, those outside the image being `zeros`.
  @inline(__always)
  func withGradientPixels(
    _ tile: Tile, of gradient: UnsafePointer<Float>, zeros: UnsafePointer<Float>,
    _ body: (UnsafePointer<UnsafePointer<Float>?>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: 16) { pixels in
      for (index, offset) in outputOffsets(tile).enumerated() {
        pixels.initializeElement(at: index, to: offset.map { gradient + $0 } ?? zeros)
      }
      body(pixels.baseAddress!)
    }
  }

  @inline(__always)
  private func outputOffsets(_ tile: Tile) -> some Sequence<Int?> {
    (0..<16).lazy.map { index in
      let row = tile.row + index / 4 * convolution.dilation
      let column = tile.column + index % 4 * convolution.dilation
      guard row < height && column < width else { return nil }
      return ((tile.image * height + row) * width + column) * convolution.outputChannels
    }
  }
}
