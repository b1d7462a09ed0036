/// An image of 8 bits a channel in memory: grey (one channel), RGB (three), or as many channels as
/// one likes; no grid, no nodata.
public struct ByteImage: Sendable, Equatable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Values of a pixel.
  public let channels: Int
  /// The image, [height, width, channels], row-major.
  public let pixels: [UInt8]

  /// An image of given pixels. Traps where they do not fit the shape.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && channels > 0 && pixels.count == width * height * channels,
      "\(pixels.count) bytes for \(height) × \(width) × \(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }
}
