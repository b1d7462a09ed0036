import IIC
import Seg

/// What `iic evaluate` puts out for a model that labels pixels.
struct SegmentationEvaluationReport: Encodable {
  struct SubHead: Encodable {
    let accuracy: Double
    let assignmentAccuracy: Double
    let normalisedMutualInformation: Double?
    let adjustedRandIndex: Double?
    let intersectionOverUnion: [Double?]
    let meanIntersectionOverUnion: Double?
    /// The class of each cluster, by name, in the order of the clusters.
    let classOfCluster: [String?]
    /// A row a class, a column a cluster, in pixels.
    let confusion: [[Int]]
  }

  struct Baseline: Encodable {
    let of: String
    let accuracy: Double
    let normalisedMutualInformation: Double?
  }

  let model: String
  let data: String
  let dataset: String
  let mode: String
  /// The head whose clusters are scored; nil where they are k-means' of the trunk's features.
  let head: HeadName?
  let matching: String
  let images: Int
  let pixels: Int
  let classes: [String]
  let clusters: Int
  let subHeads: [SubHead]
  /// The sub-head that no label chose, from 1 on.
  let lowestLoss: Int
  private(set) var kMeans: [Baseline] = []

  init(
    _ confusions: ClusterConfusions, model: String, recipe: Recipe,
    dataset: PatchDataset, head: HeadName?, subHead: Int, images: Int
  ) {
    self.model = model
    data = dataset.path
    self.dataset = recipe.data.dataset
    mode = recipe.data.mode.rawValue
    self.head = head
    self.images = images
    classes = dataset.classNames
    let scored = confusions.results
    clusters = scored[0].predictions
    pixels = scored[0].total
    matching = confusions.rule.rawValue
    lowestLoss = subHead + 1
    let names = dataset.classNames
    subHeads = zip(confusions.evaluation.subHeads, scored.indices).map { scores, index in
      let classOfCluster = confusions.classOfCluster(subHead: index)
      let named = scored[index].relabelled(by: classOfCluster)
      return SubHead(
        accuracy: scores.accuracy, assignmentAccuracy: scores.assignmentAccuracy,
        normalisedMutualInformation: scores.normalisedMutualInformation,
        adjustedRandIndex: scores.adjustedRandIndex,
        intersectionOverUnion: named.intersectionOverUnion,
        meanIntersectionOverUnion: named.meanIntersectionOverUnion,
        classOfCluster: classOfCluster.map { $0.map { names[$0] } },
        confusion: (0..<scored[index].classes).map { row in
          (0..<scored[index].predictions).map { scored[index][truth: row, prediction: $0] }
        })
    }
  }

  mutating func add(_ confusions: ClusterConfusions, of name: String) {
    let scores = confusions.evaluation.subHeads[0]
    kMeans.append(
      Baseline(
        of: name, accuracy: scores.accuracy,
        normalisedMutualInformation: scores.normalisedMutualInformation))
  }

  var text: String {
    let chosen = subHeads[lowestLoss - 1]
    var lines = [
      "\(model) on \(data) (\(dataset), \(mode)): \(Numbers.counted(images, "image")), "
        + "\(Numbers.counted(pixels, "pixel")) scored, \(clusters) clusters of "
        + (head.map { "head \($0.rawValue)" } ?? "its features by k-means")
        + ", \(matching) matching"
    ]
    for (index, scores) in subHeads.enumerated() {
      lines.append(
        (head == nil ? "features" : "sub-head \(index + 1)")
          + ": accuracy \(Numbers.score(scores.accuracy))  mean IoU "
          + "\(Numbers.score(scores.meanIntersectionOverUnion))  NMI "
          + "\(Numbers.score(scores.normalisedMutualInformation))  ARI "
          + Numbers.score(scores.adjustedRandIndex)
          + (index + 1 == lowestLoss && head != nil ? "  (lowest loss: no label chose it)" : ""))
    }
    var table = TextTable([("class", .left), ("IoU", .right), ("pixels", .right)])
    for (index, name) in classes.enumerated() {
      table.add([
        name, Numbers.score(chosen.intersectionOverUnion[index]),
        Numbers.grouped(chosen.confusion[index].reduce(0, +)),
      ])
    }
    lines.append(table.text)
    lines += ConfusionTable.lines(classes: classes, counts: chosen.confusion)
    lines += kMeans.map {
      "k-means of \($0.of): accuracy \(Numbers.score($0.accuracy))  NMI "
        + Numbers.score($0.normalisedMutualInformation)
    }
    return lines.joined(separator: "\n")
  }
}
