internal import Tensor

extension ConvolutionSequence {
  private static let dilations = [1, 1, 1, 1, 2, 2]
  /// The block whose output is pooled.
  private static let pooledBlock = 1

  /// The trunk of SegmentationNet10a: six blocks, with a max-pool after the second (paper section
  /// 4.3; a variant of VGG). Features are [n, h/2 − 4, w/2 − 4, c] of an input [n, h, w, in].
  ///
  /// Every convolution pads by one, the dilated ones too, so that each of those trims one cell on
  /// each side. The tensors are those described, in their order, each made by `value`.
  init(
    segmentationTrunk descriptions: [ModelTensor], value: (ModelTensor) throws -> Tensor
  ) rethrows {
    var rest = descriptions[...]
    let blocks = try Self.dilations.enumerated().map { index, dilation in
      try ConvolutionBlock(
        takenFrom: &rest, padding: 1, dilation: dilation,
        pooling: index == Self.pooledBlock ? MaxPooling(size: 2, stride: 2) : nil, value: value)
    }
    precondition(rest.isEmpty, "\(rest.count) tensors beside the trunk's")
    self.init(blocks: blocks)
  }
}
