/// Which images of each cluster a gallery shows: the most certain and the least certain ones.
public struct GallerySelection: Sendable, Equatable {
  /// What is shown of a cluster.
  public struct Cluster: Sendable, Equatable {
    /// The cluster, from 0.
    public let cluster: Int
    /// What it is called; nil where the model does not say.
    public let name: String?
    /// How many images it has.
    public let size: Int
    /// The mean probability of its images; nil without any.
    public let meanProbability: Double?
    /// The most certain ones, the surest first.
    public let mostCertain: [ImageClassification.Assignment]
    /// The least certain ones of those that are not among the most certain, the least sure first.
    public let leastCertain: [ImageClassification.Assignment]
  }

  /// Every cluster, in order, those without images too.
  public let clusters: [Cluster]

  /// Chooses at most `count` images for each of a cluster's two rows. Of equally certain images the
  /// first ones given are taken.
  public init(_ classification: ImageClassification, count: Int = 12) {
    precondition(count >= 1, "rows of \(count) images")
    var members = [[Int]](repeating: [], count: classification.clusters)
    for (index, assignment) in classification.assignments.enumerated() {
      members[assignment.cluster].append(index)
    }
    clusters = members.enumerated().map { cluster, members in
      func probability(_ index: Int) -> Float { classification.assignments[index].probability }
      // Sorting is not stable: places decide between equals.
      let falling = members.sorted {
        (probability($0), $1) > (probability($1), $0)
      }
      let most = falling.prefix(count)
      let least = falling.dropFirst(count).suffix(count).reversed()
      let sum = members.reduce(0.0) { $0 + Double(probability($1)) }
      return Cluster(
        cluster: cluster, name: classification.names?[cluster], size: members.count,
        meanProbability: members.isEmpty ? nil : sum / Double(members.count),
        mostCertain: most.map { classification.assignments[$0] },
        leastCertain: least.map { classification.assignments[$0] })
    }
  }

  /// The files shown, each once, in the order of the clusters.
  public var paths: [String] {
    var seen = Set<String>()
    return clusters.flatMap { $0.mostCertain + $0.leastCertain }.map(\.path)
      .filter { seen.insert($0).inserted }
  }
}
