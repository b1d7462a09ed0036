public import Raster

/// An image of a dataset of patches, as read.
public struct PatchImage: Sendable, Equatable {
  /// The value of a pixel that has no class, or none that is kept.
  public static let noLabel: UInt8 = 255

  /// The name it is listed by.
  public let name: String
  /// Bands of 8 bits.
  public let image: ByteImage
  /// The class of each pixel, from 0, or ``noLabel``: [height, width], row-major; nil of an image
  /// without labels.
  public let labels: [UInt8]?
  /// Whether each pixel holds data, [height, width]; nil where all do.
  public let valid: [Bool]?

  /// An image with what is known of its pixels. Traps unless the counts fit.
  public init(name: String, image: ByteImage, labels: [UInt8]?, valid: [Bool]? = nil) {
    let count = image.width * image.height
    precondition(
      (labels?.count ?? count) == count && (valid?.count ?? count) == count,
      "labels or flags that do not fit \(image.height) × \(image.width)")
    self.name = name
    self.image = image
    self.labels = labels
    self.valid = valid
  }
}
