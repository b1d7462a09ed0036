import Raster
import Testing

@Suite struct ByteImageEncodingTests {
  private func image(channels: Int) -> ByteImage {
    ByteImage(
      width: 37, height: 21, channels: channels,
      pixels: (0..<37 * 21 * channels).map { UInt8($0 * 5 / channels % 180 + 30) })
  }

  @Test(arguments: [1, 3])
  func `pictures in memory are those of the files`(channels: Int) throws {
    let folder = try TemporaryFolder()
    let image = image(channels: channels)
    let png = try folder.write(image.pngBytes(), to: "picture.png")
    #expect(try ByteImage.decode(png) == image)
    let jpeg = try ByteImage.decode(folder.write(image.jpegBytes(quality: 95), to: "picture.jpg"))
    #expect(jpeg.width == 37 && jpeg.height == 21 && jpeg.channels == channels)
    let error = zip(jpeg.pixels, image.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    #expect(Double(error) / Double(image.pixels.count) < 4)
    #expect(try image.jpegBytes(quality: 30).count < image.jpegBytes(quality: 95).count)
    #expect(try folder.contents() == ["picture.jpg", "picture.png"])
  }
}
