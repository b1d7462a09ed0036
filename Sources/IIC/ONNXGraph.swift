internal import Tensor

// n images, c channels, h rows, w columns (NCHW), as ONNX has them; weights as in a model file.

/// A graph in ONNX's format while it grows: nodes, each of which computes one value of others, in
/// the order of computation, and constants.
///
/// Nodes, values and constants are named after the published modules: `trunk.features.0` is what
/// the convolution of the weights `trunk.features.0.weight` gives.
struct ONNXGraph {
  /// A value that a node computes, or a constant, or the input.
  struct Value: Equatable {
    /// Of no other value in the graph.
    let name: String
  }

  /// A setting of a node.
  enum Attribute {
    case integer(Int)
    case integers([Int])
    case number(Float)
    case text(String)
  }

  /// The version of ONNX's operators that nodes are written for: that of ONNX 1.12 (2022).
  static let operatorSet = 17

  /// Nodes and constants, as ``ONNXFormat/Node`` and ``ONNXFormat/Tensor``.
  private(set) var nodes: [ProtocolBuffer] = []
  private(set) var constants: [ProtocolBuffer] = []
  private var names: Set<String>

  /// A graph of the input alone.
  init(input: Value) {
    names = [input.name]
  }

  /// Adds a node of an operator and returns what it computes. Traps if the name is taken.
  mutating func add(
    _ operation: String, _ inputs: [Value], name: String,
    _ attributes: KeyValuePairs<String, Attribute> = [:]
  ) -> Value {
    let value = newValue(name)
    var node = ProtocolBuffer()
    for input in inputs { node.add(ONNXFormat.Node.inputs, input.name) }
    node.add(ONNXFormat.Node.outputs, value.name)
    node.add(ONNXFormat.Node.name, name)
    node.add(ONNXFormat.Node.operation, operation)
    for (name, attribute) in attributes {
      node.add(ONNXFormat.Node.attributes, attribute.message(named: name))
    }
    nodes.append(node)
    return value
  }

  /// Adds a constant of floating-point numbers. Traps if the name is taken.
  mutating func constant(_ name: String, shape: [Int], _ values: [Float]) -> Value {
    precondition(values.count == shape.reduce(1, *), "\(values.count) numbers of shape \(shape)")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * values.count)
    for value in values { bytes.appendLittleEndian(value.bitPattern) }
    return constant(name, shape: shape, ONNXFormat.ElementType.float32, bytes)
  }

  /// Adds a vector of whole numbers. Traps if the name is taken.
  mutating func constant(_ name: String, _ values: [Int]) -> Value {
    var bytes: [UInt8] = []
    for value in values { bytes.appendLittleEndian(UInt64(bitPattern: Int64(value))) }
    return constant(name, shape: [values.count], ONNXFormat.ElementType.int64, bytes)
  }

  private mutating func constant(
    _ name: String, shape: [Int], _ type: Int, _ bytes: [UInt8]
  ) -> Value {
    var constant = ProtocolBuffer()
    constant.add(ONNXFormat.Tensor.extents, shape)
    constant.add(ONNXFormat.Tensor.elementType, type)
    constant.add(ONNXFormat.Tensor.name, name)
    constant.add(ONNXFormat.Tensor.bytes, bytes: bytes)
    constants.append(constant)
    return newValue(name)
  }

  private mutating func newValue(_ name: String) -> Value {
    precondition(names.insert(name).inserted, "two values are called \(name)")
    return Value(name: name)
  }
}

extension ONNXGraph.Attribute {
  fileprivate func message(named name: String) -> ProtocolBuffer {
    typealias Field = ONNXFormat.Attribute
    var message = ProtocolBuffer()
    message.add(Field.name, name)
    switch self {
    case .integer(let value):
      message.add(Field.type, ONNXFormat.AttributeType.integer)
      message.add(Field.integer, value)
    case .integers(let values):
      message.add(Field.type, ONNXFormat.AttributeType.integers)
      message.add(Field.integers, values)
    case .number(let value):
      message.add(Field.type, ONNXFormat.AttributeType.number)
      message.add(Field.number, value)
    case .text(let value):
      message.add(Field.type, ONNXFormat.AttributeType.text)
      message.add(Field.text, value)
    }
    return message
  }
}
