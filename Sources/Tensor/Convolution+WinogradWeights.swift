import Kernels

extension Convolution {
  /// All the weight's points, each packed for the product; kept with the weight until it changes.
  /// `weight` is that of the convolution whose input's gradient this one gives, where it is turned
  /// round.
  func winogradPoints(
    _ weight: Tensor, isTurned: Bool, _ scheme: WinogradScheme, on workers: Workers
  ) -> Tensor {
    weight.derived(DerivedKey(scheme: scheme, isTurned: isTurned)) {
      let source = isTurned ? Self.turnedRound(weight, on: workers) : weight
      let stride = kernels_packed_count(inputChannels, outputChannels)
      var points = Tensor(uninitialised: [scheme.points, stride], on: workers)
      let target = points.mutableElements()
      let panels = WinogradPanels(outputs: outputChannels)
      workers.split(panels.count) { range, _ in
        for panel in range {
          kernels_winograd_weight(
            scheme.number, source.elements + panels.start(of: panel),
            inputChannels * outputChannels, outputChannels, inputChannels,
            panels.width(of: panel), target + panels.start(of: panel) * inputChannels, stride)
        }
      }
      return points
    }
  }
}

/// The panels that output channels are packed in.
struct WinogradPanels {
  let outputs: Int

  var count: Int { (outputs + KERNELS_PANEL - 1) / KERNELS_PANEL }

  /// The first channel of a panel.
  func start(of panel: Int) -> Int { panel * KERNELS_PANEL }

  /// Channels of a panel.
  func width(of panel: Int) -> Int { min(KERNELS_PANEL, outputs - start(of: panel)) }
}

/// A weight whose points are made where they are used, a part at a time: those of some inputs and
/// one panel of outputs, so many as stay in the second-level cache. The points of a large weight are
/// five times as many as its numbers, and no cache holds them; to write them and read them again
/// takes longer than to make them.
struct WinogradWeightParts {
  private let scheme: WinogradScheme
  private let weight: Tensor
  /// Whether the weight's outputs are this one's inputs and its taps are in reverse order.
  private let isTurned: Bool
  private let parts: WinogradParts

  /// The weight [k, k, inputs, outputs], or turned round that of [k, k, outputs, inputs].
  init(_ weight: Tensor, isTurned: Bool, scheme: WinogradScheme) {
    self.weight = weight
    self.isTurned = isTurned
    self.scheme = scheme
    parts = WinogradParts(
      inputs: weight.shape[isTurned ? 3 : 2], outputs: weight.shape[isTurned ? 2 : 3],
      scheme: scheme)
  }

  /// Takes all tiles' input points, at `buffer`, to their output points, after them. Each worker has
  /// panels of its own, or tiles of its own of a panel where the panels are fewer than the workers.
  func multiply(
    _ tiling: WinogradTiling, _ strides: (input: Int, output: Int),
    _ buffer: UnsafeMutablePointer<Float>, on workers: Workers
  ) {
    let (tiles, panels) = (tiling.tiles, parts.panels)
    let products = buffer + scheme.points * strides.input
    let shares = min(tiles, (workers.threads + panels.count - 1) / panels.count)
    var scratch = Tensor(uninitialised: [workers.threads, size], on: workers)
    let buffers = scratch.mutableElements()
    workers.split(panels.count * shares) { range, worker in
      let part = buffers + worker * size
      for unit in range {
        let (panel, share) = unit.quotientAndRemainder(dividingBy: shares)
        let own = share * tiles / shares..<(share + 1) * tiles / shares
        let width = panels.width(of: panel)
        let output =
          panels.start(of: panel) * tiles + own.lowerBound * kernels_panel_width(width)
        for inputs in (0..<parts.count).lazy.map(parts.inputs(of:)) {
          makePoints(of: inputs, panel: panel, into: part)
          for point in 0..<scheme.points {
            kernels_product(
              own.count, width, inputs.count,
              buffer + point * strides.input + own.lowerBound * tiling.inputRow
                + inputs.lowerBound, tiling.inputRow, 1, part + point * parts.pointStride,
              products + point * strides.output + output, 0, 0, inputs.lowerBound > 0 ? 1 : 0)
          }
        }
      }
    }
  }

  /// Elements that a part needs.
  private var size: Int {
    scheme.points * parts.pointStride + (isTurned ? taps * parts.rows * KERNELS_PANEL : 0)
  }

  private var taps: Int { weight.shape[0] * weight.shape[1] }

  /// Writes the points of some inputs and a panel of outputs, each packed.
  private func makePoints(of range: Range<Int>, panel: Int, into part: UnsafeMutablePointer<Float>)
  {
    let (inputs, panels) = (parts.inputs, parts.panels)
    let (start, width) = (panels.start(of: panel), panels.width(of: panel))
    let plane = inputs * panels.outputs
    guard isTurned else {
      kernels_winograd_weight(
        scheme.number, weight.elements + range.lowerBound * panels.outputs + start, plane,
        panels.outputs, range.count, width, part, parts.pointStride)
      return
    }
    let turned = part + scheme.points * parts.pointStride
    for tap in 0..<taps {
      kernels_transpose(
        weight.elements + (taps - 1 - tap) * plane + start * inputs + range.lowerBound, inputs,
        turned + tap * range.count * width, width, range.count)
    }
    kernels_winograd_weight(
      scheme.number, turned, range.count * width, width, range.count, width, part, parts.pointStride
    )
  }
}

/// The parts that a weight's points, or its gradient's, are made in: so many inputs and one panel of
/// outputs that their points stay in the second-level cache beside what they meet.
struct WinogradParts {
  let inputs: Int
  let panels: WinogradPanels
  /// Inputs of a part, a multiple of 16.
  let rows: Int

  private static let cachedBytes = 1 << 19

  init(inputs: Int, outputs: Int, scheme: WinogradScheme) {
    self.inputs = inputs
    panels = WinogradPanels(outputs: outputs)
    let most = max(16, Self.cachedBytes / (scheme.points * KERNELS_PANEL * 4))
    let parts = (inputs + most - 1) / most
    rows = ((inputs + parts - 1) / parts + 15) / 16 * 16
  }

  /// How many parts the inputs fall into.
  var count: Int { (inputs + rows - 1) / rows }

  /// The inputs of a part.
  func inputs(of part: Int) -> Range<Int> { part * rows..<min((part + 1) * rows, inputs) }

  /// Distance between a part's points.
  var pointStride: Int { rows * KERNELS_PANEL + 16 }
}
