public import Tensor

/// The views of a batch of images that go through a network together and are normalised by
/// statistics of their own.
public struct ViewBatch: Sendable {
  /// [n, h, w, b].
  public let images: Tensor
  /// How many times over the images come in the batch that they stand for.
  public let repeats: Int

  /// Views, which come once unless more is said.
  public init(_ images: Tensor, repeats: Int = 1) {
    self.images = images
    self.repeats = repeats
  }
}
