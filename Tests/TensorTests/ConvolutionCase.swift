import TestSupport

@testable import Tensor

/// One shape of convolution, with the references of its three passes.
struct ConvolutionCase: Sendable, CustomStringConvertible {
  let images: Int
  let height: Int
  let width: Int
  let inputChannels: Int
  let outputChannels: Int
  let kernelSize: Int
  let padding: Int
  let dilation: Int
  let stride: Int

  init(
    _ images: Int, _ height: Int, _ width: Int, channels inputChannels: Int,
    to outputChannels: Int, kernel kernelSize: Int, padding: Int, dilation: Int = 1,
    stride: Int = 1
  ) {
    self.images = images
    self.height = height
    self.width = width
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernelSize = kernelSize
    self.padding = padding
    self.dilation = dilation
    self.stride = stride
  }

  /// Shapes that fall on every side of the ways a convolution may be computed: one pixel, one row,
  /// one column; few and many channels; every remainder of a division into tiles of four; the
  /// published layers' kernels; padding within and beyond the kernel's reach.
  static let all: [ConvolutionCase] = [
    ConvolutionCase(1, 1, 1, channels: 1, to: 1, kernel: 1, padding: 0),
    ConvolutionCase(1, 1, 1, channels: 3, to: 5, kernel: 1, padding: 1),
    ConvolutionCase(1, 1, 1, channels: 1, to: 3, kernel: 3, padding: 1),
    ConvolutionCase(2, 1, 1, channels: 33, to: 16, kernel: 3, padding: 1),
    ConvolutionCase(1, 1, 9, channels: 3, to: 3, kernel: 3, padding: 1),
    ConvolutionCase(1, 9, 1, channels: 20, to: 3, kernel: 3, padding: 1),
    ConvolutionCase(2, 5, 7, channels: 3, to: 5, kernel: 3, padding: 1),
    ConvolutionCase(3, 7, 5, channels: 5, to: 3, kernel: 3, padding: 1, dilation: 2),
    ConvolutionCase(1, 9, 11, channels: 16, to: 33, kernel: 3, padding: 1, dilation: 2),
    ConvolutionCase(2, 6, 9, channels: 17, to: 5, kernel: 3, padding: 1, dilation: 2),
    ConvolutionCase(1, 8, 7, channels: 33, to: 16, kernel: 3, padding: 1),
    ConvolutionCase(1, 4, 10, channels: 33, to: 33, kernel: 3, padding: 0),
    ConvolutionCase(2, 6, 6, channels: 17, to: 5, kernel: 1, padding: 0),
    ConvolutionCase(2, 6, 5, channels: 33, to: 5, kernel: 1, padding: 1),
    ConvolutionCase(1, 7, 9, channels: 16, to: 1, kernel: 5, padding: 2),
    ConvolutionCase(1, 9, 7, channels: 5, to: 16, kernel: 5, padding: 0),
    ConvolutionCase(2, 3, 3, channels: 33, to: 17, kernel: 5, padding: 2),
    ConvolutionCase(2, 6, 6, channels: 17, to: 33, kernel: 5, padding: 2),
    ConvolutionCase(1, 4, 4, channels: 3, to: 3, kernel: 3, padding: 4),
    ConvolutionCase(1, 5, 5, channels: 20, to: 4, kernel: 3, padding: 3),
    ConvolutionCase(1, 12, 13, channels: 5, to: 5, kernel: 3, padding: 2, dilation: 2),
    ConvolutionCase(1, 5, 5, channels: 3, to: 16, kernel: 3, padding: 0, dilation: 2),
    ConvolutionCase(3, 33, 17, channels: 1, to: 3, kernel: 3, padding: 1),
    ConvolutionCase(2, 14, 15, channels: 64, to: 65, kernel: 3, padding: 1),
    ConvolutionCase(1, 17, 12, channels: 65, to: 64, kernel: 3, padding: 1, dilation: 2),
    ConvolutionCase(1, 3, 4, channels: 4, to: 3, kernel: 2, padding: 1),
    ConvolutionCase(3, 29, 31, channels: 16, to: 17, kernel: 3, padding: 1),
    ConvolutionCase(1, 3, 2, channels: 257, to: 256, kernel: 3, padding: 1),
    ConvolutionCase(1, 3, 3, channels: 16, to: 16, kernel: 3, padding: 1, dilation: 2),
    ConvolutionCase(1, 7, 6, channels: 16, to: 16, kernel: 3, padding: 5),
    ConvolutionCase(2, 12, 12, channels: 64, to: 33, kernel: 5, padding: 2),
    ConvolutionCase(1, 11, 14, channels: 17, to: 48, kernel: 5, padding: 2, dilation: 2),
    ConvolutionCase(2, 10, 7, channels: 16, to: 40, kernel: 5, padding: 1),
    ConvolutionCase(3, 3, 3, channels: 48, to: 80, kernel: 5, padding: 2),
    ConvolutionCase(2, 9, 9, channels: 144, to: 150, kernel: 3, padding: 1),
    ConvolutionCase(9, 5, 5, channels: 33, to: 32, kernel: 3, padding: 1),
    ConvolutionCase(2, 10, 9, channels: 40, to: 48, kernel: 3, padding: 1),
    ConvolutionCase(3, 5, 5, channels: 160, to: 128, kernel: 3, padding: 1),
    ConvolutionCase(1, 50, 45, channels: 16, to: 16, kernel: 3, padding: 1),
    ConvolutionCase(1, 1, 1, channels: 3, to: 2, kernel: 3, padding: 1, stride: 2),
    ConvolutionCase(2, 5, 7, channels: 5, to: 3, kernel: 3, padding: 1, stride: 2),
    ConvolutionCase(3, 17, 16, channels: 16, to: 33, kernel: 3, padding: 1, stride: 2),
    ConvolutionCase(2, 9, 9, channels: 64, to: 65, kernel: 3, padding: 1, stride: 2),
    ConvolutionCase(2, 9, 8, channels: 33, to: 17, kernel: 1, padding: 0, stride: 2),
    ConvolutionCase(1, 6, 7, channels: 4, to: 5, kernel: 1, padding: 1, stride: 3),
    ConvolutionCase(2, 11, 9, channels: 3, to: 6, kernel: 5, padding: 2, stride: 3),
    ConvolutionCase(1, 10, 13, channels: 7, to: 4, kernel: 3, padding: 1, dilation: 2, stride: 2),
    ConvolutionCase(1, 4, 4, channels: 2, to: 3, kernel: 2, padding: 0, stride: 4),
  ]

