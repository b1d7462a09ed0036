import Foundation
import TestSupport
import Testing

@testable import Raster

@Suite struct ByteImageDecodingTests {
  private static let goldenFolder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(component: "Golden")

  @Test(arguments: [
    "rgb.png", "grey.png", "rgba.png", "grey_alpha.png", "palette.png", "sixteen.png", "rgb.jp2",
    "rgb.jpg", "grey.jpg",
  ])
  func `images read as another implementation reads them`(name: String) throws {
    let wanted = try GoldenFile("images", in: Self.goldenFolder)[name]
    let image = try ByteImage.decode(
      Self.goldenFolder.appending(component: name).path(percentEncoded: false))
    #expect([image.height, image.width, image.channels] == wanted.shape)
    // JPEG libraries may round differently.
    let allowed: Float = name.hasSuffix(".jpg") ? 2 : 0
    for (value, expected) in zip(image.pixels, wanted.values) {
      #expect(abs(Float(value) - expected) <= allowed)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: Self.goldenFolder.path)
        .allSatisfy { !$0.hasSuffix(".aux.xml") })
  }

  @Test func `values of more than 8 bits are scaled by what they hold`() throws {
    let folder = try TemporaryFolder()
    func decode(_ values: [Float], _ type: RasterDataType) throws -> [UInt8] {
      let path = try folder.raster(
        "\(UUID().uuidString).tif", width: values.count, height: 1, values: values, dataType: type)
      return try ByteImage.decode(path).pixels
    }
    #expect(try decode([0, 0.5, 1, 0.2], .float32) == [0, 128, 255, 51])
    #expect(try decode([0, 100, 255, 7.4], .float32) == [0, 100, 255, 7])
    #expect(try decode([-100, 0, 100, 300], .float32) == [0, 64, 128, 255])
    #expect(try decode([100, 1100, 2100, 600], .uint16) == [0, 128, 255, 64])
    #expect(try decode([1, 200, 255, 0], .uint16) == [1, 200, 255, 0])
    #expect(try decode([1000, 1000, 1000, 1000], .uint16) == [0, 0, 0, 0])
    #expect(try decode([-3e38, 0, 3e38, 1.5e38], .float32) == [0, 128, 255, 191])
  }

  @Test func `of many bands three are seen, and pixels without data are black`() throws {
    let folder = try TemporaryFolder()
    let values: [Float] = [10, 20, 30, 40, 50, 9, 9, 9, 9, 9]
    let path = try folder.raster(
      "five.tif", width: 2, height: 1, values: values, dataType: .uint8, nodata: 9)
    #expect(
      try ByteImage.decode(path)
        == ByteImage(width: 2, height: 1, channels: 3, pixels: [10, 20, 30, 0, 0, 0]))
    let named = try folder.raster(
      "named.tif", width: 1, height: 1, values: [1, 2, 3, 4], dataType: .uint8,
      bandNames: ["nir", "red", "green", "blue"])
    #expect(try ByteImage.decode(named).pixels == [2, 3, 4])
  }

  @Test func `damaged images and other files are refused by name`() throws {
    let folder = try TemporaryFolder()
    for name in ["rgb.jpg", "rgb.png", "rgb.jp2"] {
      let whole = try Data(contentsOf: Self.goldenFolder.appending(component: name))
      let cut = try folder.write([UInt8](whole.prefix(whole.count * 6 / 10)), to: name)
      let error = try #require(try refusal { _ = try ByteImage.decode(cut) }, "\(name)")
      #expect(error.path == cut)
    }
    let text = try folder.write([UInt8]("hello".utf8), to: "text.png")
    #expect(try refusal { _ = try ByteImage.decode(text) } != nil)
    let missing = try #require(
      try refusal { _ = try ByteImage.decode(folder.file("missing.png")) })
    #expect(missing.reason == "no such file")
    let huge = try folder.write(
      tiff(
        width: 10_000, height: 10_000, bitsPerSample: 8, sampleFormat: 1, stripBytes: 4,
        pixels: [1, 2, 3, 4]), to: "huge.tif")
    #expect(try refusal { _ = try ByteImage.decode(huge) } != nil)
  }
}
