/// A message in the wire format of protocol buffers while it is written: numbered fields, one after
/// another (https://protobuf.dev/programming-guides/encoding).
struct ProtocolBuffer: Sendable {
  /// How a field's value is laid out.
  private enum WireType: UInt64 {
    case variable = 0
    case delimited = 2
    case fixed32 = 5
  }

  /// The message so far.
  private(set) var bytes: [UInt8] = []

  /// Adds a whole number.
  mutating func add(_ field: Int, _ value: Int) {
    tag(field, .variable)
    variable(UInt64(bitPattern: Int64(value)))
  }

  /// Adds whole numbers, a field each.
  mutating func add(_ field: Int, _ values: [Int]) {
    for value in values { add(field, value) }
  }

  /// Adds a number of 32 bits.
  mutating func add(_ field: Int, _ value: Float) {
    tag(field, .fixed32)
    bytes.appendLittleEndian(value.bitPattern)
  }

  /// Adds a text.
  mutating func add(_ field: Int, _ value: String) { add(field, bytes: Array(value.utf8)) }

  /// Adds a message.
  mutating func add(_ field: Int, _ value: ProtocolBuffer) { add(field, bytes: value.bytes) }

  /// Adds bytes.
  mutating func add(_ field: Int, bytes value: [UInt8]) {
    tag(field, .delimited)
    variable(UInt64(value.count))
    bytes += value
  }

  private mutating func tag(_ field: Int, _ type: WireType) {
    variable(UInt64(field) << 3 | type.rawValue)
  }

  /// Seven bits a byte, the lowest first; all but the last have the highest bit set.
  private mutating func variable(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
