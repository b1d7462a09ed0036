public import IIC
public import Tensor

extension SegmentationEvaluation {
  /// What k-means clusters, as the paper's table 4 has it.
  public enum KMeansRows: Sendable {
    /// Single pixels: their bands.
    case pixels
    /// The trunk's features at its cells; of a network that is not trained, random features.
    case features(SegmentationNetwork)
  }

  /// Pixels or cells that the clusters are found in, at most, of all images that train.
  private static let largestSample = 65_536

  /// Clusters by k-means what the training images show, and compares clusters and classes at every
  /// pixel of the labelled ones.
  ///
  /// - Parameters:
  ///   - clusters: how many; published are as many as classes.
  ///   - observe: called with how many images of ``count`` are done.
  public func kMeans(
    _ rows: KMeansRows, clusters: Int, generator: inout SeededGenerator,
    observe: (_ done: Int) throws -> Void = { _ in }
  ) throws -> Confusions {
    let sample = try sample(rows, using: &generator)
    let means = KMeans.fit(
      rows: sample.values, dimensions: sample.width, clusters: clusters,
      sampleLimit: Self.largestSample, generator: &generator, on: workers)
    return try confusions(
      predictions: clusters, subHeads: 1, batchSize: Self.largestBatch, observe: observe
    ) { batch in
      let labels = means.assign(self.values(rows, of: batch.views).values, on: workers)
      guard case .features = rows else { return [labels] }
      return [Self.spread(labels, of: batch.views.shape)]
    }
  }

  /// All pixels or cells of views, rows of the tensor's last extent.
  private func values(_ rows: KMeansRows, of views: Tensor) -> Tensor {
    switch rows {
    case .pixels: views
    case .features(let network): network.trunkFeatures(views, on: workers)
    }
  }

  /// Rows drawn evenly from all training images, or from some of them where these are enough.
  private func sample(
    _ rows: KMeansRows, using generator: inout SeededGenerator
  ) throws -> (values: [Float], width: Int) {
    let entries = dataset.entries(of: dataset.trainingLists(recipe.data.mode))
      .shuffled(using: &generator)
    let perImage = max(64, (Self.largestSample + entries.count - 1) / entries.count)
    var sample: [Float] = []
    var width = 1
    let batches = batches(of: Array(entries.prefix(1024)), size: Self.largestBatch)
    while let batch = try batches.next() {
      let all = values(rows, of: batch.views)
      width = all.shape[3]
      let own = all.shape[1] * all.shape[2]
      all.withSpan { values in
        for image in 0..<all.shape[0] {
          for _ in 0..<min(perImage, own) {
            let first = (image * own + Int.random(in: 0..<own, using: &generator)) * width
            for index in first..<first + width { sample.append(values[index]) }
          }
        }
      }
      if sample.count >= Self.largestSample * width { break }
    }
    return (sample, width)
  }

  /// The clusters of the trunk's cells at the pixels nearest to them: cell i lies at 2i + 4.5.
  private static func spread(_ labels: [UInt8], of shape: [Int]) -> [UInt8] {
    let side = shape[1]
    let cells = TrunkGeometry.cells(along: side)
    let cellOf = (0..<side).map { min(max(($0 - 4) / 2, 0), cells - 1) }
    var result: [UInt8] = []
    result.reserveCapacity(shape[0] * side * side)
    for image in 0..<shape[0] {
      for row in 0..<side {
        let first = (image * cells + cellOf[row]) * cells
        for column in 0..<side { result.append(labels[first + cellOf[column]]) }
      }
    }
    return result
  }
}
