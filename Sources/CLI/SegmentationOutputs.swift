import Foundation
import Raster

/// The files that are written for one input.
struct SegmentationOutputs {
  var labels: String
  var probabilities: String?
  var confidence: String?
  var vector: String?
  var quicklook: String?

  var all: [String] {
    [labels] + [probabilities, confidence, vector, quicklook].compactMap(\.self)
  }

  /// The outputs of each input. A path that names a folder, by being one or by ending in `/`, gets
  /// a file an input, named for it; any other is one file, and then there may be one input.
  ///
  /// - Parameters:
  ///   - isOne: Whether one file will do: there is no other input in any part of the work.
  ///   - suffix: What follows an input's name in those of its files.
  static func outputs(
    for inputs: [String], isOne: Bool, suffix: String, labels: String, probabilities: String?,
    confidence: String?,
    vector: String?, quicklook: String?
  ) throws -> [SegmentationOutputs] {
    func resolve(_ path: String, _ option: String, ending: String) throws -> [String] {
      guard isFolder(path) else {
        guard isOne else {
          throw CommandError(
            "\(option) \(path) is one file for several inputs",
            remedy: "give a folder that exists")
        }
        return [path]
      }
      let folder = path.hasSuffix("/") ? path : path + "/"
      return inputs.map { folder + stem(of: $0) + suffix + ending }
    }
    func resolveOptional(
      _ path: String?, _ option: String, ending: String
    ) throws -> [String?] {
      guard let path else { return inputs.map { _ in nil } }
      return try resolve(path, option, ending: ending)
    }
    let labels = try resolve(labels, "-o", ending: ".tif")
    let probabilities = try resolveOptional(probabilities, "--probabilities", ending: ".tif")
    let confidence = try resolveOptional(confidence, "--confidence", ending: ".tif")
    let vector = try resolveOptional(vector, "--vector", ending: ".\(LabelPolygons.pathExtension)")
    let quicklook = try resolveOptional(quicklook, "--quicklook", ending: ".png")
    let others = { (path: String) in otherFormats.contains(pathExtension(of: path)) }
    try check(labels, "-o", isRefused: others, ending: "tif")
    try check(probabilities, "--probabilities", isRefused: others, ending: "tif")
    try check(confidence, "--confidence", isRefused: others, ending: "tif")
    for (paths, option, ending) in [
      (vector, "--vector", LabelPolygons.pathExtension), (quicklook, "--quicklook", "png"),
    ] {
      try check(paths, option, isRefused: { pathExtension(of: $0) != ending }, ending: ending)
    }
    return inputs.indices.map { index in
      SegmentationOutputs(
        labels: labels[index], probabilities: probabilities[index], confidence: confidence[index],
        vector: vector[index], quicklook: quicklook[index])
    }
  }

  /// Ends of names that say another format than the one that rasters are written in.
  private static let otherFormats: Set = [
    "asc", "bmp", "csv", "geojson", "gif", "gpkg", "img", "j2k", "jp2", "jpeg", "jpg", "json", "nc",
    "png", "safetensors", "shp", "vrt", "webp",
  ]

  private static func check(
    _ paths: [String?], _ option: String, isRefused: (String) -> Bool, ending: String
  ) throws {
    guard let other = paths.compactMap(\.self).first(where: isRefused) else { return }
    throw CommandError(
      "\(option) \(other) is not possible: its name says another format than is written",
      remedy: "give a name that ends in .\(ending)")
  }

  /// The end of a file's name, in lower case; empty where it has none.
  private static func pathExtension(of path: String) -> String {
    URL(filePath: path).pathExtension.lowercased()
  }

  private static func isFolder(_ path: String) -> Bool {
    path.hasSuffix("/") || OutputFiles.isFolder(path)
  }

  private static func stem(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
