public import Tensor

/// What a safetensors file holds: float32 tensors, 64-bit integers and text.
///
/// The format: eight bytes with the header's length (little-endian), the header as JSON, then the
/// tensors' bytes. A file is refused unless every byte of it is accounted for exactly once.
public struct Safetensors: Sendable {
  /// The float32 tensors by name, in the file's own shapes.
  public var tensors: [String: Tensor]
  /// Single integers by name (`I64` of shape `[]` or `[1]`), as PyTorch counts batches with;
  /// written with shape `[]`.
  public var integers: [String: Int64]
  /// `__metadata__`: text by key.
  public var metadata: [String: String]

  /// Gathers what is to be written. A name may stand for a tensor or for an integer, not for both,
  /// and `__metadata__` for neither.
  public init(
    tensors: [String: Tensor], integers: [String: Int64] = [:], metadata: [String: String] = [:]
  ) {
    self.tensors = tensors
    self.integers = integers
    self.metadata = metadata
  }

  /// Reads a whole file. Throws an ``IICError`` when there is none, or it is no safetensors file,
  /// is damaged, or holds tensors of other types than float32.
  ///
  /// Only the header's first eight bytes are read before the file's own size has vouched for them,
  /// so a large file of another kind costs nothing.
  public init(reading path: String) throws {
    self = try Self.readingWithDigest(path).contents
  }

  /// Reads a file that is in memory; throws as ``init(reading:)`` does.
  public init(bytes: [UInt8]) throws {
    let headerLength = try SafetensorsHeader.length(
      prefix: bytes[..<min(8, bytes.count)], fileSize: bytes.count)
    let payloadStart = 8 + headerLength
    let header = try SafetensorsHeader(
      json: bytes[8..<payloadStart], payloadSize: bytes.count - payloadStart)
    self.init(header: header) { Array(bytes[(payloadStart + $0.lowerBound)...].prefix($0.count)) }
  }

  /// Assembles the contents, asking for the payload's bytes range by range in the file's order.
  init(header: SafetensorsHeader, bytes: (Range<Int>) throws -> [UInt8]) rethrows {
    self.init(tensors: [:], metadata: header.metadata)
    for entry in header.entries {
      let raw = try bytes(entry.range)
      switch entry.type {
      case .float32:
        tensors[entry.name] = Tensor(shape: entry.shape, values: Self.floats(raw))
      case .int64:
        let word = raw.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        integers[entry.name] = Int64(bitPattern: word)
      }
    }
  }

  private static func floats(_ raw: [UInt8]) -> [Float] {
    stride(from: 0, to: raw.count, by: 4).map { start in
      Float(
        bitPattern: UInt32(raw[start]) | UInt32(raw[start + 1]) << 8
          | UInt32(raw[start + 2]) << 16 | UInt32(raw[start + 3]) << 24)
    }
  }

  static let readOperation = "read"

  static func damaged(_ reason: String) -> IICError {
    IICError(
      operation: readOperation, reason: reason, remedy: "use a whole, undamaged .safetensors file")
  }
}
