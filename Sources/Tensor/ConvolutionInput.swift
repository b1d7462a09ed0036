/// What a convolution reads of one view: a tensor [n, h, w, c], normalised and cut at zero on the way
/// in where there is a normalisation. An activation is passed on so, without being written anywhere.
public struct ConvolutionInput: Sendable {
  /// [n, h, w, c].
  public let values: Tensor
  /// The normalisation, with a ReLU after it; nil where values are read as they are.
  public let rectifying: FoldedNormalisation?

  /// What is read.
  public init(_ values: Tensor, rectifying: FoldedNormalisation? = nil) {
    self.values = values
    self.rectifying = rectifying
  }

  /// What is read, as a tensor.
  func rectified(on workers: Workers) -> Tensor {
    guard let rectifying else { return values }
    return BatchNormalisation.apply(values, rectifying, rectified: true, on: workers)
  }

  /// The pixel that padding adds: what is zero once it is read.
  func border(channels: Int) -> [Float] {
    rectifying?.zeroPixel ?? [Float](repeating: 0, count: channels)
  }
}
