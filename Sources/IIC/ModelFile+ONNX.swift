internal import Foundation

extension ModelFile {
  /// What an ONNX file says of the network: all that a model file does, and what the QGIS plugin
  /// Deepness asks for, which feeds byte rasters divided by 255.
  func metadataForONNX(
    head: HeadName, subHead: Int, side: Int?, margin: Int
  ) throws -> [String: String] {
    var metadata = contents.metadata
    metadata["iic.digest"] = try digest
    metadata["iic.head"] = head.rawValue
    for key in [MetadataKey.subHead, .overclusterSubHead] { metadata[key.rawValue] = nil }
    metadata[MetadataKey.subHead.rawValue] = "\(subHead)"
    if head == .clustering, let classes {
      metadata["class_names"] = Self.json(
        Dictionary(uniqueKeysWithValues: classes.enumerated().map { ("\($0)", $1.name) }))
    }
    guard configuration.architecture.isSegmentation else { return metadata }
    metadata["model_type"] = Self.json("Segmentor")
    metadata["standardization_mean"] = Self.json([Double](repeating: 0, count: bands.count))
    metadata["standardization_std"] = Self.json([Double](repeating: 1 / 255, count: bands.count))
    // The most probable class wins, however improbable.
    metadata["seg_thresh"] = "0"
    if let side {
      metadata["tile_size"] = "\(side)"
      metadata["tiles_overlap"] = "\(min(50, (200 * margin + side - 1) / side))"
    }
    return metadata
  }
}
