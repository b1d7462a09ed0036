public import Foundation

/// A tensor of a golden file: its shape and its values, row-major.
public struct GoldenTensor: Sendable, Equatable {
  public let shape: [Int]
  public let values: [Float]

  /// The value of a tensor with one element.
  public var scalar: Float {
    precondition(values.count == 1, "shape \(shape) is not one value")
    return values[0]
  }
}

/// The values another implementation computed, as `tools/golden` wrote them.
///
/// Reads `.safetensors` files of float32 and byte tensors. It shares no code with the package's own reader,
/// so that neither vouches for the other. What each file holds stands in
/// `Tests/IICTests/Golden/README.md`.
public struct GoldenFile: Sendable {
  public let tensors: [String: GoldenTensor]
  public let metadata: [String: String]

  /// The folder of the committed golden files.
  public static var folder: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(components: "IICTests", "Golden")
  }

  /// Reads `name`.safetensors from `folder`; throws what Foundation throws when it cannot be read,
  /// or a `GoldenFileError` when it is not such a file.
  public init(_ name: String, in folder: URL = GoldenFile.folder) throws {
    let url = folder.appending(component: "\(name).safetensors")
    let bytes = [UInt8](try Data(contentsOf: url))
    guard bytes.count >= 8 else { throw GoldenFileError(name, "shorter than eight bytes") }
    let length = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8) else { throw GoldenFileError(name, "header too long") }
    let payload = 8 + Int(length)
    let json = try JSONSerialization.jsonObject(with: Data(bytes[8..<payload]))
    guard let header = json as? [String: Any] else {
      throw GoldenFileError(name, "the header is not an object")
    }
    var tensors: [String: GoldenTensor] = [:]
    for (key, value) in header where key != "__metadata__" {
      guard let entry = value as? [String: Any], let type = entry["dtype"] as? String,
        let size = ["F32": 4, "U8": 1][type],
        let shape = entry["shape"] as? [Int], let range = entry["data_offsets"] as? [Int],
        range.count == 2, range[1] - range[0] == size * shape.reduce(1, *), range[0] >= 0,
        payload + range[1] <= bytes.count
      else { throw GoldenFileError(name, "\(key) is no float32 or byte tensor within the file") }
      if type == "U8" {
        tensors[key] = GoldenTensor(
          shape: shape, values: bytes[payload + range[0]..<payload + range[1]].map { Float($0) })
        continue
      }
      let values = stride(from: payload + range[0], to: payload + range[1], by: 4).map { start in
        Float(
          bitPattern: UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8
            | UInt32(bytes[start + 2]) << 16 | UInt32(bytes[start + 3]) << 24)
      }
      tensors[key] = GoldenTensor(shape: shape, values: values)
    }
    self.tensors = tensors
    self.metadata = header["__metadata__"] as? [String: String] ?? [:]
  }

  /// The tensor of that name; traps with the names there are when there is none.
  public subscript(name: String) -> GoldenTensor {
    guard let tensor = tensors[name] else {
      preconditionFailure("no golden tensor \(name) among \(tensors.keys.sorted())")
    }
    return tensor
  }

  /// The parts of the names before their first dot, in order: the cases of a file of cases.
  public var cases: [String] {
    Set(tensors.keys.compactMap { $0.split(separator: ".").first.map(String.init) }).sorted()
  }
}

/// Says why a golden file could not be read.
public struct GoldenFileError: Error, CustomStringConvertible {
  public let description: String

  init(_ name: String, _ reason: String) {
    description = "golden file \(name): \(reason)"
  }
}
