import Testing

@testable import Raster

@Suite struct PNGImageTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [1, 3, 4])
  func `pictures come back as written`(channels: Int) throws {
    let pixels = (0..<7 * 5 * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let picture = PNGImage(width: 7, height: 5, channels: channels, pixels: pixels)
    try picture.write(to: folder.file("a.png"), overwrite: false)
    #expect(try PNGImage.read(folder.file("a.png")) == picture)
    #expect(try folder.contents() == ["a.png"])
    #expect(throws: RasterError.self) {
      try picture.write(to: folder.file("a.png"), overwrite: false)
    }
    try picture.write(to: folder.file("a.png"), overwrite: true)
  }

  @Test func `what is no whole picture is refused`() throws {
    let picture = PNGImage(
      width: 64, height: 64, channels: 1, pixels: (0..<4096).map { UInt8($0 * $0 % 251) })
    try picture.write(to: folder.file("whole.png"), overwrite: false)
    let bytes = try folder.bytes(of: "whole.png")
    let cut = try folder.write(Array(bytes[..<(bytes.count / 2)]), to: "cut.png")
    #expect(try refusal { _ = try PNGImage.read(cut) }?.reason.contains("cut short") == true)
    let text = try folder.write(Array("hello".utf8), to: "text.png")
    #expect(try refusal { _ = try PNGImage.read(text) }?.reason.contains("not a PNG") == true)
    let absent = try refusal { _ = try PNGImage.read(folder.file("absent.png")) }
    #expect(absent?.reason == "no such file")
  }
}
