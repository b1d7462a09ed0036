public import Tensor

/// A batch of pairs of views, as a training step takes it. n pairs, h rows, w columns, b bands.
public struct PairBatch: Sendable {
  /// The first views [n, h, w, b].
  public var first: Tensor
  /// The second views [n, h, w, b].
  public var second: Tensor
  /// [n, 2, 3]: where each place of the first view's frame lies in the second's (places in −1…1,
  /// corners aligned); nil where the frames are the same.
  public var matrices: Tensor?
  /// [n, h', w', 1] in the first view's frame, 0 where the loss must not look, on the grid that the
  /// loss is evaluated on: the input's pixels or the trunk's cells. Nil for all ones.
  public var mask: Tensor?

  /// A batch. Traps unless both views have the same shape.
  public init(first: Tensor, second: Tensor, matrices: Tensor? = nil, mask: Tensor? = nil) {
    precondition(first.shape == second.shape, "views of \(first.shape) and \(second.shape)")
    self.first = first
    self.second = second
    self.matrices = matrices
    self.mask = mask
  }
}

/// Where batches of pairs come from.
public protocol PairSource {
  /// Starts again, for one more pass over the data.
  mutating func beginPass() throws
  /// The pass's next batch, or nil at its end.
  mutating func nextBatch() throws -> PairBatch?
}
