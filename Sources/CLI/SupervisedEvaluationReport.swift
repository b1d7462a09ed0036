import Classify
import IIC

/// What `iic evaluate` makes of a model that tells whole images apart.
enum ModelEvaluation {
  case clusters(ClusterEvaluationReport)
  case classes(SupervisedEvaluationReport)
}

/// What `iic evaluate` puts out for a model that learned from labels.
struct SupervisedEvaluationReport: Encodable {
  struct Class: Encodable {
    let name: String
    let images: Int
    /// The part of its images that is right.
    let accuracy: Double?
  }

  let model: String
  let digest: String
  let data: String
  let images: Int
  /// By the mean of the logits of ten crops.
  let accuracy: Double
  let classes: [Class]
  /// A row a class, a column a prediction.
  let confusion: [[Int]]

  init(
    _ evaluation: TenCropEvaluation, model: String, digest: String, data: String,
    classes names: [String]
  ) {
    let counts = evaluation.confusion
    self.model = model
    self.digest = digest
    self.data = data
    images = counts.total
    accuracy = evaluation.accuracy
    let totals = counts.truthTotals
    classes = names.enumerated().map { index, name in
      Class(
        name: name, images: totals[index],
        accuracy: totals[index] > 0
          ? Double(counts[truth: index, prediction: index]) / Double(totals[index]) : nil)
    }
    confusion = names.indices.map { row in
      names.indices.map { counts[truth: row, prediction: $0] }
    }
  }

  var text: String {
    var table = TextTable([("  class", .left), ("images", .right), ("accuracy", .right)])
    for entry in classes {
      table.add(["  " + entry.name, Numbers.grouped(entry.images), Numbers.score(entry.accuracy)])
    }
    return "\(model) on \(data): \(Numbers.counted(images, "image")) scored by ten crops each, "
      + "accuracy \(Numbers.score(accuracy))\n" + table.text
  }
}
