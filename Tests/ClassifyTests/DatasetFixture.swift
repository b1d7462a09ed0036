import Classify
import Foundation
import Raster

/// A folder that goes away with the test that made it, and files in the published byte formats.
final class DatasetFixture: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(component: "classify-tests-\(UUID().uuidString)").path(percentEncoded: false)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ bytes: [UInt8], to name: String) throws {
    let url = URL(filePath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  /// Runs a program of the system inside the folder, such as `gzip` or `tar`.
  func run(_ program: String, _ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = URL(filePath: path)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }

  /// The value of a made-up image's channel at a place: different everywhere near.
  static func value(image: Int, row: Int, column: Int, channel: Int) -> UInt8 {
    UInt8((image * 31 + row * 7 + column * 3 + channel * 101) % 256)
  }

  static func image(_ number: Int, height: Int, width: Int, channels: Int) -> ByteImage {
    var pixels: [UInt8] = []
    for row in 0..<height {
      for column in 0..<width {
        for channel in 0..<channels {
          pixels.append(value(image: number, row: row, column: column, channel: channel))
        }
      }
    }
    return ByteImage(width: width, height: height, channels: channels, pixels: pixels)
  }

  static func idxImages(_ numbers: Range<Int>, side: Int = 28) -> [UInt8] {
    [0, 0, 8, 3] + bigEndian(numbers.count) + bigEndian(side) + bigEndian(side)
      + numbers.flatMap { image($0, height: side, width: side, channels: 1).pixels }
  }

  static func idxLabels(_ labels: [UInt8]) -> [UInt8] {
    [0, 0, 8, 1] + bigEndian(labels.count) + labels
  }

  /// The planes of an image of three channels, row by row or column by column.
  static func planes(_ number: Int, side: Int, byColumns: Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    for channel in 0..<3 {
      for outer in 0..<side {
        for inner in 0..<side {
          let (row, column) = byColumns ? (inner, outer) : (outer, inner)
          bytes.append(value(image: number, row: row, column: column, channel: channel))
        }
      }
    }
    return bytes
  }

  static func cifarRecords(_ numbers: Range<Int>, labels: (Int) -> [UInt8]) -> [UInt8] {
    numbers.flatMap { labels($0) + planes($0, side: 32, byColumns: false) }
  }

  static func stlImages(_ numbers: Range<Int>) -> [UInt8] {
    numbers.flatMap { planes($0, side: 96, byColumns: true) }
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) }
  }

  /// The four files of MNIST with so many images; image n of train has label n mod 10.
  func writeMNIST(train: Int, test: Int, separator: String = "-") throws {
    try write(Self.idxImages(0..<train), to: "train-images\(separator)idx3-ubyte")
    try write(
      Self.idxLabels((0..<train).map { UInt8($0 % 10) }), to: "train-labels\(separator)idx1-ubyte")
    try write(Self.idxImages(1000..<1000 + test), to: "t10k-images\(separator)idx3-ubyte")
    try write(
      Self.idxLabels((0..<test).map { UInt8(($0 + 5) % 10) }),
      to: "t10k-labels\(separator)idx1-ubyte")
  }
}

/// The error that `body` throws, as one of this module's, or nil.
func refusal(_ body: () throws -> Void) throws -> ClassifyError? {
  do {
    try body()
    return nil
  } catch let error as ClassifyError {
    return error
  }
}
