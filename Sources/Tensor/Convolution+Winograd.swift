import Kernels

// Convolutions by Winograd's minimal filtering: a block of tiles is brought to its points, one
// matrix product a point takes input to output channels, and the result is brought back to pixels.

extension Convolution {
  /// The scheme for an output [n, h, w, c], or nil where another way is better: the transforms cost
  /// as much as they save where channels are few.
  func winogradScheme(outputShape: [Int]) -> WinogradScheme? {
    guard isFast(outputShape) else { return nil }
    return .best(for: self, height: outputShape[1], width: outputShape[2])
  }

  private func isFast(_ outputShape: [Int]) -> Bool {
    let work = outputShape.reduce(1, *) * inputChannels * kernelSize * kernelSize
    return stride == 1 && min(inputChannels, outputChannels) >= 16 && work >= leastFastWork
  }

  /// The output for the weight, or for the weight turned round; with the input normalised and cut
  /// at zero first, where a normalisation is given, and with its channels' statistics, where wanted.
  func winogradForward(
    _ input: Tensor, rectifying normalisation: FoldedNormalisation?, weight: Tensor,
    isTurned: Bool = false, _ scheme: WinogradScheme, _ shape: [Int], withStatistics: Bool,
    on workers: Workers
  ) -> (output: Tensor, statistics: ChannelStatistics?) {
    let tiling = WinogradTiling(self, scheme: scheme, inputShape: input.shape, outputShape: shape)
    let division = tiling.division(threads: workers.threads)
    let block = tiling.forwardBlock(division, threads: workers.threads)
    let strides = tiling.strides(block: block)
    let size = tiling.scratch(block: block)
    var output = Tensor(uninitialised: shape, on: workers)
    var scratch = Tensor(
      uninitialised: [division == .blocks ? workers.threads : 1, size], on: workers)
    let (target, buffers) = (output.mutableElements(), scratch.mutableElements())
    let border = normalisation?.zeroPixel ?? [Float](repeating: 0, count: inputChannels)
    let totals = OutputTotals(
      channels: outputChannels, workers: withStatistics ? workers.threads : 0)

    func toInputPoints(_ first: Int, _ range: Range<Int>, _ buffer: UnsafeMutablePointer<Float>) {
      withUnsafePointer(to: tiling.geometry) { geometry in
        kernels_winograd_input(
          geometry, input.elements, normalisation?.scale, normalisation?.shift, border,
          first + range.lowerBound, range.count, buffer + range.lowerBound * tiling.inputRow,
          strides.input)
      }
    }
    func toOutput(
      _ first: Int, _ range: Range<Int>, tiles: Int, _ buffer: UnsafeMutablePointer<Float>,
      worker: Int
    ) {
      let products = buffer + scheme.points * strides.input
      withUnsafePointer(to: tiling.geometry) { geometry in
        func write(
          _ range: Range<Int>, _ centre: UnsafePointer<Float>?, _ sums: UnsafeMutablePointer<Float>?
        ) -> Int {
          kernels_winograd_output(
            geometry, products, strides.output, first, range.lowerBound, range.count, tiles,
            target, centre, sums)
        }
        guard withStatistics else {
          _ = write(range, nil, nil)
          return
        }
        totals.add(worker: worker) {
          // About the mean of this worker's first tile: the closer to the mean, the less is lost.
          _ = write(range.lowerBound..<range.lowerBound + 1, nil, nil)
          return tiling.mean(ofTile: first + range.lowerBound, target)
        } body: {
          write(range, $0, $1)
        }
      }
    }

    func multiply(
      _ range: Range<Int>, _ points: Tensor, tiles: Int, _ buffer: UnsafeMutablePointer<Float>
    ) {
      let products = buffer + scheme.points * strides.input
      for point in range {
        kernels_product(
          tiles, outputChannels, inputChannels, buffer + point * strides.input, tiling.inputRow, 1,
          points.elements + point * (points.count / scheme.points),
          products + point * strides.output, 0, tiles * KERNELS_PANEL, 0)
      }
    }

    switch division {
    case .weightParts:
      let tiles = tiling.tiles
      workers.split(tiles) { range, _ in toInputPoints(0, range, buffers) }
      WinogradWeightParts(weight, isTurned: isTurned, scheme: scheme)
        .multiply(tiling, strides, buffers, on: workers)
      workers.split(tiles) { range, worker in
        toOutput(0, range, tiles: tiles, buffers, worker: worker)
      }
    case .points:
      let points = winogradPoints(weight, isTurned: isTurned, scheme, on: workers)
      for first in Swift.stride(from: 0, to: tiling.tiles, by: block) {
        let tiles = min(block, tiling.tiles - first)
        workers.split(tiles) { range, _ in toInputPoints(first, range, buffers) }
        workers.split(scheme.points) { range, _ in multiply(range, points, tiles: tiles, buffers) }
        workers.split(tiles) { range, worker in
          toOutput(first, range, tiles: tiles, buffers, worker: worker)
        }
      }
    case .blocks:
      let points = winogradPoints(weight, isTurned: isTurned, scheme, on: workers)
      workers.split((tiling.tiles + block - 1) / block) { range, worker in
        let buffer = buffers + worker * size
        for first in range.lazy.map({ $0 * block }) {
          let tiles = min(block, tiling.tiles - first)
          toInputPoints(first, 0..<tiles, buffer)
          multiply(0..<scheme.points, points, tiles: tiles, buffer)
          toOutput(first, 0..<tiles, tiles: tiles, buffer, worker: worker)
        }
      }
    }
    return (output, withStatistics ? totals.statistics() : nil)
  }
}
