/// How whole images of any size become what a network reads, as a model file records it
/// (`iic.images`), so that images are classified as those it learned from were scored.
///
/// An image is scaled until its shorter side has ``shortestSide`` pixels, the square of ``cropSize``
/// pixels in its middle is cut out, that is resized to the configuration's `inputSize` (both with
/// PIL's bilinear filter), and made grey by PIL's luma where the model has one band; with three it
/// is RGB.
public struct ImagePreparation: Sendable, Equatable, Codable {
  /// Pixels of the shorter side that images are scaled to, the longer one in proportion.
  public let shortestSide: Int
  /// Side of the square that is cut out of the middle, in pixels.
  public let cropSize: Int
  /// Whether images become grey before they are cut out and resized, not after, which rounds
  /// otherwise; of no account where the model reads colours.
  public let greyFirst: Bool

  private static let largestSide = 8192

  /// A preparation. Throws an ``IICError`` unless 1 ≤ `cropSize` ≤ `shortestSide` ≤ 8192.
  public init(shortestSide: Int, cropSize: Int, greyFirst: Bool) throws {
    guard (1...Self.largestSide).contains(shortestSide) else {
      throw Self.refusal("images are scaled to \(shortestSide) pixels")
    }
    guard (1...shortestSide).contains(cropSize) else {
      throw Self.refusal("\(cropSize) pixels are cut out of \(shortestSide)")
    }
    self.shortestSide = shortestSide
    self.cropSize = cropSize
    self.greyFirst = greyFirst
  }

  /// Reads and checks `shortestSide`, `cropSize` and `greyFirst`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      shortestSide: container.decode(Int.self, forKey: .shortestSide),
      cropSize: container.decode(Int.self, forKey: .cropSize),
      greyFirst: container.decode(Bool.self, forKey: .greyFirst))
  }

  private enum CodingKeys: String, CodingKey { case shortestSide, cropSize, greyFirst }

  private static func refusal(_ reason: String) -> IICError {
    IICError(
      operation: "use the model's preparation of images", reason: reason,
      remedy: "give a shortestSide of 1 to \(largestSide) and a cropSize that is not larger")
  }
}
