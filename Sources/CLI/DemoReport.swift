import Seg

/// What `iic demo` puts out.
struct DemoReport: Encodable {
  struct Scores: Encodable {
    let accuracy: Double
    let meanIntersectionOverUnion: Double
    let normalisedMutualInformation: Double
    let adjustedRandIndex: Double

    init(_ scores: LabelScores) {
      accuracy = scores.accuracy
      meanIntersectionOverUnion = scores.meanIntersectionOverUnion
      normalisedMutualInformation = scores.normalisedMutualInformation
      adjustedRandIndex = scores.adjustedRandIndex
    }
  }

  let scene: String
  let truth: String
  let labels: String
  let model: String
  let picture: String
  let scores: Scores
  let pixelKMeans: Scores
  let segmentation: SegmentationReport

  init(
    files: DemoFiles, segmentation: SegmentationReport, scores: LabelScores,
    pixelScores: LabelScores
  ) {
    scene = files.scene
    truth = files.truth
    labels = files.labels
    model = files.model
    picture = files.picture
    self.scores = Scores(scores)
    pixelKMeans = Scores(pixelScores)
    self.segmentation = segmentation
  }

  var text: String {
    var table = TextTable([
      ("", .left), ("accuracy", .right), ("mean IoU", .right), ("NMI", .right), ("ARI", .right),
    ])
    for (name, scores) in [("iic", scores), ("pixel k-means", pixelKMeans)] {
      table.add([
        name, Numbers.score(scores.accuracy), Numbers.score(scores.meanIntersectionOverUnion),
        Numbers.score(scores.normalisedMutualInformation), Numbers.score(scores.adjustedRandIndex),
      ])
    }
    return """
      \(table.text)

      Look at \(picture): image, labels and truth side by side.
      Look at the labels over the scene, and name them: iic view \(labels) --over \(scene)
      Or open \(labels) in QGIS over \(scene): it has a legend.
      Next, a raster of your own: iic segment ortho.tif --classes 4 -o labels.tif
      """
  }
}
