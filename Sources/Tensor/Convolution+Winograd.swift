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

  /// The output for the weight's points; with the input normalised and cut at zero first, where a
  /// normalisation is given, and with its channels' statistics, where wanted.
  func winogradForward(
    _ input: Tensor, rectifying normalisation: FoldedNormalisation?, points: Tensor,
    _ scheme: WinogradScheme, _ shape: [Int], withStatistics: Bool, on workers: Workers
  ) -> (output: Tensor, statistics: ChannelStatistics?) {
    let tiling = WinogradTiling(self, scheme: scheme, inputShape: input.shape, outputShape: shape)
    let shared = tiling.sharesBlocks(threads: workers.threads)
    let block = tiling.forwardBlock(threads: workers.threads)
    let strides = tiling.strides(block: block)
    let size = tiling.scratch(block: block)
    var output = Tensor(uninitialised: shape, on: workers)
    var scratch = Tensor(
      uninitialised: [shared ? 1 : workers.threads, size], on: workers)
    let (target, buffers) = (output.mutableElements(), scratch.mutableElements())
    let border = normalisation?.zeroPixel ?? [Float](repeating: 0, count: inputChannels)
    let weightStride = points.count / scheme.points
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
    func multiply(_ range: Range<Int>, tiles: Int, _ buffer: UnsafeMutablePointer<Float>) {
      let products = buffer + scheme.points * strides.input
      for point in range {
        kernels_product(
          tiles, outputChannels, inputChannels, buffer + point * strides.input, tiling.inputRow, 1,
          points.elements + point * weightStride, products + point * strides.output, 0,
          tiles * KERNELS_PANEL, 0)
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

    if shared {
      for first in Swift.stride(from: 0, to: tiling.tiles, by: block) {
        let tiles = min(block, tiling.tiles - first)
        workers.split(tiles) { range, _ in toInputPoints(first, range, buffers) }
        workers.split(scheme.points) { range, _ in multiply(range, tiles: tiles, buffers) }
        workers.split(tiles) { range, worker in
          toOutput(first, range, tiles: tiles, buffers, worker: worker)
        }
      }
    } else {
      workers.split((tiling.tiles + block - 1) / block) { range, worker in
        let buffer = buffers + worker * size
        for first in range.lazy.map({ $0 * block }) {
          let tiles = min(block, tiling.tiles - first)
          toInputPoints(first, 0..<tiles, buffer)
          multiply(0..<scheme.points, tiles: tiles, buffer)
          toOutput(first, 0..<tiles, tiles: tiles, buffer, worker: worker)
        }
      }
    }
    return (output, withStatistics ? totals.statistics() : nil)
  }

  /// The weight's points, each packed for the product; kept with the weight until it changes.
  func winogradPoints(
    _ weight: Tensor, _ scheme: WinogradScheme, turned: Bool, on workers: Workers
  ) -> Tensor {
    weight.derived(DerivedKey(scheme: scheme, isTurned: turned)) {
      let source = turned ? turnedRound(weight, on: workers) : weight
      let (inputs, outputs) =
        turned ? (outputChannels, inputChannels) : (inputChannels, outputChannels)
      let stride = kernels_packed_count(inputs, outputs)
      var points = Tensor(uninitialised: [scheme.points, stride], on: workers)
      let target = points.mutableElements()
      workers.split(inputs) { range, _ in
        kernels_winograd_weight(
          scheme.number, source.elements, inputs, outputs, range.lowerBound, range.upperBound,
          target, stride)
      }
      return points
    }
  }
}
