internal import Tensor

/// Passes over the images of a dataset's lists in batches, made ahead by threads of their own.
///
/// The same generator gives the same batches, whatever the number of threads; from the generator's
/// state before a pass, the pass can be made again.
struct PatchPasses<Batch: Sendable>: Sendable {
  /// The state that the next pass is drawn from.
  private(set) var generator: SeededGenerator
  private let entries: [PatchDataset.Entry]
  private let imagesPerBatch: Int
  private let isShuffled: Bool
  private let threads: Int
  private let make: @Sendable ([PatchDataset.Entry], inout SeededGenerator) throws -> Batch
  private var pipeline: OrderedPipeline<Batch>?

  /// Passes over entries. Traps where there are none.
  ///
  /// - Parameters:
  ///   - isShuffled: whether each pass has an order of its own.
  ///   - threads: how many batches are made at once, at least 1.
  ///   - make: a batch of images, with what it is drawn from.
  init(
    over entries: [PatchDataset.Entry], imagesPerBatch: Int, isShuffled: Bool, threads: Int,
    generator: SeededGenerator,
    make: @escaping @Sendable ([PatchDataset.Entry], inout SeededGenerator) throws -> Batch
  ) {
    precondition(
      !entries.isEmpty && imagesPerBatch >= 1 && threads >= 1,
      "\(entries.count) images, \(imagesPerBatch) a batch, on \(threads) threads")
    self.entries = entries
    self.imagesPerBatch = imagesPerBatch
    self.isShuffled = isShuffled
    self.threads = threads
    self.generator = generator
    self.make = make
  }

  /// How many images a pass has.
  var images: Int { entries.count }

  mutating func begin() {
    var order = Array(entries.indices)
    if isShuffled { order.shuffle(using: &generator) }
    let count = (order.count + imagesPerBatch - 1) / imagesPerBatch
    // A seed a batch, drawn before any is made, so that no thread's pace matters.
    let seeds = (0..<count).map { _ in generator.next() }
    let (entries, imagesPerBatch, make) = (entries, imagesPerBatch, make)
    pipeline = OrderedPipeline(count: count, ahead: threads + 1, threads: threads) {
      [order] in
      { number in
        let start = number * imagesPerBatch
        var generator = SeededGenerator(seed: seeds[number])
        return try make(
          order[start..<min(start + imagesPerBatch, order.count)].map { entries[$0] }, &generator)
      }
    }
  }

  mutating func next() throws -> Batch? { try pipeline?.next() }
}