  /// With fast schemes however small the shape.
  var convolution: Convolution {
    var convolution = direct
    convolution.leastFastWork = 0
    return convolution
  }

  /// As such a small convolution is computed.
  var direct: Convolution {
    Convolution(
      inputChannels: inputChannels, outputChannels: outputChannels, kernelSize: kernelSize,
      padding: padding, dilation: dilation, stride: stride)
  }

  var reference: ReferenceConvolution {
    ReferenceConvolution(padding: padding, dilation: dilation, stride: stride)
  }

  var inputShape: [Int] { [images, height, width, inputChannels] }
  var weightShape: [Int] { [kernelSize, kernelSize, inputChannels, outputChannels] }
  var outputShape: [Int] {
    let shrink = dilation * (kernelSize - 1) - 2 * padding
    return [
      images, (height - shrink - 1) / stride + 1, (width - shrink - 1) / stride + 1,
      outputChannels,
    ]
  }

  var input: ReferenceTensor { .random(inputShape, seed: 1) }
  var weight: ReferenceTensor { .random(weightShape, seed: 2) }
  var outputGradient: ReferenceTensor { .random(outputShape, seed: 3) }

  /// Some elements, evenly spread, of an array to differentiate numerically: as many as leave the
  /// whole suite fast.
  func sampledElements(of count: Int) -> [Int] {
    let products =
      outputShape.reduce(1, *) * kernelSize * kernelSize * inputChannels
    let wanted = min(count, max(3, min(40, 3_000_000 / products)))
    return (0..<wanted).map { $0 * count / wanted }
  }

  var description: String {
    "\(images)×\(height)×\(width), \(inputChannels)→\(outputChannels) channels, "
      + "kernel \(kernelSize), padding \(padding), dilation \(dilation), "
      + "stride \(stride)"
  }
}
