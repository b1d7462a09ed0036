/// Reads the JSON of a safetensors header: objects, strings and lists of whole numbers, no deeper
/// than the caller asks. Unlike a general decoder it reports every key, repeated ones too.
struct SafetensorsHeaderScanner {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Reads `{ key: value, … }`; `member` reads each value.
  mutating func scanObject(
    _ member: (_ key: String, _ scanner: inout SafetensorsHeaderScanner) throws -> Void
  ) throws {
    try expect("{")
    guard !skip("}") else { return }
    repeat {
      let key = try scanString()
      try expect(":")
      try member(key, &self)
    } while skip(",")
    try expect("}")
  }

  /// Reads `[ 1, 2, … ]`: whole numbers from 0, at most `limit` of them.
  mutating func scanIntegers(atMost limit: Int) throws -> [Int] {
    var integers: [Int] = []
    try expect("[")
    guard !skip("]") else { return [] }
    repeat {
      guard integers.count < limit else {
        throw unreadable("a list has more than \(limit) numbers")
      }
      integers.append(try scanInteger())
    } while skip(",")
    try expect("]")
    return integers
  }

  /// Reads a string, its escapes resolved.
  mutating func scanString() throws -> String {
    try expect("\"")
    var text: [UInt8] = []
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw unreadable("a string is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"):
        text += try scanEscape()
      case ..<0x20:
        throw unreadable("a string has a control character")
      default:
        text.append(byte)
      }
    }
    throw unreadable("a string does not end")
  }

  /// Nothing but blanks may follow.
  mutating func scanEnd() throws {
    skipBlanks()
    guard position == bytes.endIndex else { throw unreadable("something follows its end") }
  }

  private mutating func scanInteger() throws -> Int {
    skipBlanks()
    let start = position
    var value = 0
    while position < bytes.endIndex, case let digit = bytes[position],
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit)
    {
      let shifted = value.multipliedReportingOverflow(by: 10)
      let sum = shifted.partialValue.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      guard !shifted.overflow, !sum.overflow else { throw unreadable("a number is too large") }
      value = sum.partialValue
      position += 1
    }
    let digits = position - start
    guard digits == 1 || (digits > 1 && bytes[start] != UInt8(ascii: "0")) else {
      throw unreadable("a whole number from 0 is missing")
    }
    return value
  }

  private mutating func scanEscape() throws -> [UInt8] {
    switch next() {
    case UInt8(ascii: "\""): return [UInt8(ascii: "\"")]
    case UInt8(ascii: "\\"): return [UInt8(ascii: "\\")]
    case UInt8(ascii: "/"): return [UInt8(ascii: "/")]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try scanCodePoint()
    default: throw unreadable("a string has an unknown escape")
    }
  }

  /// Reads what follows `\u`: four hexadecimal digits, or two such escapes where they are a
  /// surrogate pair.
  private mutating func scanCodePoint() throws -> [UInt8] {
    let first = try scanHexadecimal()
    var value = first
    if (0xD800..<0xDC00).contains(first) {
      guard next() == UInt8(ascii: "\\"), next() == UInt8(ascii: "u"),
        case let second = try scanHexadecimal(), (0xDC00..<0xE000).contains(second)
      else { throw unreadable("half a surrogate pair") }
      value = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw unreadable("half a surrogate pair") }
    return Array(String(scalar).utf8)
  }

  private mutating func scanHexadecimal() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unreadable("an escape lacks its four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  private mutating func next() -> UInt8? {
    guard position < bytes.endIndex else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func skipBlanks() {
    while position < bytes.endIndex, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
    }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard position < bytes.endIndex, bytes[position] == UInt8(ascii: character) else {
      return false
    }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard skip(character) else { throw unreadable("`\(character)` is missing") }
  }

  private func unreadable(_ what: String) -> IICError {
    Safetensors.damaged("its header is unreadable at byte \(position - bytes.startIndex): \(what)")
  }
}
