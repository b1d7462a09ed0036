import Tensor
import TestSupport
import Testing

/// Every layer against what another implementation computed.
@Suite struct GoldenLayerTests {
  let workers = Workers(threads: 2)

  /// The cases of the golden layers whose names begin alike.
  static func cases(_ prefix: String) -> [String] {
    (try? GoldenFile("layers"))?.cases.filter { $0.hasPrefix(prefix) } ?? []
  }

  /// One layer's golden tensors.
  private struct Layer {
    let golden: GoldenFile
    let name: String

    init(_ name: String) throws {
      golden = try GoldenFile("layers")
      self.name = name
    }

    subscript(part: String) -> GoldenTensor { golden["\(name).\(part)"] }

    /// The tensors every layer has: `input`, `output_gradient`.
    var input: Tensor { self["input"].tensor }
    var outputGradient: Tensor { self["output_gradient"].tensor }

    func expect(
      _ actual: Tensor, _ part: String, tolerance: Double = 1e-5, line: Int = #line
    ) {
      let expected = ReferenceTensor(self[part])
      expectClose(
        actual, expected, absolute: tolerance * max(1, expected.largestMagnitude), relative: 0,
        "\(name).\(part)", line: line)
    }
  }

  @Test func `there are values of every layer`() throws {
    let cases = try GoldenFile("layers").cases
    for prefix in [
      "affine", "average_pool", "batch_normalisation", "convolution", "max_pool", "resize", "sobel",
      "softmax",
    ] {
      #expect(cases.contains { $0.hasPrefix(prefix) }, "\(prefix) among \(cases)")
    }
  }

  @Test(arguments: cases("convolution"))
  func convolution(_ name: String) throws {
    let layer = try Layer(name)
    let weight = layer["weight"].tensor
    let convolution = Convolution(
      inputChannels: weight.shape[2], outputChannels: weight.shape[3], kernelSize: weight.shape[0],
      padding: Int(layer["padding"].scalar),
      dilation: Int(layer["dilation"].scalar))
    layer.expect(convolution.forward(layer.input, weight: weight, on: workers), "output")
    layer.expect(
      convolution.inputGradient(
        layer.outputGradient, weight: weight, inputShape: layer.input.shape, on: workers),
      "input_gradient")
    var gradient = Tensor(shape: weight.shape)
    convolution.addWeightGradient(
      layer.outputGradient, input: layer.input, into: &gradient, on: workers)
    layer.expect(gradient, "weight_gradient")
  }

  @Test(arguments: cases("batch_normalisation"))
  func batchNormalisation(_ name: String) throws {
    let layer = try Layer(name)
    let rectified = name.hasSuffix("rectified")
    let (scale, shift) = (layer["scale"].tensor, layer["shift"].tensor)
    let statistics = BatchNormalisation.statistics(of: layer.input, on: workers)
    expectClose(
      statistics.mean, layer["batch_mean"].values, absolute: 1e-6, relative: 1e-6, "mean")
    expectClose(
      statistics.variance, layer["batch_variance"].values, absolute: 1e-6, relative: 1e-6,
      "variance")
    layer.expect(
      BatchNormalisation.apply(
        layer.input, statistics: statistics, scale: scale, shift: shift, rectified: rectified,
        on: workers), "output")
    var (scaleGradient, shiftGradient) = (Tensor(shape: scale.shape), Tensor(shape: shift.shape))
    let inputGradient = BatchNormalisation.gradient(
      layer.outputGradient, input: layer.input, statistics: statistics, scale: scale, shift: shift,
      scaleGradient: &scaleGradient, shiftGradient: &shiftGradient, rectified: rectified,
      on: workers)
    layer.expect(inputGradient, "input_gradient")
    layer.expect(scaleGradient, "scale_gradient")
    layer.expect(shiftGradient, "shift_gradient")
  }

  @Test(arguments: cases("max_pool"))
  func maxPooling(_ name: String) throws {
    let layer = try Layer(name)
    let (height, width) = (layer.input.shape[1], layer["output"].shape[1])
    // Windows of 2, 2 apart; padded by 1 where that is what gives the output's size.
    let padding = (height - 2) / 2 + 1 == width ? 0 : 1
    let pooling = MaxPooling(size: 2, stride: 2, padding: padding)
    layer.expect(pooling.forward(layer.input, on: workers), "output", tolerance: 0)
    layer.expect(
      pooling.inputGradient(layer.outputGradient, input: layer.input, on: workers),
      "input_gradient", tolerance: 1e-6)
  }

  @Test func averagePooling() throws {
    let layer = try Layer("average_pool")
    let pooling = AveragePooling(size: 3, stride: 1)
    layer.expect(pooling.forward(layer.input, on: workers), "output", tolerance: 1e-6)
    layer.expect(
      pooling.inputGradient(
        layer.outputGradient, inputShape: layer.input.shape, on: workers),
      "input_gradient", tolerance: 1e-6)
  }

  @Test func softmax() throws {
    let layer = try Layer("softmax")
    let output = Softmax.forward(layer.input, on: workers)
    layer.expect(output, "output", tolerance: 1e-6)
    layer.expect(
      Softmax.inputGradient(layer.outputGradient, output: output, on: workers), "input_gradient",
      tolerance: 1e-6)
  }

  @Test(arguments: cases("resize"))
  func resize(_ name: String) throws {
    let layer = try Layer(name)
    let (from, to) = (layer.input.shape, layer["output"].shape)
    layer.expect(
      BilinearResize.forward(layer.input, height: to[1], width: to[2], on: workers), "output")
    layer.expect(
      BilinearResize.inputGradient(
        layer.outputGradient, inputHeight: from[1], inputWidth: from[2], on: workers),
      "input_gradient")
  }

  @Test(arguments: cases("affine"))
  func affineSampling(_ name: String) throws {
    let layer = try Layer(name)
    let matrices = layer["matrices"].tensor
    layer.expect(
      AffineSampling.forward(layer.input, matrices: matrices, on: workers), "output")
    layer.expect(
      AffineSampling.inputGradient(
        layer.outputGradient, matrices: matrices, inputShape: layer.input.shape, on: workers),
      "input_gradient")
  }

  @Test func sobel() throws {
    let layer = try Layer("sobel")
    layer.expect(Sobel.forward(layer.input, on: workers), "output", tolerance: 1e-6)
  }

  @Test(arguments: ["current", "published"])
  func adam(_ name: String) throws {
    let golden = try GoldenFile("optimiser")
    var value = golden["\(name).value"].tensor
    var (first, second) = (Tensor(shape: value.shape), Tensor(shape: value.shape))
    var decay = 1.0
    for step in 1...4 {
      decay *= 0.999
      // The published program adds epsilon before it corrects the second moment's bias.
      let epsilon = name == "published" ? 1e-8 / (1 - decay).squareRoot() : 1e-8
      AdamKernel.update(
        &value, gradient: golden["\(name).gradient_\(step)"].tensor, first: &first,
        second: &second, learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: epsilon,
        step: step, on: workers)
      expectClose(
        value, golden["\(name).value_\(step)"], absolute: 1e-6, relative: 1e-6, "step \(step)")
    }
  }
}
