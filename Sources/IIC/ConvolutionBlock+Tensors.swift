internal import Tensor

extension ConvolutionBlock {
  /// The block whose tensors come first in `descriptions`, which are taken off: a convolution's
  /// weights, γ, β and, where they are tracked, the running mean and variance, each made by `value`.
  init(
    takenFrom descriptions: inout ArraySlice<ModelTensor>, padding: Int, dilation: Int = 1,
    stride: Int = 1, isRectified: Bool = true, pooling: MaxPooling? = nil,
    value: (ModelTensor) throws -> Tensor
  ) rethrows {
    let weight = descriptions.removeFirst()
    precondition(
      weight.role == .convolutionWeight && weight.shape[0] == weight.shape[1],
      "\(weight.name) begins a block")
    func parameter(_ description: ModelTensor) throws -> Parameter {
      Parameter(name: description.name, value: try value(description))
    }
    self.init(
      convolution: Convolution(
        inputChannels: weight.shape[2], outputChannels: weight.shape[3],
        kernelSize: weight.shape[0], padding: padding, dilation: dilation, stride: stride),
      weight: try parameter(weight), scale: try parameter(descriptions.removeFirst()),
      shift: try parameter(descriptions.removeFirst()), isRectified: isRectified,
      pooling: pooling)
    if descriptions.first?.role == .runningMean {
      let (mean, variance) = (descriptions.removeFirst(), descriptions.removeFirst())
      running = RunningStatistics(
        mean: Buffer(name: mean.name, value: try value(mean)),
        variance: Buffer(name: variance.name, value: try value(variance)))
    }
  }
}

extension ConvolutionBlock.Tape {
  /// Whether the statistics are.
  var isFinite: Bool { statistics.isFinite }
}
