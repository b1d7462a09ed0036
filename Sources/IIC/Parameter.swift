public import Tensor

/// A learned tensor of a network, with its gradient.
public struct Parameter: Sendable {
  /// The name in the published state dict, such as `trunk.features.0.weight`.
  public let name: String
  /// The value; convolution weights are HWIO [k, k, in, out].
  public var value: Tensor
  /// The sum of the gradients that backward passes added since the last `zeroGradients()`; of the
  /// value's shape.
  public var gradient: Tensor
  /// Whether a backward pass has reached the parameter since the last `zeroGradients()`.
  ///
  /// An optimiser leaves alone what no pass has ever reached, such as a head that does not train
  /// yet, rather than taking its gradient for zero.
  public var hasGradient = false

  /// A parameter with a gradient of zero.
  public init(name: String, value: Tensor) {
    self.name = name
    self.value = value
    gradient = Tensor(shape: value.shape)
  }

  /// Adds to the gradient what has as many numbers, whatever its shape.
  mutating func addToGradient(_ part: Tensor, on workers: Workers) {
    gradient.add(part.reshaped(to: gradient.shape), on: workers)
    hasGradient = true
  }
}

/// A tensor that a network keeps but does not learn by gradient: a running mean or variance.
public struct Buffer: Sendable {
  /// The name in the published state dict, such as `trunk.features.1.running_mean`.
  public let name: String
  /// The value.
  public var value: Tensor

  /// A named tensor.
  public init(name: String, value: Tensor) {
    self.name = name
    self.value = value
  }
}

/// A network whose tensors can be walked through, always in the same order: that of the published
/// state dict. Optimisers, checkpoints and gradient tests all go this one way.
public protocol ParameterisedNetwork: Sendable {
  /// Calls `body` with each learned tensor.
  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows
  /// Calls `body` with each running statistic.
  mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows
}

extension ParameterisedNetwork {
  /// The learned tensors.
  public var parameters: [Parameter] {
    var (network, result) = (self, [Parameter]())
    network.forEachParameter { result.append($0) }
    return result
  }

  /// The running statistics.
  public var buffers: [Buffer] {
    var (network, result) = (self, [Buffer]())
    network.forEachBuffer { result.append($0) }
    return result
  }

  /// Every tensor by its published name, as held in memory (convolution weights HWIO).
  public var tensors: [String: Tensor] {
    let pairs = parameters.map { ($0.name, $0.value) } + buffers.map { ($0.name, $0.value) }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// How many numbers are learned.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.value.count } }

  /// Sets every gradient to zero, and says that no backward pass has been.
  public mutating func zeroGradients(on workers: Workers) {
    forEachParameter { parameter in
      guard parameter.hasGradient else { return }
      parameter.gradient.fill(with: 0, on: workers)
      parameter.hasGradient = false
    }
  }
}
