internal import Tensor

extension Tensor {
  /// Convolution weights [k, k, in, out] drawn from N(0, 2 / (k² · in)): Kaiming's normal
  /// initialisation for ReLU by fan-in (He et al., 2015), as published for the VGG family.
  static func kaimingNormal(shape: [Int], using generator: inout SeededGenerator) -> Tensor {
    precondition(shape.count == 4, "convolution weights of the shape \(shape)")
    let deviation = Float((2 / Double(shape[0] * shape[1] * shape[2])).squareRoot())
    let values = (0..<shape.reduce(1, *)).map { _ in deviation * generator.normal() }
    return Tensor(shape: shape, values: values)
  }
}
