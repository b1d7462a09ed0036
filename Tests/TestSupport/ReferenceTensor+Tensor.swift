public import Tensor

extension ReferenceTensor {
  /// The values of a tensor, which Double holds exactly.
  public init(_ tensor: Tensor) {
    self.init(shape: tensor.shape, values: tensor.values.map { Double($0) })
  }

  /// The values another implementation computed.
  public init(_ golden: GoldenTensor) {
    self.init(shape: golden.shape, values: golden.values.map { Double($0) })
  }

  /// The values rounded to Float: what an operation under test is given.
  public var tensor: Tensor {
    Tensor(shape: shape, values: values.map { Float($0) })
  }
}

extension GoldenTensor {
  /// The same values as an operation under test takes them.
  public var tensor: Tensor { Tensor(shape: shape, values: values) }
}

extension Tensor: ComparableValues {
  public var comparedShape: [Int] { shape }
  public var comparedValues: [Double] { values.map { Double($0) } }
}

extension GoldenTensor: ComparableValues {
  public var comparedShape: [Int] { shape }
  public var comparedValues: [Double] { values.map { Double($0) } }
}
