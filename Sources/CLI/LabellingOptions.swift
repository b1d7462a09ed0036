import ArgumentParser
import Raster
import Seg

/// How rasters are labelled, and which files come of it.
struct LabellingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Side of the tiles that are labelled, in pixels.", valueName: "n"))
  var tile = 512

  @Option(
    help: ArgumentHelp(
      "Pixels that a tile sees beyond its border (default, and at least: as many as decide it).",
      valueName: "n"))
  var overlap: Int?

  @Option(help: "How borders between classes are refined with the image as guide.")
  var refine: RasterLabelling.Refinement = .guided

  @Option(
    help: ArgumentHelp(
      "Join patches of fewer pixels than this to the largest patch beside them.",
      valueName: "pixels"))
  var sieve: Int?

  @Option(help: "The format of the rasters that are written.")
  var format: RasterFormat = .cog

  @Option(
    name: .customLong("co"),
    help: ArgumentHelp(
      "A creation option of the format, as in COMPRESS=ZSTD; repeatable.", valueName: "key=value"))
  var creationOptions: [CreationOption] = []

  @Option(help: ArgumentHelp("Write each class's probability, a band a class.", valueName: "path"))
  var probabilities: String?

  @Option(help: ArgumentHelp("Write the best class's probability in per cent.", valueName: "path"))
  var confidence: String?

  @Option(
    help: ArgumentHelp(
      "Write the patches of each class as polygons, GeoPackage.", valueName: "path"))
  var vector: String?

  @Option(help: ArgumentHelp("Write a picture of image and labels, as PNG.", valueName: "path"))
  var quicklook: String?

  func validate() throws {
    if !(32...8192).contains(tile) { throw ValidationError("--tile \(tile): give 32 to 8192") }
    if let overlap, !(0...2048).contains(overlap) {
      throw ValidationError("--overlap \(overlap): give 0 to 2048")
    }
    if let sieve, !(1...1_000_000_000).contains(sieve) {
      throw ValidationError("--sieve \(sieve): give 1 or more pixels")
    }
  }

  /// The creation options by key; the last of equal keys counts.
  var creationOptionValues: [String: String] {
    Dictionary(creationOptions.map { ($0.key, $0.value) }) { $1 }
  }
}

extension RasterLabelling.Refinement: ExpressibleByArgument {}

extension RasterFormat: ExpressibleByArgument {
  /// Reads `COG` or `GTiff`, in capitals or not, as GDAL does.
  public init?(argument: String) {
    guard
      let format = Self.allCases.first(where: {
        $0.rawValue.lowercased() == argument.lowercased()
      })
    else { return nil }
    self = format
  }
}
