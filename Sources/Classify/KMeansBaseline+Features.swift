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
  ///   or would have more than 8 GiB of features; `IICError` where features are not finite or too
  ///   large; and whatever `observe` throws. Traps where the trunk has no features at that depth.
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
      try features.withSpan { try KMeans.check($0) }
      values += features.values
      try observe(batch.range.upperBound)
    }
    self.init(values: values, dimensions: dimensions, labels: labels)
  }

  /// What a head puts out for labelled images before its softmax, by the scoring views: rows of k
  /// numbers for each of its sub-heads.
  ///
  /// - Parameter batchSize: images that go through the network at once.
  /// - Throws: ``ClassifyError`` where the images have no labels or are smaller than the views'
  ///   crops, `IICError` where outputs are not finite or too large, and whatever `observe` throws.
  ///   Traps if there is no such head.
  public static func outputs(
    of network: ClusterNetwork, head: HeadName, for images: ImageSet, named name: String,
    views: some ScoringViews, batchSize: Int, on workers: Workers,
    observe: (_ done: Int) throws -> Void = { _ in }
  ) throws -> [Self] {
    let labels = try images.requiredLabels(named: name)
    let batches = try ImageBatches(
      images, named: name, views: views, size: batchSize, threads: workers.threads)
    var values = [[Float]](repeating: [], count: network.configuration.subHeads)
    while let batch = try batches.next() {
      let logits = network.logits(batch.views, head: head, on: workers)
      try logits.withSpan { try KMeans.check($0) }
      for subHead in values.indices { values[subHead] += logits.beforeLastAxis(subHead).values }
      try observe(batch.range.upperBound)
    }
    return values.map {
      Self(values: $0, dimensions: network.clusters(of: head), labels: labels)
    }
  }
}
