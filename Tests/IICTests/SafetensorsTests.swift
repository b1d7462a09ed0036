import Foundation
import IIC
import Tensor
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  static let small = Safetensors(
    tensors: [
      "b": Tensor(shape: [2, 3], values: [1, -2, 3.5, 0, -0.0, .infinity]),
      "a": Tensor(shape: [], values: [7]),
      "none": Tensor(shape: [0, 4]),
    ],
    integers: ["steps": -3],
    metadata: ["two": "line\nbreak \"quoted\" \\ \u{1}", "one": "größe 🛰"])

  /// A file with the given header and payload.
  static func file(_ header: String, payload: [UInt8] = []) -> [UInt8] {
    let text = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + payload
  }

  static func entry(
    _ name: String, dtype: String = "F32", shape: String = "[1]", offsets: String = "[0,4]"
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  @Test func everythingReadsBack() throws {
    let back = try Safetensors(bytes: Self.small.serialised())
    #expect(back.metadata == Self.small.metadata)
    #expect(back.integers == ["steps": -3])
    #expect(Set(back.tensors.keys) == ["a", "b", "none"])
    #expect(back.tensors["b"]?.shape == [2, 3])
    #expect(
      back.tensors["b"]?.values.map(\.bitPattern)
        == Self.small.tensors["b"]?.values.map(\.bitPattern))
    #expect(back.tensors["a"]?.shape == [])
    #expect(back.tensors["none"]?.shape == [0, 4])
  }

  @Test func bytesAreThoseOfTheFormat() throws {
    let contents = Safetensors(
      tensors: ["w": Tensor(shape: [2], values: [1, 2])], integers: ["n": 258],
      metadata: ["z": "1", "k": "v"])
    let header =
      #"{"__metadata__":{"k":"v","z":"1"},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#
      + #""w":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.count % 8) % 8)
    let payload: [UInt8] = [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]
    #expect(try contents.serialised() == Self.file(padded, payload: payload))

    // What sha256sum says of these bytes.
    let folder = try TemporaryFolder()
    #expect(
      try contents.write(to: folder.path("w.safetensors"))
        == "5cf33f05478a0c688ff3b41bf757005d8815b2b62657dee48cb2bd61744f5a4f")
  }

  @Test func anotherImplementationReadsWhatIsWritten() throws {
    let folder = try TemporaryFolder()
    var contents = Self.small
    contents.integers = [:]
    try contents.write(to: folder.path("small.safetensors"))
    let golden = try GoldenFile("small", in: folder.url)
    #expect(golden.metadata == Self.small.metadata)
    #expect(golden["b"].shape == [2, 3])
    #expect(golden["b"].values == Self.small.tensors["b"]?.values)
  }

  @Test func blanksAndEscapesAreUnderstood() throws {
    let contents = try Safetensors(
      bytes: Self.file(
        "{ \"__metadata__\" : {\"k\\u0065y\": \"\\uD83D\\uDEF0\\/\\n\"},\n\t"
          + "\"w\" : { \"shape\" : [ 1 ] , \"data_offsets\":[0, 4],\"dtype\":\"F32\"} }  ",
        payload: [0, 0, 0x80, 0x3F]))
    #expect(contents.metadata == ["key": "🛰/\n"])
    #expect(contents.tensors["w"]?.values == [1])
  }

  @Test(arguments: [
    ("{}", 4, "follow its header"),
    ("{" + entry("a") + "}", 3, "follow its header"),
    ("{" + entry("a") + "}", 8, "follow its header"),
    ("{" + entry("a") + "," + entry("b") + "}", 4, "overlaps"),
    ("{" + entry("a") + "," + entry("b", offsets: "[8,12]") + "}", 12, "gap"),
    ("{" + entry("a", offsets: "[4,8]") + "}", 8, "gap"),
    ("{" + entry("a") + "," + entry("a", offsets: "[4,8]") + "}", 8, "two tensors"),
    ("{" + entry("a", shape: "[2]") + "}", 4, "does not fill"),
    ("{" + entry("a", offsets: "[4,0]") + "}", 4, "does not fill"),
    ("{" + entry("a", offsets: "[0,4,8]") + "}", 4, "more than 2"),
    ("{" + entry("a", offsets: "[0]") + "}", 4, "lacks"),
    ("{" + entry("a", offsets: "[-4,0]") + "}", 0, "whole number"),
    ("{" + entry("a", shape: "[1.0]") + "}", 4, "missing"),
    ("{" + entry("a", shape: "[01]") + "}", 4, "whole number"),
    ("{" + entry("a", shape: "[99999999999999999999]") + "}", 4, "too large"),
    ("{" + entry("a", shape: "[4611686018427387904,8]") + "}", 4, "impossibly large"),
    ("{" + entry("a", shape: "[0,4294967296,4294967296]", offsets: "[0,0]") + "}", 0, "impossibly"),
    ("{" + entry("a", shape: "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]") + "}", 4, "more than 16"),
    ("{" + entry("a", dtype: "BF16", shape: "[2]") + "}", 4, "BF16"),
    ("{" + entry("counts", dtype: "I64", shape: "[2]", offsets: "[0,16]") + "}", 16, "counts"),
    (
      "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4,
      "dtype"
    ),
    ("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "lacks"),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4],\"x\":1}}", 4,
      "does not belong"
    ),
    ("{\"a\":[[[[[[[[", 0, "missing"),
    ("{\"__metadata__\":{\"k\":1}}", 0, "missing"),
    ("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "twice"),
    ("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "twice"),
    ("{\"__metadata__\":{\"k\":\"\\uD83D\"}}", 0, "surrogate"),
    ("{\"__metadata__\":{\"k\":\"\\uDEF0\"}}", 0, "surrogate"),
    ("{\"__metadata__\":{\"k\":\"\n\"}}", 0, "control"),
    ("{\"__metadata__\":{\"k\":\"\\x\"}}", 0, "escape"),
    ("{\"__metadata__\":{\"k\":\"open", 0, "does not end"),
    ("{} x", 0, "follows its end"), ("[]", 0, "missing"), ("", 0, "missing"), ("{,}", 0, "missing"),
  ])
  func hostileHeaderIsRefused(header: String, payload: Int, reason: String) {
    let bytes = Self.file(header, payload: Array(repeating: 0, count: payload))
    let error = #expect(throws: IICError.self) { try Safetensors(bytes: bytes) }
    #expect(error?.reason.contains(reason) == true, "\(error?.description ?? "no error")")
  }

  @Test func invalidTextIsRefused() {
    var bytes = Self.file("{\"__metadata__\":{\"k\":\"?\"}}")
    bytes[bytes.firstIndex(of: UInt8(ascii: "?"))!] = 0xFF
    let error = #expect(throws: IICError.self) { try Safetensors(bytes: bytes) }
    #expect(error?.reason.contains("UTF-8") == true)
  }

  @Test func absurdHeaderLengthsAreRefused() throws {
    let good = try Self.small.serialised()
    for length in [UInt64.max, 1 << 63, 1 << 40, UInt64(good.count)] {
      let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
      #expect(throws: IICError.self) { try Safetensors(bytes: prefix + good.dropFirst(8)) }
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = try Self.small.serialised()
    let folder = try TemporaryFolder()
    for length in bytes.indices {
      let error = #expect(throws: IICError.self) {
        try Safetensors(bytes: Array(bytes[..<length]))
      }
      // From a file the refusal is the same, and names the file.
      guard length.isMultiple(of: 16) else { continue }
      try Data(bytes[..<length]).write(to: URL(filePath: folder.path("short")))
      let fromFile = #expect(throws: IICError.self) {
        try Safetensors(reading: folder.path("short"))
      }
      #expect(fromFile == error.map { named($0, folder.path("short")) })
    }
    #expect(throws: IICError.self) { try Safetensors(bytes: bytes + [0]) }
  }

  private func named(_ error: IICError, _ path: String) -> IICError {
    var error = error
    error.path = path
    return error
  }

  /// Whatever a byte is changed to, the file is refused, or holds something that reads back.
  @Test func changedBytesNeverCrash() throws {
    let original = try Self.small.serialised()
    var generator = SeededGenerator(seed: 7)
    var refused = 0
    for round in 0..<10_000 {
      var bytes = original
      for _ in 0...round % 3 {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
          round.isMultiple(of: 2)
          ? UInt8.random(in: 0...255, using: &generator)
          : Array("{}[]\",:0123456789 \\u".utf8).randomElement(using: &generator)!
      }
      do {
        let contents = try Safetensors(bytes: bytes)
        let again = try contents.serialised()
        #expect(try Safetensors(bytes: again).serialised() == again)
      } catch is IICError {
        refused += 1
      }
    }
    #expect(refused > 2_500)
  }

  @Test func namesMustNotClash() {
    let long = String(decoding: [UInt8](repeating: 0x78, count: 17 << 20), as: UTF8.self)
    let tensor = Tensor(shape: [1])
    for contents in [
      Safetensors(tensors: ["n": tensor], integers: ["n": 1]),
      Safetensors(tensors: ["__metadata__": tensor]),
      Safetensors(tensors: [:], integers: ["__metadata__": 1]),
      Safetensors(tensors: [:], metadata: ["k": long]),
    ] {
      #expect(throws: IICError.self) { try contents.serialised() }
    }
  }

  @Test func writingReplacesTheFileAndLeavesNothingBeside() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("state.safetensors")
    try Data("old".utf8).write(to: URL(filePath: path))
    let digest = try Self.small.write(to: path)
    #expect(digest.count == 64)
    #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == Self.small.serialised())
    #expect(try folder.contents() == ["state.safetensors"])
  }

  @Test func failedWritingLeavesNothing() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path("taken"), withIntermediateDirectories: false)
    let onFolder = #expect(throws: IICError.self) { try Self.small.write(to: folder.path("taken")) }
    #expect(onFolder?.path == folder.path("taken"))
    let nowhere = folder.path("missing/state.safetensors")
    let missing = #expect(throws: IICError.self) { try Self.small.write(to: nowhere) }
    #expect(
      missing?.description
        == "cannot write \(nowhere): there is no such file or folder; "
        + "give a path in a folder that can be written")
    #expect(try folder.contents() == ["taken"])
  }

  @Test func onlyRegularFilesAreRead() throws {
    let folder = try TemporaryFolder()
    for path in [folder.path("missing"), folder.url.path(percentEncoded: false), "/dev/zero"] {
      let error = #expect(throws: IICError.self) { try Safetensors(reading: path) }
      #expect(error?.path == path)
    }
  }
}

/// A folder that is deleted with its contents when the test ends.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(component: "iic-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

  func contents() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.path(percentEncoded: false)).sorted()
  }
}
