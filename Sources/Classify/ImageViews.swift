public import IIC
public import Raster
public import Tensor

/// How the one view of a whole image is made that is classified and scored: a square of `inputSize`
/// pixels.
public protocol ScoringViews: Sendable {
  /// Rows and columns of every view.
  var inputSize: Int { get }
  /// The shortest side that an image must have.
  var shortestSide: Int { get }
  /// Channels of a view of an image with so many: grey alone, or red, green and blue.
  func channels(ofImagesWith imageChannels: Int) -> Int
  /// The view that is classified and scored.
  func scoring(_ image: ByteImage) -> ByteImage
}

/// How pairs of views of whole images are made for training.
///
/// All views of a chain are squares of `inputSize` pixels with as many channels. What is random is
/// drawn from the generator passed in; the same state gives the same view.
public protocol ImageViews: ScoringViews {
  /// The first view of a pair, x.
  func first(_ image: ByteImage, using generator: inout SeededGenerator) -> ByteImage
  /// The second view of a pair, the transformed g(x).
  func second(_ image: ByteImage, using generator: inout SeededGenerator) -> ByteImage
  /// What a model that learned from such views must be told of images: to scale them to the shorter
  /// side that those had which it learned from, and then to make the scoring view.
  ///
  /// Throws an `IICError` where that side is smaller than the scoring view's crop.
  func preparation(shortestSide: Int) throws -> ImagePreparation
}

extension SeededGenerator {
  /// True as often as `probability` says.
  mutating func happens(_ probability: Float) -> Bool { uniform(0...1) < probability }

  /// A square of `side` pixels anywhere in an image, each place as likely as any other. Traps where
  /// the image is smaller.
  mutating func square(of side: Int, in image: ByteImage) -> PixelBox {
    precondition(
      side <= min(image.width, image.height),
      "a crop of \(side) of \(image.height) × \(image.width) pixels")
    let row = Int.random(in: 0...image.height - side, using: &self)
    let column = Int.random(in: 0...image.width - side, using: &self)
    return PixelBox(column: column, row: row, width: side, height: side)
  }
}
