public import IIC
internal import Raster
public import Tensor

/// Pairs of views of whole images, for training: batches in the images' own order, never shuffled,
/// the last smaller batch kept, as the published loaders have them.
///
/// A batch of b pairs with r repeats is made of b / r images: each one's first view, once, is paired
/// with r second views, the repeats one after the other.
///
/// For triplets, each batch also has as many first views of other images, all images once a pass in
/// an order drawn anew.
///
/// Batches are made ahead by threads of their own. The same generator gives the same batches,
/// whatever the number of threads; from the generator's state before a pass, the pass can be made
/// again.
public struct ImagePairSource: ResumablePairSource {
  /// The state that the next pass is drawn from.
  public private(set) var generator: SeededGenerator
  private let parts: [ImageSet]
  private let views: any ImageViews
  private let imagesPerBatch: Int
  private let repeats: Int
  private let withOthers: Bool
  private let threads: Int
  private var pipeline: OrderedPipeline<PairBatch>?

  /// A source of pairs.
  ///
  /// - Parameters:
  ///   - parts: the images for each part of the training plan's epoch, which may differ (the
  ///     over-clustering head of STL-10 also sees unlabelled images); one set alone serves all parts.
  ///     They have as many channels.
  ///   - name: what to call them in errors.
  ///   - pairs: how many pairs a batch has at most, a multiple of `repeats`.
  ///   - withOthers: whether batches have other images beside the pairs; without repeats alone.
  ///   - threads: how many batches are made at once, at least 1.
  /// - Throws: ``ClassifyError`` where an image is smaller than the views' crops.
  public init(
    _ parts: [ImageSet], named name: String, views: some ImageViews, pairs: Int, repeats: Int,
    withOthers: Bool = false, threads: Int, generator: SeededGenerator
  ) throws {
    precondition(
      repeats >= 1 && pairs >= repeats && pairs.isMultiple(of: repeats) && threads >= 1,
      "batches of \(pairs) pairs with \(repeats) repeats on \(threads) threads")
    precondition(
      !parts.isEmpty && parts.allSatisfy { $0.channels == parts[0].channels },
      "\(parts.count) sets of images, or channels that differ")
    for images in parts { try images.checkSize(for: views, named: name) }
    self.parts = parts
    self.views = views
    precondition(!withOthers || repeats == 1, "other images beside \(repeats) repeats")
    self.repeats = repeats
    self.withOthers = withOthers
    self.threads = threads
    self.generator = generator
    imagesPerBatch = pairs / repeats
  }

  /// How many batches a pass has in a part of the epoch.
  public func batches(inPart part: Int) -> Int {
    (images(ofPart: part).count + imagesPerBatch - 1) / imagesPerBatch
  }

  public func pairs(inPart part: Int) -> Int { images(ofPart: part).count * repeats }

  private func images(ofPart part: Int) -> ImageSet {
    precondition(
      parts.count == 1 || parts.indices.contains(part), "part \(part) of \(parts.count)")
    return parts.count == 1 ? parts[0] : parts[part]
  }

  public mutating func beginPass(part: Int) {
    let images = images(ofPart: part)
    let count = batches(inPart: part)
    let others = withOthers ? (0..<images.count).shuffled(using: &generator) : []
    // A seed a batch, drawn before any is made, so that no thread's pace matters.
    let seeds = (0..<count).map { _ in generator.next() }
    let (views, imagesPerBatch, repeats) = (views, imagesPerBatch, repeats)
    pipeline = OrderedPipeline(count: count, ahead: threads + 1, threads: threads) {
      { number in
        let start = number * imagesPerBatch
        var generator = SeededGenerator(seed: seeds[number])
        return Self.batch(
          start..<min(start + imagesPerBatch, images.count), others: others, of: images,
          views: views, repeats: repeats, using: &generator)
      }
    }
  }

  public mutating func nextBatch() throws -> PairBatch? { try pipeline?.next() }

  private static func batch(
    _ range: Range<Int>, others: [Int], of images: ImageSet, views: any ImageViews, repeats: Int,
    using generator: inout SeededGenerator
  ) -> PairBatch {
    let channels = views.channels(ofImagesWith: images.channels)
    var first = ViewValues(views.inputSize, channels, capacity: range.count)
    var second = (0..<repeats).map { _ in
      ViewValues(views.inputSize, channels, capacity: range.count)
    }
    for index in range {
      let image = images[index]
      first.append(views.first(image, using: &generator))
      for number in 0..<repeats {
        second[number].append(views.second(image, using: &generator))
      }
    }
    var other = ViewValues(views.inputSize, channels, capacity: others.isEmpty ? 0 : range.count)
    for index in others.isEmpty ? [] : others[range] {
      other.append(views.first(images[index], using: &generator))
    }
    return PairBatch(
      first: ViewValues.tensor([first]), second: ViewValues.tensor(second),
      others: others.isEmpty ? nil : ViewValues.tensor([other]), repeats: repeats)
  }
}
