public import Tensor

/// A network that a ``Trainer`` can train.
public protocol TrainableNetwork: ParameterisedNetwork {
  /// What a step learns from.
  associatedtype Batch: Sendable

  /// What fixes the tensors of the network's model file. The network may have more, which serve
  /// training alone.
  var configuration: ModelConfiguration { get }
}

/// Where batches come from.
public protocol BatchSource<Batch> {
  /// What a step learns from.
  associatedtype Batch

  /// Starts again, for one more pass over the data, in a part of the training plan's epoch, from 0:
  /// parts may learn from different data.
  mutating func beginPass(part: Int) throws
  /// The pass's next batch, or nil at its end.
  mutating func nextBatch() throws -> Batch?
}

/// A source whose next pass can be made again from a generator's state.
public protocol ResumableSource<Batch>: BatchSource {
  /// The state that the next pass is drawn from.
  var generator: SeededGenerator { get }
  /// How many pairs a pass has in a part of the epoch.
  func pairs(inPart part: Int) -> Int
}
