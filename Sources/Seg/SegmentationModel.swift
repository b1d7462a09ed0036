public import IIC
internal import Raster
public import Tensor

/// A trained segmentation network, how it wants its bands, and what its clusters are called: all
/// that it takes to label a raster.
public struct SegmentationModel: Sendable {
  /// What is written to and read from a model file.
  public let file: ModelFile
  /// The classes in the label map's order: class `i` is written as `i + 1`.
  public let classes: [ModelClass]
  private let network: SegmentationNetwork

  /// Makes a model of what a file holds. Throws where its tensors and configuration do not fit, and
  /// where it has no clusters.
  public init(_ file: ModelFile) throws {
    guard file.configuration.architecture.hasHeads else {
      throw IICError(
        operation: "label with the model",
        reason: "it has features of pixels and no clusters "
          + "(\(file.configuration.architecture.rawValue))",
        remedy: "score k-means of its features: iic evaluate MODEL --data FOLDER")
    }
    self.file = file
    network = try SegmentationNetwork(
      configuration: file.configuration, tensors: file.tensors)
    let count = file.configuration.classes
    classes =
      try file.classes
      ?? ClassPalette.colours(count: count).enumerated().map { index, colour in
        try ModelClass.numbered(index + 1, colour: colour)
      }
  }

  /// Reads a model file. Throws `IICError` where it is none that can label rasters.
  public init(reading path: String) throws {
    do {
      try self.init(ModelFile(reading: path))
    } catch let error as IICError {
      throw error.at(path: path)
    }
  }

  /// How each input band is scaled, in the network's order.
  public var bands: [BandScaling] { file.bands }

  /// Class probabilities at the trunk's cells for scaled images x [n, h, w, bands]:
  /// [n, h / 2 − 4, w / 2 − 4, classes], cell (i, j) at pixel (2i + 4.5, 2j + 4.5).
  public func cellProbabilities(_ x: Tensor, on workers: Workers) -> Tensor {
    network.probabilities(x, head: .clustering, subHead: file.subHead, on: workers)
  }
}

extension ModelClass {
  /// A class named by its number.
  static func numbered(_ number: Int, colour: RGBColour) throws -> ModelClass {
    try ModelClass(
      name: "class \(number)",
      colour: Colour(red: colour.red, green: colour.green, blue: colour.blue))
  }
}
