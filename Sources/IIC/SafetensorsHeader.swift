/// The header of a safetensors file: what lies where in the payload that follows it.
struct SafetensorsHeader {
  /// The element types that are understood.
  enum ElementType: String {
    case float32 = "F32"
    case int64 = "I64"

    var size: Int {
      switch self {
      case .float32: 4
      case .int64: 8
      }
    }
  }

  struct Entry {
    var name: String
    var type: ElementType
    var shape: [Int]
    /// The bytes within the payload.
    var range: Range<Int>
  }

  /// The header's longest length; more would be thousands of tensors or a hostile file.
  static let longestLength = 16 << 20
  static let metadataKey = "__metadata__"

  /// In the payload's order: each entry begins where the one before it ends.
  var entries: [Entry] = []
  var metadata: [String: String] = [:]

  /// The header's length, from the file's first eight bytes; throws unless a header of that length
  /// fits into the file.
  static func length(prefix: ArraySlice<UInt8>, fileSize: Int) throws -> Int {
    guard prefix.count == 8 else {
      throw Safetensors.damaged("it has \(fileSize) bytes, too few for a safetensors file")
    }
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(longestLength) else {
      throw Safetensors.damaged("it is no safetensors file (or its header is over 16 MiB)")
    }
    guard Int(length) <= fileSize - 8 else {
      throw Safetensors.damaged("it ends within its header, or is no safetensors file")
    }
    return Int(length)
  }

  /// Parses the header and checks it against the payload: known types, shapes that fit their
  /// bytes, no name twice, and no byte left out or covered twice.
  init(json: ArraySlice<UInt8>, payloadSize: Int) throws {
    var scanner = SafetensorsHeaderScanner(json)
    var names: Set<String> = []
    var sawMetadata = false
    try scanner.scanObject { name, scanner in
      if name == Self.metadataKey {
        guard !sawMetadata else { throw Safetensors.damaged("`__metadata__` stands there twice") }
        sawMetadata = true
        metadata = try Self.scanMetadata(&scanner)
      } else {
        guard names.insert(name).inserted else {
          throw Safetensors.damaged("two tensors are named \(IICError.quoted(name))")
        }
        entries.append(try Self.scanEntry(name, &scanner))
      }
    }
    try scanner.scanEnd()
    try checkCoverage(of: payloadSize)
  }

  private static func scanMetadata(
    _ scanner: inout SafetensorsHeaderScanner
  ) throws -> [String: String] {
    var metadata: [String: String] = [:]
    try scanner.scanObject { key, scanner in
      let value = try scanner.scanString()
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw Safetensors.damaged("its metadata has \(IICError.quoted(key)) twice")
      }
    }
    return metadata
  }

  private static func scanEntry(
    _ name: String, _ scanner: inout SafetensorsHeaderScanner
  ) throws -> Entry {
    let tensor = "the tensor \(IICError.quoted(name))"
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.scanObject { key, scanner in
      switch key {
      case "dtype" where typeName == nil: typeName = try scanner.scanString()
      case "shape" where shape == nil: shape = try scanner.scanIntegers(atMost: 16)
      case "data_offsets" where offsets == nil: offsets = try scanner.scanIntegers(atMost: 2)
      default:
        throw Safetensors.damaged(
          "\(tensor) has the key \(IICError.quoted(key)), which does not belong there")
      }
    }
    guard let typeName, let shape, let offsets, offsets.count == 2 else {
      throw Safetensors.damaged("\(tensor) lacks its dtype, shape or two data_offsets")
    }
    guard let type = ElementType(rawValue: typeName) else {
      throw IICError(
        operation: Safetensors.readOperation,
        reason: "\(tensor) is of type \(IICError.quoted(typeName))",
        remedy: "save it as float32 (F32)")
    }
    if type == .int64, !(shape.isEmpty || shape == [1]) {
      throw IICError(
        operation: Safetensors.readOperation,
        reason: "\(tensor) is an array of 64-bit integers", remedy: "save it as float32 (F32)")
    }
    // Empty axes count as one here, so that no product of some of the extents overflows either.
    var capacity = type.size
    for extent in shape {
      let product = capacity.multipliedReportingOverflow(by: max(extent, 1))
      guard !product.overflow else { throw Safetensors.damaged("\(tensor) is impossibly large") }
      capacity = product.partialValue
    }
    let size = shape.contains(0) ? 0 : capacity
    guard offsets[0] <= offsets[1], offsets[1] - offsets[0] == size else {
      throw Safetensors.damaged("\(tensor) does not fill the bytes \(offsets[0])..<\(offsets[1])")
    }
    return Entry(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  private mutating func checkCoverage(of payloadSize: Int) throws {
    // Empty tensors lie between their neighbours; the name makes the order, and so the message,
    // the same each time.
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name)
        < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    var covered = 0
    for entry in entries {
      guard entry.range.lowerBound == covered else {
        let how = entry.range.lowerBound < covered ? "overlaps another" : "leaves a gap before it"
        throw Safetensors.damaged("the tensor \(IICError.quoted(entry.name)) \(how)")
      }
      covered = entry.range.upperBound
    }
    guard covered == payloadSize else {
      throw Safetensors.damaged(
        "its tensors take \(covered) bytes and \(payloadSize) follow its header")
    }
  }
}
