public import Tensor

/// Views of images to be scored, in the images' order, made ahead by threads of their own.
public struct ImageBatches: Sendable {
  /// Some of the images.
  public struct Batch: Sendable {
    /// The views [n, h, w, c], 0…1.
    public let views: Tensor
    /// Which of the images they are of.
    public let range: Range<Int>
  }

  private let pipeline: OrderedPipeline<Batch>

  /// The scoring views of a set of images, `size` of them a batch, the last batch smaller.
  ///
  /// - Throws: ``ClassifyError`` where an image is smaller than the views' crops.
  public init(
    _ images: ImageSet, named name: String, views: some ScoringViews, size: Int, threads: Int
  ) throws {
    precondition(size >= 1 && threads >= 1, "batches of \(size) on \(threads) threads")
    try images.checkSize(for: views, named: name)
    let channels = views.channels(ofImagesWith: images.channels)
    pipeline = OrderedPipeline(
      count: (images.count + size - 1) / size, ahead: threads + 1, threads: threads
    ) {
      { number in
        let range = number * size..<min((number + 1) * size, images.count)
        var values = ViewValues(views.inputSize, channels, capacity: range.count)
        for index in range { values.append(views.scoring(images[index])) }
        return Batch(views: ViewValues.tensor([values]), range: range)
      }
    }
  }

  /// The next batch, or nil after the last.
  public func next() throws -> Batch? { try pipeline.next() }
}

extension ImageSet {
  func checkSize(for views: some ScoringViews, named name: String) throws {
    guard shortestSide >= views.shortestSide else {
      throw ClassifyError(
        operation: "use", path: name,
        reason: "an image's side is \(shortestSide) pixels, where crops of "
          + "\(views.shortestSide) are taken",
        remedy: "choose smaller crops, or scale the images up")
    }
  }
}
