import Foundation
import Testing

@testable import Raster

@Suite struct OutputPathTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func refused(
    _ path: String, overwrite: Bool = false, inputs: [String] = []
  ) throws -> RasterError? {
    try refusal { try OutputPath.check(path, overwrite: overwrite, inputs: inputs) }
  }

  @Test func `a path that can be written passes and is left alone`() throws {
    try OutputPath.check(folder.file("new.tif"), overwrite: false)
    #expect(try folder.contents().isEmpty)
    let existing = try folder.write([1], to: "old.tif")
    try OutputPath.check(existing, overwrite: true)
    #expect(try folder.bytes(of: "old.tif") == [1])
  }

  @Test func `an existing file needs overwrite`() throws {
    let existing = try folder.write([1], to: "old.tif")
    let error = try #require(try refused(existing))
    #expect(error.reason.contains("exists") && error.remedy.contains("--overwrite"))
    #expect(error.path == existing)
  }

  @Test func `an input is never written over`() throws {
    let input = try folder.write([1], to: "in.tif")
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link.tif"), withDestinationPath: input)
    for path in [input, folder.file("link.tif"), "\(folder.path)/../\(lastName)/in.tif"] {
      let error = try refused(path, overwrite: true, inputs: [folder.file("other.tif"), input])
      #expect(error?.reason.contains("input") == true, "\(path)")
    }
  }

  private var lastName: String { URL(fileURLWithPath: folder.path).lastPathComponent }

  @Test func `folders missing, read-only or no folders are found`() throws {
    let missing = try #require(try refused(folder.file("absent/map.tif")))
    #expect(missing.reason.contains("does not exist") && missing.remedy.contains("mkdir"))
    _ = try folder.write([1], to: "file")
    #expect(try refused(folder.file("file/map.tif")) != nil)
    #expect(try refused(folder.path, overwrite: true)?.reason.contains("folder") == true)
    #expect(try refused("")?.reason.contains("no file name") == true)
    // Nobody, the superuser included, makes folders here.
    #expect(try refused("/proc/map.tif")?.reason.contains("not writable") == true)
    #expect(try refused("/dev/null", overwrite: true)?.reason.contains("regular") == true)
  }
}
