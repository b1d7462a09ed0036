import Kernels

extension Convolution {
  /// Adds the weight's gradient, in the points of the input's tiles and of the output gradient's:
  /// Wᵀ [(B x)ᵀ (A dy)] W. The tiles of all views are summed over together where the gradient is
  /// made in parts, or else one view's after another's.
  func addWinogradWeightGradient(
    _ outputGradients: [Tensor], _ inputs: [ConvolutionInput], _ scheme: WinogradScheme,
    _ gradient: inout Tensor, on workers: Workers
  ) {
    let tiling = WinogradTiling(
      self, scheme: scheme, inputShapes: inputs.map(\.values.shape),
      outputShapes: outputGradients.map(\.shape))
    let makesParts = tiling.makesGradientParts
    guard inputs.count == 1 || makesParts else {
      for (outputGradient, input) in zip(outputGradients, inputs) {
        addWinogradWeightGradient([outputGradient], [input], scheme, &gradient, on: workers)
      }
      return
    }
    let shared = makesParts || tiling.sharesGradientBlocks(threads: workers.threads)
    let block = tiling.gradientBlock(threads: workers.threads)
    let blocks = (tiling.tiles + block - 1) / block
    let strides = tiling.strides(block: block)
    let scratchSize = tiling.scratch(block: block)
    let shares = shared ? 1 : min(workers.threads, blocks)
    var scratch = Tensor(uninitialised: [shares, scratchSize], on: workers)
    let buffers = scratch.mutableElements()
    let target = gradient.mutableElements()
    let borders = inputs.map { $0.border(channels: inputChannels) }
    let zeros = [Float](repeating: 0, count: outputChannels)

    func toPoints(
      _ first: Int, _ range: Range<Int>, of view: Int = 0, tiles: Int,
      _ buffer: UnsafeMutablePointer<Float>
    ) {
      let input = inputs[view]
      withUnsafePointer(to: tiling.geometry) { geometry in
        kernels_winograd_input(
          geometry, input.values.elements, input.rectifying?.scale, input.rectifying?.shift,
          borders[view], first + range.lowerBound, range.count,
          buffer + range.lowerBound * tiling.inputRow, strides.input)
        kernels_winograd_gradient(
          geometry, outputGradients[view].elements, zeros, first, range.lowerBound, range.count,
          tiles,
          buffer + scheme.points * strides.input, strides.output)
      }
    }
    if makesParts {
      workers.split(tiling.tiles) { range, _ in
        tiling.forEachView(in: range) {
          toPoints($1, $2, of: $0, tiles: tiling.tiles, buffers)
        }
      }
      WinogradGradientParts(tiling).add(strides, buffers, into: target, on: workers)
      return
    }

    let size = inputChannels * outputChannels
    var partial = Tensor(uninitialised: [shares, scheme.points, size], on: workers)
    let sums = partial.mutableElements()
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
    workers.split(size) { range, _ in
      kernels_winograd_weight_gradient(
        scheme.number, sums + range.lowerBound, size, shares, scheme.points * size,
        target + range.lowerBound, size, range.count)
    }
  }
}

/// A weight's gradient made a part at a time: the points of some inputs and one panel of outputs, so
/// many as stay in the second-level cache until they are the gradient's taps.
private struct WinogradGradientParts {
  private let tiling: WinogradTiling
  private let parts: WinogradParts

  init(_ tiling: WinogradTiling) {
    self.tiling = tiling
    parts = WinogradParts(
      inputs: tiling.inputChannels, outputs: tiling.outputChannels, scheme: tiling.scheme)
  }

  /// Adds what all tiles give, their input's points at `buffer` and their output gradient's after
  /// them.
  func add(
    _ strides: (input: Int, output: Int), _ buffer: UnsafeMutablePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, on workers: Workers
  ) {
    let (scheme, panels, pointStride) = (tiling.scheme, parts.panels, parts.pointStride)
    var scratch = Tensor(
      uninitialised: [workers.threads, scheme.points * pointStride], on: workers)
    let buffers = scratch.mutableElements()
    let gradientPoints = buffer + scheme.points * strides.input
    workers.split(parts.count * panels.count) { range, worker in
      let part = buffers + worker * scheme.points * pointStride
      for unit in range {
        let (inputPart, panel) = unit.quotientAndRemainder(dividingBy: panels.count)
        let inputs = parts.inputs(of: inputPart)
        let (start, width) = (panels.start(of: panel), panels.width(of: panel))
        for point in 0..<scheme.points {
          kernels_product(
            inputs.count, width, tiling.tiles, buffer + point * strides.input + inputs.lowerBound,
            1,
            tiling.inputRow, gradientPoints + point * strides.output + start * tiling.tiles,
            part + point * pointStride, 0, 0, 0)
        }
        let row = kernels_panel_width(width)
        for input in inputs {
          kernels_winograd_weight_gradient(
            scheme.number, part + (input - inputs.lowerBound) * row, pointStride, 1, 0,
            gradient + input * panels.outputs + start, parts.inputs * panels.outputs, width)
        }
      }
    }
  }
}
