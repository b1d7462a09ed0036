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
  /// The images that could be read, in the order given, whatever the order they were computed in.
  public private(set) var assignments: [Assignment] = []
  /// The probabilities of every cluster, a row of k an assignment; empty unless asked for.
  public private(set) var probabilities: [Float] = []
  /// The files that were left out from the first, then those that could not be read, in the order
  /// given.
  public private(set) var skipped: [DatasetReport.Problem] = []

  /// Classifies image files. They are decoded ahead by threads of their own and go through the
  /// network in batches; no more than two batches' views are in memory at once.
  ///
  /// A network that tracks no running statistics normalises each batch by its own. So that these are
  /// not the statistics of one folder's images, batches are made of the files in a mixed order, the
  /// same each time for the same files; so that no image is left alone in the last batch, they are of
  /// the same size within one.
  ///
  /// - Parameters:
  ///   - paths: files that ``Raster/ByteImage/decode(_:)`` reads.
  ///   - leftOut: files that it is known of that they cannot be read.
  ///   - subHead: the head's sub-head to use.
  ///   - keepingProbabilities: whether to keep those of all clusters.
  ///   - batchSize: images that go through the network at once, at most.
  ///   - observe: called after each batch with how many files are done.
  /// - Throws: `IICError` where the network comes to numbers that are not finite, and whatever
  ///   `observe` throws. Traps if there is no such head or sub-head.
  public init(
    of paths: [String], leftOut: [DatasetReport.Problem] = [], by classifier: ImageClassifier,
    head: HeadName = .clustering, subHead: Int, keepingProbabilities: Bool = false,
    batchSize: Int = 128, on workers: Workers, observe: (_ done: Int) throws -> Void = { _ in }
  ) throws {
    precondition(batchSize >= 1, "batches of \(batchSize)")
    clusters = classifier.file.configuration.clusters(of: head)
    names = head == .clustering ? classifier.file.classes?.map(\.name) : nil
    let views = classifier.views
    let order = MixedOrder.places(of: paths)
    var outcomes = [Outcome?](repeating: nil, count: paths.count)
    let decoding = OrderedPipeline(
      count: paths.count, ahead: batchSize + workers.threads, threads: workers.threads
    ) {
      { number in Self.view(of: paths[order[number]], views) }
    }
    let batches = (paths.count + batchSize - 1) / batchSize
    for batch in 0..<batches {
      let range = batch * paths.count / batches..<(batch + 1) * paths.count / batches
      var images: [(place: Int, view: ByteImage)] = []
      for place in order[range] {
        switch try decoding.next() {
        case .success(let view)?: images.append((place, view))
        case .failure(let error)?:
          outcomes[place] = .skipped(.init(path: paths[place], reason: error.reason))
        case nil: preconditionFailure("file \(place) of \(paths.count) was not looked at")
        }
      }
      if !images.isEmpty {
        let rows = try classifier.probabilities(
          images.map(\.view), head: head, subHead: subHead, on: workers)
        for (row, cluster) in rows.likeliest().enumerated() {
          let first = row * clusters
          let place = images[row].place
          outcomes[place] = .assigned(
            Assignment(
              path: paths[place], cluster: cluster, probability: rows[first + cluster]),
            keepingProbabilities ? (first..<first + clusters).map { rows[$0] } : [])
        }
      }
      try observe(range.upperBound)
    }
    skipped = leftOut
    for outcome in outcomes {
      switch outcome {
      case .assigned(let assignment, let probabilities)?:
        assignments.append(assignment)
        self.probabilities += probabilities
      case .skipped(let problem)?: skipped.append(problem)
      case nil: preconditionFailure("a file has no outcome")
      }
    }
  }

  /// What became of a file: its cluster, with the probabilities of all of them where these are kept,
  /// or why it has none.
  private enum Outcome {
    case assigned(Assignment, [Float])
    case skipped(DatasetReport.Problem)
  }

  /// How many images each cluster has, [k].
  public var sizes: [Int] {
    var sizes = [Int](repeating: 0, count: clusters)
    for assignment in assignments { sizes[assignment.cluster] += 1 }
    return sizes
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
