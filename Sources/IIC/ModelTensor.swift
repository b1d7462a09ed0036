internal import Tensor

// Shapes in a file: convolution weights OIHW [out, in, k, k], linear weights [out, in], where a
// linear layer reads a map as PyTorch flattens it: channels, then rows, then columns. In memory:
// convolution weights HWIO [k, k, in, out]; linear weights [h, w, c, out], so that maps are read as
// they lie here (NHWC).

/// One tensor that a network has: its name in the published state dict, and its shape.
public struct ModelTensor: Sendable, Equatable {
  /// What a tensor is to the network.
  public enum Role: Sendable, Equatable {
    /// A convolution's weights, learned.
    case convolutionWeight
    /// A batch normalisation's γ, learned.
    case scale
    /// A batch normalisation's β, learned.
    case shift
    /// The running mean of a batch normalisation, a buffer.
    case runningMean
    /// The running variance of a batch normalisation, a buffer.
    case runningVariance
    /// A linear layer's weights, learned.
    case linearWeight
    /// A linear layer's bias, learned.
    case bias
  }

  /// The published name, such as `trunk.features.0.weight`.
  public let name: String
  /// What it is.
  public let role: Role
  /// Its shape in a file.
  public let fileShape: [Int]
  /// Its shape in memory.
  public let shape: [Int]

  /// A vector with an entry a channel or cluster.
  init(name: String, role: Role, count: Int) {
    self.name = name
    self.role = role
    fileShape = [count]
    shape = [count]
  }

  /// A square convolution's weights.
  init(convolution name: String, from inputs: Int, to outputs: Int, kernelSize: Int) {
    self.name = name
    role = .convolutionWeight
    fileShape = [outputs, inputs, kernelSize, kernelSize]
    shape = [kernelSize, kernelSize, inputs, outputs]
  }

  /// The weights of a linear layer over maps of `side` × `side` cells.
  init(linear name: String, fromMapsOf channels: Int, side: Int, to outputs: Int) {
    self.name = name
    role = .linearWeight
    fileShape = [outputs, channels * side * side]
    shape = [side, side, channels, outputs]
  }

  /// What a file holds, of its shape there, as it is in memory.
  func inMemory(_ tensor: Tensor) -> Tensor {
    precondition(
      tensor.shape == fileShape, "`\(name)` has the shape \(tensor.shape), not \(fileShape)")
    // A linear layer's weights are those of a convolution that covers the whole map.
    return shape.count == 4
      ? tensor.reshaped(to: [3, 2, 0, 1].map { shape[$0] }).convolutionWeightFromFile() : tensor
  }

  /// What is in memory, of this tensor's shape, as a file holds it.
  func inFile(_ tensor: Tensor) -> Tensor {
    precondition(tensor.shape == shape, "`\(name)` has the shape \(tensor.shape), not \(shape)")
    return shape.count == 4
      ? tensor.convolutionWeightForFile().reshaped(to: fileShape) : tensor
  }

  /// The tensor of this name, of this shape.
  ///
  /// Throws an ``IICError`` if there is none, or if it has another shape.
  func value(in tensors: [String: Tensor]) throws -> Tensor {
    let remedy = "use a file whose tensors are those of its `iic.config`"
    guard let tensor = tensors[name] else {
      throw IICError(
        operation: "make the network", reason: "the tensor `\(name)` is missing", remedy: remedy)
    }
    guard tensor.shape == shape else {
      throw IICError(
        operation: "make the network",
        reason: "the tensor `\(name)` has the shape \(tensor.shape), not \(shape)",
        remedy: remedy)
    }
    return tensor
  }
}
