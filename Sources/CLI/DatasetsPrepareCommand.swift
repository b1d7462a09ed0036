import ArgumentParser
import Foundation
import Seg

/// `iic datasets prepare`: turns files as published into what recipes learn from.
struct DatasetsPrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Cut the tiles of a published dataset into what recipes learn from.",
    discussion: """
      potsdam: tiles of ISPRS's benchmark, halved and cut into blocks of 200 × 200 pixels that keep \
      their place on the ground; a tenth of all blocks, drawn by --seed from those with labels, is \
      kept for scoring. Tiles are RGBIR as published, or IRRG or RGB; labels may be those for \
      participants or all of them.

      For example:
        iic datasets prepare potsdam --images 4_Ortho_RGBIR \\
          --labels 5_Labels_for_participants -o potsdam
      """)

  enum Dataset: String, ExpressibleByArgument, CaseIterable {
    case potsdam
  }

  @Argument(help: "The dataset: potsdam.")
  var dataset: Dataset

  @Option(help: ArgumentHelp("The folder of the image tiles.", valueName: "folder"))
  var images: String

  @Option(help: ArgumentHelp("The folder of the label tiles.", valueName: "folder"))
  var labels: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The folder to make.", valueName: "folder"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Per cent of a label's pixels whose colour may be off the table, near a colour on it.",
      valueName: "per cent"))
  var offTable = 0.1

  @OptionGroup(title: "Common options") var common: CommonOptions

  func validate() throws {
    guard (0...100).contains(offTable) else {
      throw ValidationError("--off-table \(offTable): give 0 to 100 per cent")
    }
  }

  func run() throws {
    let interruption = Interruption()
    interruption.willWrite([output])
    let console = common.console
    var preparation = PotsdamPreparation(images: images, labels: labels)
    preparation.seed = common.seed
    preparation.largestOffTableShare = offTable / 100
    var progress = ProgressLine("cutting", of: 0, unit: "blocks", on: console)
    let summary = try preparation.write(
      to: output, overwrite: common.overwrite, threads: common.threadCount
    ) { done, count in
      progress.update(done: done, of: count)
    }
    progress.finish()
    if summary.offTablePixels > 0 {
      console.warn(
        "\(Numbers.counted(summary.offTablePixels, "label pixel")) of "
          + "\(Numbers.grouped(summary.labelPixels)) with a colour off the table: taken for the "
          + "nearest")
    }
    let lists = zip(Potsdam.lists, summary.blocks).map { "\(Numbers.grouped($1)) \($0)" }
    try console.summary(
      text: "\(output): \(Numbers.counted(summary.tiles, "tile")), "
        + "\(summary.labelledTiles) with labels; blocks: \(lists.joined(separator: ", "))",
      json: summary)
  }
}
