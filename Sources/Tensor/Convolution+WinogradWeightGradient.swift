import Kernels

extension Convolution {
  /// Adds the weight's gradient, in the points of the input's tiles and of the output gradient's:
  /// Wᵀ [(B x)ᵀ (A dy)] W. The input is normalised and cut at zero first, where a normalisation is
  /// given.
  func addWinogradWeightGradient(
    _ outputGradient: Tensor, _ input: Tensor, rectifying normalisation: FoldedNormalisation?,
    _ scheme: WinogradScheme, _ gradient: inout Tensor, on workers: Workers
  ) {
    let tiling = WinogradTiling(
      self, scheme: scheme, inputShape: input.shape, outputShape: outputGradient.shape)
    let shared = tiling.sharesGradientBlocks(threads: workers.threads)
    let block = tiling.gradientBlock
    let blocks = (tiling.tiles + block - 1) / block
    let strides = tiling.strides(block: block)
    let scratchSize = tiling.scratch(block: block)
    let size = inputChannels * outputChannels
    let shares = shared ? 1 : min(workers.threads, blocks)
    var scratch = Tensor(uninitialised: [shares, scratchSize], on: workers)
    var partial = Tensor(uninitialised: [shares, scheme.points, size], on: workers)
    let (buffers, sums) = (scratch.mutableElements(), partial.mutableElements())
    let border = normalisation?.zeroPixel ?? [Float](repeating: 0, count: inputChannels)
    let zeros = [Float](repeating: 0, count: outputChannels)

    func toPoints(
      _ first: Int, _ range: Range<Int>, tiles: Int, _ buffer: UnsafeMutablePointer<Float>
    ) {
      withUnsafePointer(to: tiling.geometry) { geometry in
        kernels_winograd_input(
          geometry, input.elements, normalisation?.scale, normalisation?.shift, border,
          first + range.lowerBound, range.count, buffer + range.lowerBound * tiling.inputRow,
          strides.input)
        kernels_winograd_gradient(
          geometry, outputGradient.elements, zeros, first, range.lowerBound, range.count, tiles,
          buffer + scheme.points * strides.input, strides.output)
      }
    }
    func multiply(
      _ range: Range<Int>, tiles: Int, _ buffer: UnsafeMutablePointer<Float>, share: Int,
      adding: Bool
    ) {
      let gradientPoints = buffer + scheme.points * strides.input
      for point in range {
        kernels_product(
          inputChannels, outputChannels, tiles, buffer + point * strides.input, 1, tiling.inputRow,
          gradientPoints + point * strides.output, sums + (share * scheme.points + point) * size,
          outputChannels, KERNELS_PANEL, adding ? 1 : 0)
      }
    }

    if shared {
      for first in Swift.stride(from: 0, to: tiling.tiles, by: block) {
        let tiles = min(block, tiling.tiles - first)
        workers.split(tiles) { range, _ in toPoints(first, range, tiles: tiles, buffers) }
        workers.split(scheme.points) { range, _ in
          multiply(range, tiles: tiles, buffers, share: 0, adding: first > 0)
        }
      }
    } else {
      workers.split(blocks) { range, worker in
        let buffer = buffers + worker * scratchSize
        for number in range {
          let tiles = min(block, tiling.tiles - number * block)
          toPoints(number * block, 0..<tiles, tiles: tiles, buffer)
          multiply(
            0..<scheme.points, tiles: tiles, buffer, share: worker,
            adding: number > range.lowerBound)
        }
      }
    }
    let target = gradient.mutableElements()
    workers.split(size) { range, _ in
      kernels_winograd_weight_gradient(
        scheme.number, sums, size, shares, scheme.points * size, size, target, range.lowerBound,
        range.upperBound)
    }
  }
}
