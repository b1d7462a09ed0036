internal import Foundation
internal import Raster
internal import Tensor

/// A small picture of an image file, as text that a page can hold (a `data:` address).
public struct Thumbnail: Sendable, Equatable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// `data:image/png;base64,…` or `data:image/jpeg;base64,…`.
  public let address: String

  /// Images that are no larger than this on either side are kept as they are, without loss.
  private static let losslessSide = 64

  /// Reads an image and makes it small: at most `side` pixels on its longer side.
  ///
  /// - Throws: `RasterError` where the file is no image or damaged.
  init(of path: String, side: Int) throws {
    var image = try ByteImage.decode(path)
    let longer = max(image.width, image.height)
    let isKept = longer <= Self.losslessSide
    if longer > side {
      func scaled(_ extent: Int) -> Int { max(1, (extent * side + longer / 2) / longer) }
      image = image.resized(width: scaled(image.width), height: scaled(image.height))
    }
    width = image.width
    height = image.height
    let bytes = isKept ? try image.pngBytes() : try image.jpegBytes()
    address =
      "data:image/\(isKept ? "png" : "jpeg");base64," + Data(bytes).base64EncodedString()
  }

  /// Thumbnails of image files by path, made by threads of their own. A file that cannot be read has
  /// none.
  ///
  /// - Parameter observe: called after each with how many are done.
  public static func make(
    of paths: [String], side: Int = 192, threads: Int,
    observe: (_ done: Int) throws -> Void = { _ in }
  ) throws -> [String: Thumbnail] {
    let pipeline = OrderedPipeline(count: paths.count, ahead: 4 * threads, threads: threads) {
      { number in try? Thumbnail(of: paths[number], side: side) }
    }
    var thumbnails: [String: Thumbnail] = [:]
    for (index, path) in paths.enumerated() {
      thumbnails[path] = try pipeline.next() ?? nil
      try observe(index + 1)
    }
    return thumbnails
  }
}
