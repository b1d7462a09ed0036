internal import CPNG
internal import Foundation

/// A picture of 8 bits a channel: grey, RGB, or RGB with transparency.
public struct PNGImage: Sendable, Equatable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// 1 of grey, 3 of RGB, 4 of RGB with alpha (0 transparent, 255 opaque).
  public let channels: Int
  /// The picture, [height, width, channels], row-major.
  public let pixels: [UInt8]

  private static let largestByteCount = 1 << 30

  /// A picture of given pixels. Traps where they do not fit the shape or `channels` is none of
  /// 1, 3 and 4.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && [1, 3, 4].contains(channels)
        && pixels.count == width * height * channels,
      "\(pixels.count) bytes for \(height) × \(width) × \(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// Reads a picture of any PNG kind; palettes become RGB, 16 bits become 8.
  /// - Throws: ``RasterError`` where the file is missing, damaged, no PNG, or above a gibibyte.
  public static func read(_ path: String) throws -> PNGImage {
    func failure(_ reason: String, _ remedy: String) -> RasterError {
      RasterError(operation: "read", path: path, reason: reason, remedy: remedy)
    }
    guard access(path, F_OK) == 0 else { throw failure("no such file", "check the path") }
    // libpng's simplified interface reports by return value, where the other one long-jumps.
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    guard png_image_begin_read_from_file(&image, path) != 0 else {
      throw failure("it is not a PNG picture (\(message(of: image)))", "give a PNG file")
    }
    let flags = Int32(bitPattern: image.format)
    // Without a gamma of its own a 16-bit picture would be taken for linear light.
    image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
    let hasAlpha = flags & Int32(PNG_FORMAT_FLAG_ALPHA) != 0
    let hasColour = flags & Int32(PNG_FORMAT_FLAG_COLOR) != 0
    let channels = hasAlpha ? 4 : hasColour ? 3 : 1
    image.format = format(channels: channels)
    let width = Int(image.width)
    let height = Int(image.height)
    guard width * height <= largestByteCount / channels else {
      throw failure("\(width) × \(height) pixels are too many at once", "give a smaller picture")
    }
    var pixels = [UInt8](repeating: 0, count: width * height * channels)
    guard png_image_finish_read(&image, nil, &pixels, Int32(width * channels), nil) != 0 else {
      throw failure(
        "the file is damaged or cut short (\(message(of: image)))", "get the file again")
    }
    return PNGImage(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// Writes the picture; it appears at the path whole or not at all.
  /// - Throws: ``RasterError`` where ``OutputPath/check(_:overwrite:inputs:)`` does, or where the
  ///   disk does not take it.
  public func write(to path: String, overwrite: Bool) throws {
    try OutputPath.check(path, overwrite: overwrite)
    let folder = try StagingFolder(beside: path)
    var image = header
    defer { png_image_free(&image) }
    let stride = Int32(width * channels)
    guard png_image_write_to_file(&image, folder.file("picture.png"), 0, pixels, stride, nil) != 0
    else {
      throw RasterError(
        operation: "write", path: path, reason: Self.message(of: image),
        remedy: "check the disk's free space and the folder's permissions")
    }
    try folder.publish("picture.png", overwrite: overwrite)
  }

  /// The bytes of a PNG file of the picture.
  /// - Throws: ``RasterError`` where the picture cannot be made.
  public func encoded() throws -> [UInt8] {
    var image = header
    defer { png_image_free(&image) }
    func failure(_ image: png_image) -> RasterError {
      RasterError(
        operation: "make", path: "a PNG picture", reason: Self.message(of: image),
        remedy: "make it smaller")
    }
    let stride = Int32(width * channels)
    var length: png_alloc_size_t = 0
    guard png_image_write_to_memory(&image, nil, &length, 0, pixels, stride, nil) != 0 else {
      throw failure(image)
    }
    var bytes = [UInt8](repeating: 0, count: Int(length))
    guard png_image_write_to_memory(&image, &bytes, &length, 0, pixels, stride, nil) != 0 else {
      throw failure(image)
    }
    return Array(bytes.prefix(Int(length)))
  }

  /// What libpng is told of the picture.
  private var header: png_image {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    image.width = UInt32(width)
    image.height = UInt32(height)
    image.format = Self.format(channels: channels)
    return image
  }

  private static func format(channels: Int) -> UInt32 {
    switch channels {
    case 1: 0
    case 3: UInt32(PNG_FORMAT_FLAG_COLOR)
    default: UInt32(PNG_FORMAT_FLAG_COLOR) | UInt32(PNG_FORMAT_FLAG_ALPHA)
    }
  }

  private static func message(of image: png_image) -> String {
    withUnsafeBytes(of: image.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
