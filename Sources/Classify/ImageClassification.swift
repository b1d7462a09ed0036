public import IIC
internal import Raster
public import Tensor

/// What a model makes of image files: the cluster of each that can be read, and why the others
/// cannot.
public struct ImageClassification: Sendable, Equatable {
  /// An image's most probable cluster.
  public struct Assignment: Sendable, Equatable {
    /// The image's file.
    public let path: String
    /// The cluster, from 0; the first of equally probable ones.
    public let cluster: Int
    /// Its probability, 0…1.
    public let probability: Float
  }

  /// How many clusters there are, k.
  public let clusters: Int
  /// What they are called, [k]; nil where the model does not say.
  public let names: [String]?
  /// The images that could be read, in the order given.
  public private(set) var assignments: [Assignment] = []
  /// The probabilities of every cluster, a row of k an assignment; empty unless asked for.
  public private(set) var probabilities: [Float] = []
  /// The files that could not be read, in the order given.
  public private(set) var skipped: [DatasetReport.Problem] = []

  /// Classifies image files. They are decoded ahead by threads of their own and go through the
  /// network in batches; no more than two batches' views are in memory at once.
  ///
  /// A network that tracks no running statistics normalises each batch by its own; so that no image
  /// is left alone in the last one, batches are of the same size within one.
  ///
  /// - Parameters:
  ///   - paths: files that ``Raster/ByteImage/decode(_:)`` reads.
  ///   - subHead: the head's sub-head to use.
  ///   - keepingProbabilities: whether to keep those of all clusters.
  ///   - batchSize: images that go through the network at once, at most.
  ///   - observe: called after each batch with how many files are done.
  /// - Throws: whatever `observe` throws. Traps if there is no such head or sub-head.
  public init(
    of paths: [String], by classifier: ImageClassifier, head: HeadName = .clustering, subHead: Int,
    keepingProbabilities: Bool = false, batchSize: Int = 128, on workers: Workers,
    observe: (_ done: Int) throws -> Void = { _ in }
  ) throws {
    precondition(batchSize >= 1, "batches of \(batchSize)")
    clusters = classifier.file.configuration.clusters(of: head)
    names = head == .clustering ? classifier.file.classes?.map(\.name) : nil
    let views = classifier.views
    let decoding = OrderedPipeline(
      count: paths.count, ahead: batchSize + workers.threads, threads: workers.threads
    ) {
      { number in Self.view(of: paths[number], views) }
    }
    let batches = (paths.count + batchSize - 1) / batchSize
    for batch in 0..<batches {
      let range = batch * paths.count / batches..<(batch + 1) * paths.count / batches
      var images: [(path: String, view: ByteImage)] = []
      for number in range {
        switch try decoding.next() {
        case .success(let view)?: images.append((paths[number], view))
        case .failure(let error)?:
          skipped.append(.init(path: paths[number], reason: error.reason))
        case nil: preconditionFailure("file \(number) of \(paths.count) was not looked at")
        }
      }
      if !images.isEmpty {
        include(
          classifier.probabilities(
            images.map(\.view), head: head, subHead: subHead, on: workers),
          of: images.map(\.path), keeping: keepingProbabilities)
      }
      try observe(range.upperBound)
    }
  }

  /// How many images each cluster has, [k].
  public var sizes: [Int] {
    var sizes = [Int](repeating: 0, count: clusters)
    for assignment in assignments { sizes[assignment.cluster] += 1 }
    return sizes
  }

  private mutating func include(_ batch: Tensor, of paths: [String], keeping: Bool) {
    for (index, cluster) in batch.likeliest().enumerated() {
      assignments.append(
        Assignment(
          path: paths[index], cluster: cluster, probability: batch[index * clusters + cluster]))
    }
    if keeping { probabilities += batch.values }
  }

  private static func view(
    of path: String, _ views: PreparedViews
  ) -> Result<ByteImage, RasterError> {
    do {
      let image = try ByteImage.decode(path)
      if let problem = image.narrownessProblem {
        return .failure(
          RasterError(
            operation: "read", path: path, reason: problem, remedy: "cut it into pieces"))
      }
      return .success(views.scoring(image))
    } catch let error as RasterError {
      return .failure(error)
    } catch {
      return .failure(
        RasterError(
          operation: "read", path: path, reason: "\(error)", remedy: "get the file again"))
    }
  }
}
