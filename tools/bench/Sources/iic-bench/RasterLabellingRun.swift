import Foundation
import IIC
import Raster
import Seg
import Tensor

/// The labelling of a whole raster, from its file to the published label map: the raster and the
/// model are made in a temporary folder, then each repeat is a process of its own, so that its
/// peak memory is known.
struct RasterLabellingRun {
  let side: Int
  let threads: Int

  func measure(repeats: Int, name: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appending(component: "iic-bench-\(getpid())").path(percentEncoded: false)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (raster, model) = ("\(folder)/raster.tif", "\(folder)/model.safetensors")
    try SampleRaster(side: side).write(to: raster)
    try Self.model().write(to: model)

    var results: [LabelRasterCommand.Result] = []
    for _ in 0..<repeats {
      let process = Process()
      process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      process.arguments = [
        "label-raster", raster, model, "\(folder)/labels.tif", "--threads", "\(threads)",
      ]
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let data = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      results.append(try JSONDecoder().decode(LabelRasterCommand.Result.self, from: data))
    }
    let timing = Timing(seconds: results.map(\.seconds))
    let peak = results.map(\.peakMebibytes).max() ?? 0
    let megapixels = Double(side * side) / 1e6
    return timing.line(of: name, amount: megapixels, unit: "megapixels/s")
      + String(
        format: " peak %.0f MiB busy %.0f %%", peak,
        100 * (results.map(\.busy).min() ?? 0))
  }

  /// What `iic segment` learns by default, six classes beside thirty over-clusters, untrained.
  private static func model() throws -> ModelFile {
    var generator = SeededGenerator(seed: 0)
    let network = try SegmentationNetwork(
      configuration: ModelConfiguration(
        architecture: .segmentationNet10aTwoHead, inputChannels: 4, inputSize: 128, classes: 6,
        overclusters: 30, subHeads: 1, width: 0.25, batchNormTracking: true),
      generator: &generator)
    return try ModelFile(
      configuration: network.configuration, tensors: network.tensors,
      bands: (1...4).map { try BandScaling(name: "band \($0)", offset: 0, scale: 255) })
  }
}
