public import IIC
public import Tensor

extension KMeansBaseline.Rows {
  /// Features are held whole: no more than these, in bytes.
  private static let largestByteCount = 8 << 30

  /// What a network's trunk makes of labelled images, by the scoring views: the features of a depth,
  /// as they lie in memory.
  ///
  /// - Parameter batchSize: images that go through the network at once.
  /// - Throws: ``ClassifyError`` where the images have no labels, are smaller than the views' crops,
  ///   or would have more than 8 GiB of features; and whatever `observe` throws. Traps where the
  ///   trunk has no features at that depth.
  public init(
    featuresOf images: ImageSet, named name: String, by network: ClusterNetwork,
    at depth: FeatureDepth = .trunk, views: some ScoringViews, batchSize: Int,
    on workers: Workers, observe: (_ done: Int) throws -> Void = { _ in }
  ) throws {
    let labels = try images.requiredLabels(named: name)
    let batches = try ImageBatches(
      images, named: name, views: views, size: batchSize, threads: workers.threads)
    var values: [Float] = []
    var dimensions = 0
    while let batch = try batches.next() {
      let features = network.features(batch.views, at: depth, on: workers)
      dimensions = features.count / features.shape[0]
      guard dimensions <= Self.largestByteCount / 4 / images.count else {
        throw ClassifyError(
          operation: "cluster", path: name,
          reason: "\(images.count) images have \(dimensions) features each, more than "
            + "\(Self.largestByteCount >> 30) GiB", remedy: "use fewer images")
      }
      values += features.values
      try observe(batch.range.upperBound)
    }
    self.init(values: values, dimensions: dimensions, labels: labels)
  }
}
