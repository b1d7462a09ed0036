import ArgumentParser
import Classify
import IIC
import Seg

/// `iic evaluate`: a label map against ground truth, or a model's clusters against labelled images.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score a label map against ground truth, or a model's clusters against labels.",
    discussion: """
      With --truth, a label map: both are rasters of one band and one grid that hold the number of \
      each pixel's class. Pixels whose truth is nodata or 0 do not count. Labels learned without \
      truth have no names, so each is first matched with a class: one-to-one finds the best pairs; \
      many-to-one gives each label the class most frequent under it, which flatters where labels \
      are many; none compares numbers as they are.

      With --data, a model that tells whole images apart: of every sub-head, accuracy, NMI and \
      ARI; their mean and spread; the sub-head of the lowest loss, which no label chose, and that \
      of the highest accuracy where clusters are given classes. In the mode IID that happens on \
      all labelled images, which then score; in the mode IID+ on the training images alone, and \
      the test images score. Of a model that was fine-tuned with labels, the accuracy by ten \
      crops an image.

      A model that labels pixels is scored so too, at every pixel with a class, by the recipe that \
      trained it; its report has each class's IoU and the confusion of classes and clusters. Of one \
      that learned features alone, by a pretext, k-means of these is scored. --k-means adds the \
      baselines of the paper: pixels, dense SIFT, features of a network never trained.

      For example, after `iic demo`:
        iic evaluate demo/labels.tif --truth demo/truth.tif
      A model of handwritten digits:
        iic evaluate run/model.safetensors --data downloads/mnist
      A model of aerial images, beside k-means of single pixels, with pictures:
        iic evaluate run/model.safetensors --data potsdam \\
          --k-means pixels --picture seen.png
      """)

  @Argument(help: "The label map, or the model.")
  var subject: String

  @Option(
    help: ArgumentHelp("A label map's ground truth, a raster on the same grid.", valueName: "path"))
  var truth: String?

  @Option(help: "How labels are matched with classes (default: one-to-one).")
  var matching: LabelScores.Rule?

  @Option(
    help: ArgumentHelp(
      "The folder, or archive, of labelled images to score a model on.", valueName: "path"))
  var data: String?

  @OptionGroup(title: "Models") var clusters: ClusterEvaluationOptions
  @OptionGroup(title: "Models that label pixels") var segmentation: SegmentationEvaluationOptions
  @OptionGroup(title: "Common options") var common: CommonOptions

  func validate() throws {
    guard (truth == nil) != (data == nil) else {
      throw ValidationError(
        truth == nil
          ? "give --truth for a label map, or --data for a model"
          : "--truth is about label maps and --data about models: give one of them")
    }
    if truth != nil, let option = clusters.given {
      throw ValidationError("\(option) is about models: leave it out with --truth")
    }
    if truth != nil, segmentation.picture != nil {
      throw ValidationError("--picture is about models: leave it out with --truth")
    }
    if data != nil, matching != nil {
      throw ValidationError("--matching is about label maps: leave it out with --data")
    }
  }

  func run() throws {
    _ = Interruption()
    let console = common.console
    if let data {
      let file = try ModelFile(reading: subject)
      if file.configuration.architecture.isSegmentation {
        let report = try segmentation.evaluate(
          file, at: subject, data: data, clusters: clusters, common: common, on: console)
        try console.result(text: report.text, json: report)
        return
      }
      switch try clusters.evaluate(subject, data: data, common: common, on: console) {
      case .clusters(let report): try console.result(text: report.text, json: report)
      case .classes(let report): try console.result(text: report.text, json: report)
      }
    }
    guard let truth else { return }
    var progress = ProgressLine("comparing", of: 0, unit: "windows", on: console)
    let comparison = try LabelComparison(labelsAt: subject, truthAt: truth) { done, count in
      progress.update(done: done, of: count)
    }
    progress.takeOff()
    let report = try EvaluationReport(
      comparison, matchedBy: matching ?? .oneToOne, labelsAt: subject, truthAt: truth)
    if !comparison.sharesCoordinateSystem {
      console.warn(
        "\(subject) and \(truth) name different coordinate systems, though their numbers agree")
    }
    if comparison.unlabelledPixels > 0 {
      console.warn(
        "\(Numbers.counted(comparison.unlabelledPixels, "pixel")) with truth without a label in "
          + "\(subject): not counted")
    }
    try console.result(text: report.text, json: report)
  }
}

extension LabelScores.Rule: ExpressibleByArgument {}
