public import Raster
public import Tensor

/// How pairs of views of whole images are made, and the one view that is scored.
///
/// All views of a chain are squares of `inputSize` pixels with `channels` channels. What is random is
/// drawn from the generator passed in; the same state gives the same view.
public protocol ImageViews: Sendable {
  /// Rows and columns of every view.
  var inputSize: Int { get }
  /// The shortest side that an image must have.
  var shortestSide: Int { get }
  /// Channels of a view of an image with so many: grey alone, or red, green and blue.
  func channels(ofImagesWith imageChannels: Int) -> Int
  /// The first view of a pair, x.
  func first(_ image: ByteImage, using generator: inout SeededGenerator) -> ByteImage
  /// The second view of a pair, the transformed g(x).
  func second(_ image: ByteImage, using generator: inout SeededGenerator) -> ByteImage
  /// The view that is classified and scored.
  func scoring(_ image: ByteImage) -> ByteImage
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
