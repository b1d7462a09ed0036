import Kernels

/// A convolution (cross-correlation, as everywhere in the field) with square kernel and zero
/// padding.
///
/// Images are [n, h, w, c]; weights are [k, k, inputChannels, outputChannels]. The way each is
/// computed is chosen by shape and does not show outside, but for rounding.
public struct Convolution: Sendable, Equatable {
  /// Channels of the input.
  public let inputChannels: Int
  /// Channels of the output.
  public let outputChannels: Int
  /// Side of the kernel.
  public let kernelSize: Int
  /// Zeros added on each side.
  public let padding: Int
  /// Distance between the pixels that neighbouring kernel taps see.
  public let dilation: Int
  /// Distance between the input pixels that neighbouring output pixels lie on.
  public let stride: Int

  /// A convolution of the given geometry. Traps unless all are positive (padding may be 0).
  public init(
    inputChannels: Int, outputChannels: Int, kernelSize: Int, padding: Int, dilation: Int = 1,
    stride: Int = 1
  ) {
    precondition(
      inputChannels > 0 && outputChannels > 0 && kernelSize > 0 && padding >= 0 && dilation > 0
        && stride > 0,
      "convolution \(inputChannels)→\(outputChannels), kernel \(kernelSize), padding \(padding), "
        + "dilation \(dilation), stride \(stride)")
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernelSize = kernelSize
    self.padding = padding
    self.dilation = dilation
    self.stride = stride
  }

  /// Multiplications below which a convolution is computed directly. There the transforms of a fast
  /// scheme save little, and its rounding errors, several times a direct product's, would show in
  /// small networks, where few values are summed.
  var leastFastWork = 1 << 25

  /// [k, k, inputChannels, outputChannels].
  public var weightShape: [Int] { [kernelSize, kernelSize, inputChannels, outputChannels] }

  /// Height and width of the output for those of the input.
  public func outputSize(height: Int, width: Int) -> (height: Int, width: Int) {
    let shrink = reach - 2 * padding
    func size(_ extent: Int) -> Int {
      extent > shrink ? (extent - shrink - 1) / stride + 1 : 0
    }
    return (size(height), size(width))
  }

  /// The output [n, h′, w′, outputChannels] for an input [n, h, w, inputChannels], which is
  /// normalised and cut at zero on the way in where a normalisation is given.
  public func forward(
    _ input: Tensor, rectifying normalisation: FoldedNormalisation? = nil, weight: Tensor,
    on workers: Workers
  ) -> Tensor {
    outputs(
      [ConvolutionInput(input, rectifying: normalisation)], weight, withStatistics: false,
      on: workers)[0].output
  }

  /// The outputs for several views of as many rows, columns and channels, each with the mean and
  /// variance of its own channels. What is made of the weight is made for all of them at once.
  public func forwardWithStatistics(
    _ inputs: [ConvolutionInput], weight: Tensor, on workers: Workers
  ) -> [(output: Tensor, statistics: ChannelStatistics)] {
    outputs(inputs, weight, withStatistics: true, on: workers).map {
      ($0.output, $0.statistics ?? BatchNormalisation.statistics(of: $0.output, on: workers))
    }
  }

  private func outputs(
    _ inputs: [ConvolutionInput], _ weight: Tensor, withStatistics: Bool, on workers: Workers
  ) -> [(output: Tensor, statistics: ChannelStatistics?)] {
    checkWeight(weight)
    let shapes = inputs.map { outputShape(for: $0.values.shape) }
    if let scheme = winogradScheme(outputShapes: shapes) {
      return winogradForward(
        inputs, weight: weight, scheme, shapes, withStatistics: withStatistics, on: workers)
    }
    return zip(inputs, shapes).map { input, shape in
      let input = input.rectified(on: workers)
      if stride > 1 { return (stridedForward(input, weight, shape, on: workers), nil) }
      if isPointwise { return (pointwise(input, weight, shape, on: workers), nil) }
      let output =
        prefersColumns
        ? columnForward(input, weight, shape, on: workers)
        : tapForward(input, weight, shape, on: workers)
      return (output, nil)
    }
  }

  /// The loss's gradients with respect to the inputs of several views, of shapes `inputShapes`, for
  /// its gradients with respect to the outputs.
  public func inputGradients(
    _ outputGradients: [Tensor], weight: Tensor, inputShapes: [[Int]], on workers: Workers
  ) -> [Tensor] {
    checkWeight(weight)
    for (gradient, shape) in zip(outputGradients, inputShapes) {
      checkOutput(gradient, for: shape)
    }
    if let turned, let scheme = turned.winogradScheme(outputShapes: inputShapes) {
      return turned.winogradForward(
        outputGradients.map { ConvolutionInput($0) }, weight: weight, isTurned: true, scheme,
        inputShapes, withStatistics: false, on: workers
      ).map(\.output)
    }
    return zip(outputGradients, inputShapes).map {
      directInputGradient($0, weight: weight, inputShape: $1, on: workers)
    }
  }

  /// The loss's gradient with respect to the input, of shape `inputShape`, for its gradient with
  /// respect to the output.
  public func inputGradient(
    _ outputGradient: Tensor, weight: Tensor, inputShape: [Int], on workers: Workers
  ) -> Tensor {
    inputGradients([outputGradient], weight: weight, inputShapes: [inputShape], on: workers)[0]
  }

