import ArgumentParser
import Seg

/// `iic evaluate`: a label map against ground truth.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score a label map against ground truth.",
    discussion: """
      Both are rasters of one band and one grid that hold the number of each pixel's class. Pixels \
      whose truth is nodata or 0 do not count.

      Labels learned without truth have no names, so each is first matched with a class: \
      one-to-one finds the best pairs; many-to-one gives each label the class most frequent under \
      it, which flatters where labels are many; none compares numbers as they are.

      For example, after `iic demo`:
        iic evaluate demo/labels.tif --truth demo/truth.tif
      """)

  @Argument(help: "The label map.")
  var labels: String

  @Option(help: ArgumentHelp("The ground truth, a raster on the same grid.", valueName: "path"))
  var truth: String

  @Option(help: "How labels are matched with classes.")
  var matching: LabelScores.Rule = .oneToOne

  @OptionGroup(title: "Common options") var common: CommonOptions

  func run() throws {
    _ = Interruption()
    let console = common.console
    var progress = ProgressLine("comparing", of: 0, unit: "windows", on: console)
    let comparison = try LabelComparison(labelsAt: labels, truthAt: truth) { done, count in
      progress.update(done: done, of: count)
    }
    let report = try EvaluationReport(
      comparison, matchedBy: matching, labelsAt: labels, truthAt: truth)
    if comparison.unlabelledPixels > 0 {
      console.warn(
        "\(Numbers.counted(comparison.unlabelledPixels, "pixel")) with truth without a label in "
          + "\(labels): not counted")
    }
    try console.result(text: report.text, json: report)
  }
}

extension LabelScores.Rule: ExpressibleByArgument {}
