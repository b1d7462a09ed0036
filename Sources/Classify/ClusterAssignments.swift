public import IIC
public import Tensor

/// Which cluster each of a set of images belongs to, by every sub-head of one head.
///
/// n images, s sub-heads of k clusters.
public struct ClusterAssignments: Sendable, Equatable {
  /// How many clusters a sub-head has, k.
  public let clusters: Int
  /// The most probable cluster, the first of equals: a row [n] a sub-head.
  public private(set) var clusterOfImage: [[UInt16]]

  /// Assigns images by the scoring views.
  ///
  /// A network that tracks no running statistics normalises each batch by its own, so that there an
  /// image's cluster depends on the images beside it; the same images in batches of the same size
  /// give the same clusters.
  ///
  /// - Parameters:
  ///   - name: what to call the images in errors.
  ///   - batchSize: images that go through the network at once.
  ///   - observe: called after each batch with how many images are done.
  /// - Throws: ``ClassifyError`` where an image is smaller than the views' crops, `IICError` where the
  ///   network comes to numbers that are not finite, and whatever `observe` throws.
  public init(
    of images: ImageSet, named name: String, by network: ClusterNetwork, head: HeadName,
    views: some ScoringViews, batchSize: Int, on workers: Workers,
    observe: (_ done: Int) throws -> Void = { _ in }
  ) throws {
    let clusters = network.clusters(of: head)
    self.clusters = clusters
    clusterOfImage = Array(repeating: [], count: network.configuration.subHeads)
    let batches = try ImageBatches(
      images, named: name, views: views, size: batchSize, threads: workers.threads)
    while let batch = try batches.next() {
      let best = try network.probabilities(batch.views, head: head, on: workers)
        .checkedFinite().likeliest()
      for subHead in clusterOfImage.indices {
        clusterOfImage[subHead] += stride(
          from: subHead, to: best.count, by: clusterOfImage.count
        ).map { UInt16(best[$0]) }
      }
      try observe(batch.range.upperBound)
    }
  }

  /// How a sub-head's clusters stand to the images' classes. Traps unless there is a label an image,
  /// below `classes`.
  public func confusion(ofSubHead subHead: Int, labels: [UInt8], classes: Int) -> ConfusionMatrix {
    let assigned = clusterOfImage[subHead]
    precondition(
      labels.count == assigned.count, "\(labels.count) labels of \(assigned.count) images")
    var counts = [Int](repeating: 0, count: classes * clusters)
    for (label, cluster) in zip(labels, assigned) {
      precondition(label < classes, "label \(label) of \(classes) classes")
      counts[Int(label) * clusters + Int(cluster)] += 1
    }
    return ConfusionMatrix(classes: classes, predictions: clusters, counts: counts)
  }
}

extension Tensor {
  /// The place of the greatest number along the last axis, the first of equals: [...] of [..., k].
  func likeliest() -> [Int] {
    let extent = shape.last ?? 1
    return withSpan { values in
      stride(from: 0, to: count, by: extent).map { start in
        var best = 0
        for index in 1..<extent where values[start + index] > values[start + best] { best = index }
        return best
      }
    }
  }
}
