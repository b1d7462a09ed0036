/// How the clusters of each sub-head of a head stand to the classes of labelled data: a confusion
/// matrix a sub-head, rows classes and columns clusters. Labels name the clusters; nothing learns
/// from them.
public struct ClusterConfusions: Sendable, Equatable {
  /// Of the data whose labels name the clusters.
  public let assignment: [ConfusionMatrix]
  /// Of those that are scored; nil where they are the same.
  public let scored: [ConfusionMatrix]?

  /// Those that give the scores, whether of the same data or of others.
  public var results: [ConfusionMatrix] { scored ?? assignment }

  /// Matrices of sub-heads, at least one, all of one shape.
  ///
  /// - Parameter scored: of what is scored; nil for the same data.
  public init(assignment: [ConfusionMatrix], scored: [ConfusionMatrix]? = nil) {
    let all = assignment + (scored ?? [])
    precondition(
      !assignment.isEmpty && scored?.count ?? assignment.count == assignment.count
        && all.allSatisfy {
          $0.classes == all[0].classes && $0.predictions == all[0].predictions
        }, "matrices of \(assignment.count) and \(scored?.count ?? 0) sub-heads, or of other shapes"
    )
    self.assignment = assignment
    self.scored = scored
  }

  /// How clusters are given classes: by how many there are of both.
  public var rule: Matching.Rule { Matching.rule(of: assignment[0]) }

  /// The class of each of a sub-head's clusters; nil of one that is left over.
  public func classOfCluster(subHead: Int) -> [Int?] {
    Matching.classes(assignment[subHead], by: rule)
  }

  /// The scores that they come to.
  public var evaluation: HeadEvaluation {
    HeadEvaluation(
      subHeads: assignment.indices.map { subHead in
        let (classes, result) = (classOfCluster(subHead: subHead), results[subHead])
        func accuracy(_ matrix: ConfusionMatrix) -> Double {
          matrix.relabelled(by: classes).accuracy ?? 0
        }
        return HeadEvaluation.SubHead(
          accuracy: accuracy(result), assignmentAccuracy: accuracy(assignment[subHead]),
          normalisedMutualInformation: result.normalisedMutualInformation,
          adjustedRandIndex: result.adjustedRandIndex)
      })
  }
}
