public import Tensor

/// A batch of pairs of views, as a training step takes it. n pairs, h rows, w columns, b bands.
public struct PairBatch: Sendable {
  /// The first views [n / r, h, w, b], r being ``repeats``: pair i has the first view
  /// i mod (n / r).
  public var first: Tensor
  /// The second views [n, h, w, b].
  public var second: Tensor
  /// [n, 2, 3]: where each place of the first view's frame lies in the second's (places in −1…1,
  /// corners aligned); nil where the frames are the same.
  public var matrices: Tensor?
  /// [n, h', w', 1] in the first view's frame, 0 where the loss must not look, on the grid that the
  /// loss is evaluated on: the input's pixels or the trunk's cells. Nil for all ones.
  public var mask: Tensor?
  /// Views of other images [n, h, w, b], which training by triplets tells the first ones apart from;
  /// nil for pairs alone.
  public var others: Tensor?
  /// How many second views each first view is paired with.
  ///
  /// The published program gives the network each first view so many times over. Here it is given
  /// once, which comes to the same statistics, losses and gradients in less time.
  public let repeats: Int

  /// A batch. Traps unless both views have the same shape, but for the repeats, and others that of
  /// the first.
  public init(
    first: Tensor, second: Tensor, matrices: Tensor? = nil, mask: Tensor? = nil,
    others: Tensor? = nil, repeats: Int = 1
  ) {
    precondition(
      repeats >= 1 && first.shape.count == 4 && second.shape.count == 4
        && first.shape[0] * repeats == second.shape[0]
        && first.shape.dropFirst() == second.shape.dropFirst(),
      "views of \(first.shape), \(repeats) times, and \(second.shape)")
    precondition(
      others.map { $0.shape == first.shape } ?? true,
      "views of \(first.shape), and \(others?.shape ?? []) of others")
    self.first = first
    self.second = second
    self.matrices = matrices
    self.mask = mask
    self.others = others
    self.repeats = repeats
  }

  /// How many pairs there are.
  public var pairs: Int { second.shape[0] }
}

/// Where batches of pairs come from.
public protocol PairSource: BatchSource where Batch == PairBatch {}

/// A source of pairs whose next pass can be made again from a generator's state.
public protocol ResumablePairSource: PairSource, ResumableSource {}
