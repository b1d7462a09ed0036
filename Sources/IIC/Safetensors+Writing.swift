internal import Tensor

extension Safetensors {
  /// The file's bytes: the same contents always give the same ones. Integers come first, so that
  /// everything is aligned to its size, then tensors, each kind by name; the header is padded with
  /// spaces to a multiple of eight bytes.
  ///
  /// Throws an ``IICError`` where a name is taken twice or the header would be over 16 MiB.
  public func serialised() throws -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = Self.sorted(metadata).map { "\(Self.quoted($0)):\(Self.quoted($1))" }
      members.append(
        "\(Self.quoted(SafetensorsHeader.metadataKey)):{\(texts.joined(separator: ","))}")
    }
    var offset = 0
    func describe(_ name: String, _ type: SafetensorsHeader.ElementType, _ shape: [Int]) {
      let size = shape.reduce(type.size, *)
      let extents = shape.map(String.init).joined(separator: ",")
      members.append(
        "\(Self.quoted(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(extents)],"
          + "\"data_offsets\":[\(offset),\(offset + size)]}")
      offset += size
    }
    let sortedIntegers = Self.sorted(integers)
    let sortedTensors = Self.sorted(tensors)
    for (name, _) in sortedIntegers {
      guard tensors[name] == nil else {
        throw Self.unwritable("\(IICError.quoted(name)) names a tensor and an integer")
      }
      describe(name, .int64, [])
    }
    for (name, tensor) in sortedTensors { describe(name, .float32, tensor.shape) }
    guard integers[SafetensorsHeader.metadataKey] == nil,
      tensors[SafetensorsHeader.metadataKey] == nil
    else { throw Self.unwritable("`__metadata__` names a tensor") }

    var header = Array("{\(members.joined(separator: ","))}".utf8)
    header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: -header.count & 7))
    guard header.count <= SafetensorsHeader.longestLength else {
      throw Self.unwritable("its names and metadata are over 16 MiB")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + offset)
    bytes.appendLittleEndian(UInt64(header.count))
    bytes += header
    for (_, value) in sortedIntegers { bytes.appendLittleEndian(UInt64(bitPattern: value)) }
    for (_, tensor) in sortedTensors {
      tensor.withSpan { values in
        for index in values.indices { bytes.appendLittleEndian(values[index].bitPattern) }
      }
    }
    return bytes
  }

  /// Writes the file whole or not at all; returns the SHA-256 of its bytes in hexadecimal. Throws
  /// an ``IICError`` as ``serialised()`` does, or when the file cannot be written.
  @discardableResult
  public func write(to path: String) throws -> String {
    do {
      let bytes = try serialised()
      try AtomicFile.write(bytes, to: path)
      return ModelDigest.hexadecimal(of: bytes)
    } catch let error as IICError {
      throw error.at(path: path)
    }
  }

  /// In the order of the names' UTF-8 bytes, which no locale changes.
  private static func sorted<Value>(_ values: [String: Value]) -> [(key: String, value: Value)] {
    values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  private static func quoted(_ text: String) -> String {
    // Most need no escape, and a recipe may be long.
    guard
      !text.utf8.allSatisfy({
        $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
      })
    else { return "\"\(text)\"" }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case ..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private static func unwritable(_ reason: String) -> IICError {
    IICError(
      operation: AtomicFile.operation, reason: reason, remedy: "rename or shorten what it holds")
  }
}
