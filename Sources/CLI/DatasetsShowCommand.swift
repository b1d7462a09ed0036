import ArgumentParser
import Classify
import IIC
import Seg

/// `iic datasets [NAME] [--data PATH]`: the command without the word of another.
struct DatasetsShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "List datasets, describe one, or check a folder.")

  @Argument(help: "A dataset's name; `images` for a folder of your own.")
  var name: String?

  @Option(help: ArgumentHelp("The folder, or archive, to check.", valueName: "path"))
  var data: String?

  @OptionGroup(title: "Common options") var common: CommonOptions

  static let descriptions =
    ImageDataset.all.map(\.description) + [Potsdam.description, CocoStuff.description]
    + [ImageFolder.ownImages]

  func validate() throws {
    if data != nil, name == nil {
      throw ValidationError("--data needs the name of the dataset that should be there")
    }
    if let name, Self.description(named: name) == nil {
      let known = Self.descriptions.map(\.name)
      let nearest = nearestName(to: name, among: known).map { "the nearest is \($0)" }
      throw ValidationError(
        "no dataset \(name): \(nearest ?? "known are \(known.joined(separator: ", "))")")
    }
  }

  private static func description(named name: String) -> DatasetDescription? {
    descriptions.first { $0.name == name.lowercased() }
  }

  func run() throws {
    _ = Interruption()
    let console = common.console
    guard let name, let description = Self.description(named: name) else {
      let listing = DatasetListing(datasets: Self.descriptions)
      return try console.result(text: listing.text, json: listing)
    }
    guard let data else {
      return try console.result(
        text: DatasetListing.text(describing: description), json: description)
    }
    let report: DatasetReport
    if let dataset = ImageDataset.named(description.name) {
      report = try dataset.check(data)
    } else if [Potsdam.description.name, CocoStuff.description.name].contains(description.name) {
      var progress = ProgressLine("reading", of: 0, unit: "images", on: console)
      report = try PatchDataset.check(
        description.name, at: data, threads: common.threadCount
      ) { progress.update(done: $0, of: $1) }
      progress.finish()
    } else {
      let folder = try ImageFolder(at: data)
      var progress = ProgressLine(
        "reading", of: folder.entries.count, unit: "images", on: console)
      report = try folder.check(threads: common.threadCount) { progress.update(done: $0) }
      progress.finish()
    }
    let check = DatasetCheck(report, description)
    for problem in report.problems { console.warn("\(problem.path): \(problem.reason)") }
    try console.result(text: check.text, json: check)
    guard check.isUsable else {
      throw CommandError(
        "cannot use \(data) as \(description.name): "
          + (report.problems.isEmpty
            ? "there are no images"
            : "\(Numbers.counted(report.problems.count, "file")) cannot be read or trusted"),
        remedy: description.origin.map { "get the files from \($0)" } ?? "check the path")
    }
  }
}
