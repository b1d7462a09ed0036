import Kernels

// Convolutions by Winograd's minimal filtering: a block of tiles is brought to its points, one
// matrix product a point takes input to output channels, and the result is brought back to pixels.

extension Convolution {
  /// The scheme for outputs [n, h, w, c] of several views, or nil where another way is better: the
  /// transforms cost as much as they save where channels are few.
  func winogradScheme(outputShapes: [[Int]]) -> WinogradScheme? {
    guard let shape = outputShapes.first, isFast(outputShapes) else { return nil }
    return .best(for: self, height: shape[1], width: shape[2])
  }

  private func isFast(_ outputShapes: [[Int]]) -> Bool {
    let outputs = outputShapes.map { $0.reduce(1, *) }.max() ?? 0
    let work = outputs * inputChannels * kernelSize * kernelSize
    return stride == 1 && min(inputChannels, outputChannels) >= 16 && work >= leastFastWork
  }

  /// The outputs of several views for the weight, or for the weight turned round, with their
  /// channels' statistics, where wanted. The tiles of all views go through the products together
  /// where the weight's points are made for them, or else one view's after another's.
  func winogradForward(
    _ inputs: [ConvolutionInput], weight: Tensor, isTurned: Bool = false, _ scheme: WinogradScheme,
    _ shapes: [[Int]], withStatistics: Bool, on workers: Workers
  ) -> [(output: Tensor, statistics: ChannelStatistics?)] {
    let tiling = WinogradTiling(
      self, scheme: scheme, inputShapes: inputs.map(\.values.shape), outputShapes: shapes)
    let division = tiling.division(threads: workers.threads)
    guard inputs.count == 1 || division == .weightParts else {
      return zip(inputs, shapes).flatMap { input, shape in
        winogradForward(
          [input], weight: weight, isTurned: isTurned, scheme, [shape],
          withStatistics: withStatistics, on: workers)
      }
    }
    let block = tiling.forwardBlock(division, threads: workers.threads)
    let strides = tiling.strides(block: block)
    let size = tiling.scratch(block: block)
    var outputs = shapes.map { Tensor(uninitialised: $0, on: workers) }
    var scratch = Tensor(
      uninitialised: [division == .blocks ? workers.threads : 1, size], on: workers)
    let targets = outputs.indices.map { outputs[$0].mutableElements() }
    let buffers = scratch.mutableElements()
    let borders = inputs.map { $0.border(channels: inputChannels) }
    let totals = inputs.map { _ in
      OutputTotals(channels: outputChannels, workers: withStatistics ? workers.threads : 0)
    }

    func toInputPoints(
      _ first: Int, _ range: Range<Int>, of view: Int = 0, _ buffer: UnsafeMutablePointer<Float>
    ) {
      let input = inputs[view]
      withUnsafePointer(to: tiling.geometry) { geometry in
        kernels_winograd_input(
          geometry, input.values.elements, input.rectifying?.scale, input.rectifying?.shift,
          borders[view], first + range.lowerBound, range.count,
          buffer + range.lowerBound * tiling.inputRow, strides.input)
      }
    }
    func toOutput(
      _ first: Int, _ range: Range<Int>, of view: Int = 0, tiles: Int,
      _ buffer: UnsafeMutablePointer<Float>, worker: Int
    ) {
      let products = buffer + scheme.points * strides.input
      withUnsafePointer(to: tiling.geometry) { geometry in
        func write(
          _ range: Range<Int>, _ centre: UnsafePointer<Float>?, _ sums: UnsafeMutablePointer<Float>?
        ) -> Int {
          kernels_winograd_output(
            geometry, products, strides.output, first, range.lowerBound, range.count, tiles,
            targets[view], centre, sums)
        }
        guard withStatistics else {
          _ = write(range, nil, nil)
          return
        }
        totals[view].add(worker: worker) {
          // About the mean of this worker's first tile: the closer to the mean, the less is lost.
          _ = write(range.lowerBound..<range.lowerBound + 1, nil, nil)
          return tiling.mean(ofTile: first + range.lowerBound, targets[view])
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
      workers.split(tiles) { range, _ in
        tiling.forEachView(in: range) { toInputPoints($1, $2, of: $0, buffers) }
      }
      WinogradWeightParts(weight, isTurned: isTurned, scheme: scheme)
        .multiply(tiling, strides, buffers, on: workers)
      workers.split(tiles) { range, worker in
        tiling.forEachView(in: range) {
          toOutput($1, $2, of: $0, tiles: tiles, buffers, worker: worker)
        }
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
    return zip(outputs, totals).map { ($0, withStatistics ? $1.statistics() : nil) }
  }
}
