import Classify
import IIC

/// What `iic evaluate` puts out for a model that tells whole images apart.
struct ClusterEvaluationReport: Encodable {
  struct SubHead: Encodable {
    /// From 1 on.
    let subHead: Int
    let accuracy: Double
    let assignmentAccuracy: Double
    let normalisedMutualInformation: Double
    let adjustedRandIndex: Double
    /// The class of each cluster, by name, in the order of the clusters.
    let classOfCluster: [String?]
    /// A row a class, a column a cluster.
    let confusion: [[Int]]
  }

  struct Baseline: Encodable {
    let of: String
    let accuracy: Double
    let normalisedMutualInformation: Double?
    let adjustedRandIndex: Double?
  }

  let model: String
  let digest: String
  let data: String
  let dataset: String
  let mode: String
  let head: HeadName
  let matching: String
  let images: Int
  let classes: [String]
  let clusters: Int
  let subHeads: [SubHead]
  let meanAccuracy: Double
  let accuracyDeviation: Double
  /// The sub-head chosen without labels.
  let lowestLoss: Int
  /// The sub-head chosen by labels.
  let bestByAssignment: Int
  private(set) var kMeans: [Baseline] = []

  init(
    _ evaluation: ClusterEvaluation, model: String, digest: String,
    description: DatasetDescription, data: String, mode: ClusteringMode, subHead: Int
  ) {
    self.model = model
    self.digest = digest
    self.data = data
    dataset = description.name
    self.mode = mode.rawValue
    head = evaluation.head
    let confusions = evaluation.confusions
    matching = confusions.rule.rawValue
    let first = confusions.results[0]
    images = first.total
    classes = description.classNames
    clusters = first.predictions
    let names = description.classNames
    subHeads = evaluation.scores.subHeads.enumerated().map { index, scores in
      let counts = confusions.results[index]
      return SubHead(
        subHead: index + 1, accuracy: scores.accuracy,
        assignmentAccuracy: scores.assignmentAccuracy,
        normalisedMutualInformation: scores.normalisedMutualInformation ?? 0,
        adjustedRandIndex: scores.adjustedRandIndex ?? 0,
        classOfCluster: confusions.classOfCluster(subHead: index).map { $0.map { names[$0] } },
        confusion: (0..<counts.classes).map { row in
          (0..<counts.predictions).map { counts[truth: row, prediction: $0] }
        })
    }
    meanAccuracy = evaluation.scores.mean
    accuracyDeviation = evaluation.scores.spread
    lowestLoss = subHead + 1
    bestByAssignment = evaluation.scores.bestByAssignment + 1
  }

  mutating func add(_ baseline: KMeansBaseline, of name: String) {
    kMeans.append(
      Baseline(
        of: name, accuracy: baseline.scores.accuracy,
        normalisedMutualInformation: baseline.scores.normalisedMutualInformation,
        adjustedRandIndex: baseline.scores.adjustedRandIndex))
  }

  var text: String {
    var scores = TextTable([
      ("  sub-head", .right), ("accuracy", .right), ("where named", .right), ("NMI", .right),
      ("ARI", .right), ("", .left),
    ])
    for entry in subHeads {
      let marks = [
        entry.subHead == lowestLoss ? "lowest loss" : nil,
        entry.subHead == bestByAssignment ? "best where named" : nil,
      ].compactMap(\.self)
      scores.add([
        "\(entry.subHead)", Numbers.score(entry.accuracy),
        Numbers.score(entry.assignmentAccuracy),
        Numbers.score(entry.normalisedMutualInformation),
        Numbers.score(entry.adjustedRandIndex), marks.joined(separator: ", "),
      ])
    }
    var lines = [
      "\(model) on \(data) (\(dataset), \(mode)): \(Numbers.counted(images, "image")) scored, "
        + "\(clusters) clusters of head \(head.rawValue), \(matching) matching",
      scores.text,
      "by lowest loss  accuracy \(Numbers.score(subHeads[lowestLoss - 1].accuracy)); no label chose "
        + "the sub-head",
      "by labels       accuracy \(Numbers.score(subHeads[bestByAssignment - 1].accuracy)); labels "
        + "chose the sub-head",
      "sub-heads       accuracy \(Numbers.score(meanAccuracy)) ± "
        + Numbers.score(accuracyDeviation),
    ]
    lines += ConfusionTable.lines(
      of: "sub-head \(lowestLoss)", classes: classes, counts: subHeads[lowestLoss - 1].confusion)
    for entry in kMeans {
      lines.append(
        "k-means of \(entry.of): accuracy \(Numbers.score(entry.accuracy))  NMI "
          + "\(Numbers.score(entry.normalisedMutualInformation))  ARI "
          + Numbers.score(entry.adjustedRandIndex))
    }
    return lines.joined(separator: "\n")
  }
}
