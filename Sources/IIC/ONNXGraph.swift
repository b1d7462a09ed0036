internal import Foundation
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

  private(set) var nodes: [ONNXNodeProto] = []
  private(set) var constants: [ONNXTensorProto] = []
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
    nodes.append(
      .with {
        $0.opType = operation
        $0.name = name
        $0.input = inputs.map(\.name)
        $0.output = [value.name]
        $0.attribute = attributes.map { $1.proto(named: $0) }
      })
    return value
  }

  /// Adds a constant of floating-point numbers. Traps if the name is taken.
  mutating func constant(_ name: String, shape: [Int], _ values: [Float]) -> Value {
    precondition(values.count == shape.reduce(1, *), "\(values.count) numbers of shape \(shape)")
    var bytes = Data(capacity: 4 * values.count)
    for value in values { Self.append(value.bitPattern, to: &bytes) }
    return constant(name, shape: shape, .float, bytes)
  }

  /// Adds a vector of whole numbers. Traps if the name is taken.
  mutating func constant(_ name: String, _ values: [Int]) -> Value {
    var bytes = Data(capacity: 8 * values.count)
    for value in values { Self.append(UInt64(bitPattern: Int64(value)), to: &bytes) }
    return constant(name, shape: [values.count], .int64, bytes)
  }

  private mutating func constant(
    _ name: String, shape: [Int], _ type: ONNXTensorProto.DataType, _ bytes: Data
  ) -> Value {
    constants.append(
      .with {
        $0.name = name
        $0.dims = shape.map(Int64.init)
        $0.dataType = Int32(type.rawValue)
        $0.rawData = bytes
      })
    return newValue(name)
  }

  private mutating func newValue(_ name: String) -> Value {
    precondition(names.insert(name).inserted, "two values are called \(name)")
    return Value(name: name)
  }

  /// The lowest byte first, as the format wants it.
  private static func append(_ number: some FixedWidthInteger, to bytes: inout Data) {
    for shift in stride(from: 0, to: number.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}

extension ONNXGraph.Attribute {
  fileprivate func proto(named name: String) -> ONNXAttributeProto {
    .with {
      $0.name = name
      switch self {
      case .integer(let value):
        $0.type = .int
        $0.i = Int64(value)
      case .integers(let values):
        $0.type = .ints
        $0.ints = values.map(Int64.init)
      case .number(let value):
        $0.type = .float
        $0.f = value
      case .text(let value):
        $0.type = .string
        $0.s = Data(value.utf8)
      }
    }
  }
}
