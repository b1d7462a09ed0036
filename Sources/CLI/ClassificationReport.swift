import Classify
import IIC

/// What `iic classify` puts out at the end.
struct ClassificationReport: Encodable {
  struct Cluster: Encodable {
    let cluster: Int
    /// What it is called, where the model says.
    let name: String?
    let images: Int
    /// Of the images that could be read, 0 to 1.
    let share: Double
    let meanProbability: Double?
  }

  struct Assignment: Encodable {
    let path: String
    let cluster: Int
    let name: String?
    let probability: Float
    let probabilities: [Float]?
  }

  let program = ProgramVersion.program
  let version = ProgramVersion.current
  let model: String
  let digest: String
  let head: HeadName
  /// From 1 on.
  let subHead: Int
  let output: String?
  let gallery: String?
  let images: Int
  let skipped: [DatasetReport.Problem]
  let clusters: [Cluster]
  let assignments: [Assignment]

  private static let longestTable = 40

  init(
    _ classification: ImageClassification, model: String, digest: String, head: HeadName,
    subHead: Int, output: String?, gallery: String?
  ) {
    self.model = model
    self.digest = digest
    self.head = head
    self.subHead = subHead + 1
    self.output = output
    self.gallery = gallery
    images = classification.assignments.count
    skipped = classification.skipped
    clusters = GallerySelection(classification, count: 1).clusters.map {
      Cluster(
        cluster: $0.cluster + 1, name: $0.name, images: $0.size,
        share: Double($0.size) / Double(classification.assignments.count),
        meanProbability: $0.meanProbability)
    }
    let count = classification.clusters
    assignments = classification.assignments.enumerated().map { index, assignment in
      Assignment(
        path: assignment.path, cluster: assignment.cluster + 1,
        name: classification.names?[assignment.cluster],
        probability: assignment.probability,
        probabilities: classification.probabilities.isEmpty
          ? nil : Array(classification.probabilities[index * count..<(index + 1) * count]))
    }
  }

  var text: String {
    var lines: [String] = []
    let used = clusters.filter { $0.images > 0 }.count
    lines.append(
      "\(Numbers.counted(images, "image")) in \(used) of "
        + "\(Numbers.counted(clusters.count, "cluster")), by sub-head \(subHead) of head "
        + head.rawValue
        + (skipped.isEmpty
          ? "" : "; \(Numbers.counted(skipped.count, "file")) left out, named above"))
    if clusters.count <= Self.longestTable {
      let hasNames = clusters.contains { $0.name != nil }
      var table = TextTable(
        [("  cluster", .right)] + (hasNames ? [("name", .left)] : []) + [
          ("images", .right), ("share", .right), ("mean probability", .right),
        ])
      for entry in clusters {
        table.add(
          ["\(entry.cluster)"] + (hasNames ? [entry.name ?? ""] : []) + [
            Numbers.grouped(entry.images), Numbers.perCent(entry.share),
            Numbers.score(entry.meanProbability),
          ])
      }
      lines.append(table.text)
    }
    let files = [output, gallery].compactMap(\.self)
    if !files.isEmpty { lines.append("written: " + files.joined(separator: ", ")) }
    return lines.joined(separator: "\n")
  }

  /// What stands at the head of a gallery.
  static func caption(
    _ classification: ImageClassification, inputs: [String], model: String, head: HeadName,
    subHead: Int
  ) -> ClusterGallery.Caption {
    let named = inputs.count > 3 ? inputs.prefix(3) + ["…"] : inputs[...]
    let skipped = classification.skipped.count
    return ClusterGallery.Caption(
      title: "Clusters of \(named.joined(separator: ", "))",
      lines: [
        Numbers.counted(classification.assignments.count, "image") + " in "
          + Numbers.counted(classification.clusters, "cluster")
          + (skipped > 0
            ? "; \(Numbers.counted(skipped, "file")) could not be read and "
              + (skipped == 1 ? "is" : "are") + " left out" : ""),
        "Model \(model), sub-head \(subHead + 1) of head \(head.rawValue)",
      ])
  }
}
