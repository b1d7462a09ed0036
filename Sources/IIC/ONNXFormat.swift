/// The part of ONNX's format that is written: fields' numbers in its messages, and what their values
/// stand for (onnx.proto of https://github.com/onnx/onnx).
enum ONNXFormat {
  enum Model {
    static let formatVersion = 1
    static let producerName = 2
    static let producerVersion = 3
    static let graph = 7
    static let operatorSets = 8
    static let metadata = 14
  }

  enum OperatorSet {
    static let version = 2
  }

  enum Entry {
    static let key = 1
    static let value = 2
  }

  enum Graph {
    static let nodes = 1
    static let name = 2
    static let constants = 5
    static let inputs = 11
    static let outputs = 12
  }

  enum Node {
    static let inputs = 1
    static let outputs = 2
    static let name = 3
    static let operation = 4
    static let attributes = 5
  }

  enum Attribute {
    static let name = 1
    static let number = 2
    static let integer = 3
    static let text = 4
    static let integers = 8
    /// Which of them it has: ``AttributeType``.
    static let type = 20
  }

  enum AttributeType {
    static let number = 1
    static let integer = 2
    static let text = 3
    static let integers = 7
  }

  enum Tensor {
    static let extents = 1
    /// ``ElementType``.
    static let elementType = 2
    static let name = 8
    static let bytes = 9
  }

  enum ElementType {
    static let float32 = 1
    static let int64 = 7
  }

  enum Value {
    static let name = 1
    /// A message whose field 1 describes a tensor: ``TensorType``.
    static let type = 2
    static let meaning = 3
  }

  enum TensorType {
    static let elementType = 1
    /// A message whose fields 1 are ``Extent``s.
    static let shape = 2
  }

  enum Extent {
    static let count = 1
    static let name = 2
  }
}
