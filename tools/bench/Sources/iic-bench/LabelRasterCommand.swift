import ArgumentParser
import Foundation
import Raster
import Seg

/// Labels one raster and says as JSON what that took.
struct LabelRasterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label-raster", abstract: "Label one raster, as a repeat of segment-8k does.")

  /// What labelling took.
  struct Result: Codable {
    /// From opening the raster to the label map in its place.
    let seconds: Double
    /// The processor time used as a share of what there was on that many threads.
    let busy: Double
    /// The most memory that was resident at a time.
    let peakMebibytes: Double
  }

  @Argument(help: "The raster.") var raster: String
  @Argument(help: "The model.") var model: String
  @Argument(help: "The label map.") var output: String
  @Option(help: ArgumentHelp("Worker threads.", valueName: "n")) var threads = 2
  @Option(help: ArgumentHelp("Side of the tiles, in pixels.", valueName: "n")) var tile = 512

  func run() throws {
    let processorTime = Self.processorSeconds()
    let elapsed = try ContinuousClock().measure { try label() } / .seconds(1)
    let result = Result(
      seconds: elapsed,
      busy: (Self.processorSeconds() - processorTime) / elapsed / Double(threads),
      peakMebibytes: try PeakMemory.mebibytes())
    FileHandle.standardOutput.write(try JSONEncoder().encode(result) + Data("\n".utf8))
  }

  private func label() throws {
    let model = try SegmentationModel(reading: model)
    let description = try RasterFile.open(raster).description
    var map = try LabelMapWriter(
      path: output, overwrite: true,
      grid: RasterGrid(of: description, window: description.fullWindow),
      classes: model.classes.map {
        LabelMapClass(
          name: $0.name,
          colour: RGBColour(red: $0.colour.red, green: $0.colour.green, blue: $0.colour.blue))
      }, threads: threads)
    try RasterLabelling(model, tileSide: tile).label(RasterInput(path: raster), threads: threads) {
      tile, _, _ in try map.write(tile.labels, in: tile.window)
    }
    try map.publish()
  }

  /// Processor time of this process so far.
  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
