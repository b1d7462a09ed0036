/// A message in the wire format of protocol buffers, taken apart. Traps on what is not one, and on
/// fields that are not there or of another kind.
struct WireMessage {
  private enum Value {
    case integer(Int)
    case fixed32(UInt32)
    case bytes([UInt8])
  }

  private var fields: [Int: [Value]] = [:]

  init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    func variable() -> UInt64 {
      var value: UInt64 = 0
      for shift in stride(from: 0, to: 64, by: 7) {
        let byte = rest.removeFirst()
        value |= UInt64(byte & 0x7F) << shift
        if byte & 0x80 == 0 { return value }
      }
      preconditionFailure("a number of more than ten bytes")
    }
    while !rest.isEmpty {
      let tag = variable()
      let value: Value
      switch tag & 7 {
      case 0: value = .integer(Int(Int64(bitPattern: variable())))
      case 2:
        let count = Int(variable())
        value = .bytes(Array(rest.prefix(count)))
        precondition(rest.count >= count, "\(count) bytes of \(rest.count)")
        rest.removeFirst(count)
      case 5:
        value = .fixed32((0..<4).reduce(0) { $0 | UInt32(rest.removeFirst()) << (8 * $1) })
      default: preconditionFailure("a value of kind \(tag & 7)")
      }
      fields[Int(tag >> 3), default: []].append(value)
    }
  }

  func integers(_ field: Int) -> [Int] {
    fields[field, default: []].map { value in
      guard case .integer(let integer) = value else { preconditionFailure("field \(field)") }
      return integer
    }
  }

  func integer(_ field: Int) -> Int { only(integers(field)) }

  func number(_ field: Int) -> Float {
    guard case .fixed32(let bits) = only(fields[field, default: []]) else {
      preconditionFailure("field \(field)")
    }
    return Float(bitPattern: bits)
  }

  func bytes(_ field: Int) -> [UInt8] { only(allBytes(field)) }

  func texts(_ field: Int) -> [String] {
    allBytes(field).map { String(decoding: $0, as: UTF8.self) }
  }

  func text(_ field: Int) -> String { only(texts(field)) }

  func messages(_ field: Int) -> [WireMessage] { allBytes(field).map(WireMessage.init) }

  func message(_ field: Int) -> WireMessage { only(messages(field)) }

  private func allBytes(_ field: Int) -> [[UInt8]] {
    fields[field, default: []].map { value in
      guard case .bytes(let bytes) = value else { preconditionFailure("field \(field)") }
      return bytes
    }
  }

  private func only<Element>(_ values: [Element]) -> Element {
    precondition(values.count == 1, "\(values.count) where one is expected")
    return values[0]
  }
}
