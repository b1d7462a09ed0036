import IIC

/// What `iic export` says of the file it wrote.
struct ExportReport: Encodable {
  struct Value: Encodable {
    let name: String
    let type = "float32"
    /// Numbers, and names of what can be any number.
    let shape: [Extent]
    let meaning: String

    init(_ value: ONNXModel.Value) {
      name = value.name
      meaning = value.meaning
      shape = value.shape.map(Extent.init)
    }
  }

  struct Extent: Encodable, CustomStringConvertible {
    let extent: ONNXModel.Extent

    var description: String {
      switch extent {
      case .fixed(let count): "\(count)"
      case .any(let name): name
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch extent {
      case .fixed(let count): try container.encode(count)
      case .any(let name): try container.encode(name)
      }
    }
  }

  let path: String
  let bytes: Int
  let operatorSet: Int
  let architecture: String
  let digest: String
  let head: String
  /// From 1 on.
  let subHead: Int
  let smallestSide: Int
  let input: Value
  let output: Value

  init(
    _ network: ONNXModel, of file: ModelFile, path: String, bytes: Int, head: HeadName,
    subHead: Int
  ) throws {
    self.path = path
    self.bytes = bytes
    operatorSet = ONNXModel.operatorSet
    architecture = file.configuration.architecture.rawValue
    digest = try file.digest
    self.head = head.rawValue
    self.subHead = subHead + 1
    smallestSide = network.smallestSide
    input = Value(network.input)
    output = Value(network.output)
  }

  var text: String {
    var lines = ["\(path): \(architecture), ONNX operators \(operatorSet)"]
    for (kind, value) in [("input ", input), ("output", output)] {
      lines.append(
        "  \(kind) \(value.name) \(value.type) [\(value.shape.map(\.description).joined(separator: ", "))]: "
          + value.meaning)
    }
    return lines.joined(separator: "\n")
  }
}
