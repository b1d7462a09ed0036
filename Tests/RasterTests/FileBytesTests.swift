import Foundation
import Testing

@testable import Raster

@Suite struct FileBytesTests {
  private let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }

  private func run(_ program: String, _ arguments: [String], in folder: TemporaryFolder) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = URL(filePath: folder.path)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func `plain, zipped and archived files give the same bytes`() throws {
    let folder = try TemporaryFolder()
    let plain = try folder.write(content, to: "plain.bin")
    try FileManager.default.createDirectory(
      atPath: folder.file("inner"), withIntermediateDirectories: false)
    try FileManager.default.copyItem(atPath: plain, toPath: folder.file("inner/a {b}.bin"))
    _ = try folder.write([1, 2, 3], to: "inner/small.bin")
    try run("tar", ["czf", "both.tar.gz", "inner"], in: folder)
    try run("tar", ["cf", "both.tar", "inner"], in: folder)
    try run("gzip", ["-k", "plain.bin"], in: folder)
    let names = try folder.contents()

    var paths = [plain, FileBytes.unzipping(folder.file("plain.bin.gz"))]
    for archive in ["both.tar.gz", "both.tar"] {
      let members = try FileBytes.members(ofArchive: folder.file(archive))
      #expect(members.map(\.name).sorted() == ["inner/a {b}.bin", "inner/small.bin"])
      #expect(members.first { $0.name.hasSuffix("small.bin") }?.bytes == 3)
      paths.append(FileBytes.member("inner/a {b}.bin", ofArchive: folder.file(archive)))
    }
    for path in paths {
      #expect(try FileBytes.read(path, upTo: .max) == content)
      #expect(try FileBytes.read(path, upTo: 1000) == Array(content[0..<1000]))
      #expect(try FileBytes.read(path, upTo: content.count) == content)
      #expect(try FileBytes.length(of: path) == content.count)
    }
    #expect(try folder.contents() == names, "reading leaves something behind")
  }

  @Test func `what is missing or damaged is refused by name`() throws {
    let folder = try TemporaryFolder()
    let missing = try #require(
      try refusal { _ = try FileBytes.read(folder.file("nowhere"), upTo: 1) })
    #expect(missing.path.contains("nowhere"))
    let noArchive = try folder.write([UInt8](repeating: 7, count: 2000), to: "no.tar")
    #expect(try refusal { _ = try FileBytes.members(ofArchive: noArchive) } != nil)
    let empty = try folder.write([], to: "empty")
    #expect(try FileBytes.read(empty, upTo: 10) == [])
    #expect(try FileBytes.length(of: empty) == 0)
  }
}
