/// Convolution as the deep-learning field means it (cross-correlation), by its sum.
///
/// n images, h rows, w columns, c channels (NHWC); weights are [k, k, inputChannels,
/// outputChannels] (HWIO). The output has ⌊(h + 2 · padding − dilation · (k − 1) − 1) / stride⌋ + 1
/// rows.
///
///     output[n, y, x, o] = Σ input[n, stride·y + dilation·i − padding, stride·x + dilation·j − padding, c] · weight[i, j, c, o]
public struct ReferenceConvolution: Sendable {
  /// Rows and columns of zeros on each side of the input.
  public let padding: Int
  /// The distance in the input between neighbouring taps of the kernel.
  public let dilation: Int
  /// The distance in the input between neighbouring output pixels.
  public let stride: Int

  /// A convolution of the given padding, dilation and stride, in pixels.
  public init(padding: Int, dilation: Int = 1, stride: Int = 1) {
    self.padding = padding
    self.dilation = dilation
    self.stride = stride
  }

  /// The output, [n, h', w', outputChannels].
  public func forward(_ input: ReferenceTensor, weight: ReferenceTensor) -> ReferenceTensor {
    let kernelSize = weight.shape[0]
    let shrink = dilation * (kernelSize - 1) - 2 * padding
    var output = ReferenceTensor(
      shape: [
        input.shape[0], (input.shape[1] - shrink - 1) / stride + 1,
        (input.shape[2] - shrink - 1) / stride + 1, weight.shape[3],
      ])
    forEachProduct(inputShape: input.shape, weightShape: weight.shape, outputShape: output.shape) {
      output.values[$2] += input.values[$0] * weight.values[$1]
    }
    return output
  }

  /// The gradient of ⟨output, outputGradient⟩ in the input.
  public func inputGradient(
    _ outputGradient: ReferenceTensor, weight: ReferenceTensor, inputShape: [Int]
  ) -> ReferenceTensor {
    var gradient = ReferenceTensor(shape: inputShape)
    forEachProduct(
      inputShape: inputShape, weightShape: weight.shape, outputShape: outputGradient.shape
    ) {
      gradient.values[$0] += outputGradient.values[$2] * weight.values[$1]
    }
    return gradient
  }

  /// The gradient of ⟨output, outputGradient⟩ in the weight.
  public func weightGradient(
    _ outputGradient: ReferenceTensor, input: ReferenceTensor, kernelSize: Int
  ) -> ReferenceTensor {
    var gradient = ReferenceTensor(
      shape: [kernelSize, kernelSize, input.shape[3], outputGradient.shape[3]])
    forEachProduct(
      inputShape: input.shape, weightShape: gradient.shape, outputShape: outputGradient.shape
    ) {
      gradient.values[$1] += outputGradient.values[$2] * input.values[$0]
    }
    return gradient
  }

  /// Calls the body with the flat indices (input, weight, output) of every product of the sum.
  private func forEachProduct(
    inputShape: [Int], weightShape: [Int], outputShape: [Int],
    _ body: (_ input: Int, _ weight: Int, _ output: Int) -> Void
  ) {
    let (height, width, inputChannels) = (inputShape[1], inputShape[2], inputShape[3])
    let (outputHeight, outputWidth) = (outputShape[1], outputShape[2])
    let (kernelSize, outputChannels) = (weightShape[0], weightShape[3])
    for image in 0..<inputShape[0] {
      for y in 0..<outputHeight {
        for x in 0..<outputWidth {
          for i in 0..<kernelSize {
            let row = stride * y + dilation * i - padding
            guard row >= 0, row < height else { continue }
            for j in 0..<kernelSize {
              let column = stride * x + dilation * j - padding
              guard column >= 0, column < width else { continue }
              for c in 0..<inputChannels {
                for o in 0..<outputChannels {
                  body(
                    ((image * height + row) * width + column) * inputChannels + c,
                    ((i * kernelSize + j) * inputChannels + c) * outputChannels + o,
                    ((image * outputHeight + y) * outputWidth + x) * outputChannels + o)
                }
              }
            }
          }
        }
      }
    }
  }
}