  private func directInputGradient(
    _ outputGradient: Tensor, weight: Tensor, inputShape: [Int], on workers: Workers
  ) -> Tensor {
    if stride > 1 {
      return stridedInputGradient(outputGradient, weight, inputShape, on: workers)
    }
    guard let turned else {
      return croppedInputGradient(outputGradient, weight, inputShape, on: workers)
    }
    return turned.forward(
      outputGradient, weight: Self.turnedRound(weight, on: workers), on: workers)
  }

  /// What takes the output's gradient to the input's, with the kernel turned round and its channels
  /// swapped; nil where none does, since pixels are skipped or padding reaches beyond the kernel.
  private var turned: Convolution? {
    guard stride == 1, padding <= reach else { return nil }
    var turned = Convolution(
      inputChannels: outputChannels, outputChannels: inputChannels, kernelSize: kernelSize,
      padding: reach - padding, dilation: dilation)
    turned.leastFastWork = leastFastWork
    return turned
  }

  /// Adds the loss's gradient with respect to the weight into `gradient`, for the inputs of several
  /// views that ``forwardWithStatistics(_:weight:on:)`` was given.
  public func addWeightGradient(
    _ outputGradients: [Tensor], inputs: [ConvolutionInput], into gradient: inout Tensor,
    on workers: Workers
  ) {
    checkWeight(gradient)
    for (outputGradient, input) in zip(outputGradients, inputs) {
      checkOutput(outputGradient, for: input.values.shape)
    }
    if let scheme = winogradScheme(outputShapes: outputGradients.map(\.shape)) {
      addWinogradWeightGradient(outputGradients, inputs, scheme, &gradient, on: workers)
      return
    }
    for (outputGradient, input) in zip(outputGradients, inputs) {
      let input = input.rectified(on: workers)
      if stride > 1 {
        addStridedWeightGradient(outputGradient, input, &gradient, on: workers)
      } else if prefersColumns && !isPointwise {
        addColumnWeightGradient(outputGradient, input, &gradient, on: workers)
      } else {
        addTapWeightGradient(outputGradient, input, &gradient, on: workers)
      }
    }
  }

  /// The same for one view, the input that `forward` was given.
  public func addWeightGradient(
    _ outputGradient: Tensor, input: Tensor, rectifying normalisation: FoldedNormalisation? = nil,
    into gradient: inout Tensor, on workers: Workers
  ) {
    addWeightGradient(
      [outputGradient], inputs: [ConvolutionInput(input, rectifying: normalisation)],
      into: &gradient, on: workers)
  }

  /// Adds the first `count` workers' shares [threads, k, k, in, out] of a weight gradient into it,
  /// in the workers' order.
  func addShares(
    _ shares: Tensor, of count: Int, into gradient: inout Tensor, on workers: Workers
  ) {
    for worker in 0..<count {
      gradient.add(shares.firstAxis(worker..<worker + 1).reshaped(to: weightShape), on: workers)
    }
  }

  // MARK: - Shapes

  /// How far a kernel's last tap lies from its first, in pixels.
  private var reach: Int { dilation * (kernelSize - 1) }

  var isPointwise: Bool { kernelSize == 1 && padding == 0 }

  /// With few channels one product per tap is too thin; gathering all taps of a pixel into one row
  /// costs little then.
  private var prefersColumns: Bool { inputChannels <= 16 }

  private func outputShape(for inputShape: [Int]) -> [Int] {
    precondition(
      inputShape.count == 4 && inputShape[3] == inputChannels,
      "input \(inputShape) for \(inputChannels) channels")
    let (height, width) = outputSize(height: inputShape[1], width: inputShape[2])
    precondition(height > 0 && width > 0, "input \(inputShape) is smaller than the kernel")
    return [inputShape[0], height, width, outputChannels]
  }

  private func checkWeight(_ weight: Tensor) {
    precondition(weight.shape == weightShape, "weight \(weight.shape), expected \(weightShape)")
  }

  private func checkOutput(_ outputGradient: Tensor, for inputShape: [Int]) {
    let expected = outputShape(for: inputShape)
    precondition(
      outputGradient.shape == expected,
      "output gradient \(outputGradient.shape), expected \(expected)")
  }

  // MARK: - Gradient of the input

  /// The kernel [k, k, in, out] turned round, its channels swapped: [k, k, out, in].
  static func turnedRound(_ weight: Tensor, on workers: Workers) -> Tensor {
    let shape = weight.shape
    let taps = shape[0] * shape[1]
    let plane = shape[2] * shape[3]
    var turned = Tensor(uninitialised: [shape[0], shape[1], shape[3], shape[2]], on: workers)
    let target = turned.mutableElements()
    workers.split(taps) { range, _ in
      for tap in range {
        kernels_transpose(
          weight.elements + (taps - 1 - tap) * plane, shape[3], target + tap * plane, shape[2],
          shape[3])
      }
    }
    return turned
  }

  /// Padding beyond the kernel's reach (a 1×1 kernel with padding): the padded border sees no
  /// input, so its gradient is left out.
  private func croppedInputGradient(
    _ outputGradient: Tensor, _ weight: Tensor, _ inputShape: [Int], on workers: Workers
  ) -> Tensor {
    let margin = padding - reach
    let inner = outputGradient.cropped(
      rows: margin..<outputGradient.shape[1] - margin,
      columns: margin..<outputGradient.shape[2] - margin, on: workers)
    let unpadded = Convolution(
      inputChannels: inputChannels, outputChannels: outputChannels, kernelSize: kernelSize,
      padding: reach, dilation: dilation)
    return unpadded.inputGradient(inner, weight: weight, inputShape: inputShape, on: workers)
  }
}
