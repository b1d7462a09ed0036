import IIC
import Raster
import Seg

/// The files that take the names of a label map's classes: the map's sidecar, and the model that
/// labelled it where that is named.
struct MapNaming: Sendable {
  private let legend: LabelMapLegend
  private let map: String
  private let model: String?

  /// Checks that all can be written, and that the model's classes are the map's.
  init(_ legend: LabelMapLegend, ofMapAt map: String, modelAt model: String?) throws {
    self.legend = legend
    self.map = map
    self.model = model
    try OutputPath.check(map + ".aux.xml", overwrite: true, inputs: [map])
    guard let model else { return }
    let classes = try SegmentationModel(reading: model).classes.count
    guard legend.entries.map(\.value) == Array(1...classes) else {
      throw CommandError(
        "\(model) has \(classes) classes, \(map) has \(legend.entries.count)",
        remedy: "name the model that labelled it, or none")
    }
    try OutputPath.check(model, overwrite: true, inputs: [map])
  }

  /// The files, as a person knows them.
  var paths: [String] { [map] + (model.map { [$0] } ?? []) }

  /// Writes names, in the order of the legend.
  ///
  /// - Throws: `CommandError` for a name that is not one line of 1 to 256 characters; `RasterError` or
  ///   `IICError` where a file cannot be written.
  func write(_ names: [String]) throws {
    let black = ModelClass.Colour(red: 0, green: 0, blue: 0)
    for (name, entry) in zip(names, legend.entries)
    where (try? ModelClass(name: name, colour: black)) == nil {
      throw CommandError(
        "class \(entry.value) cannot be called so", remedy: "give a name of 1 to 256 characters")
    }
    if let model { try SegmentationModel(reading: model).named(names).file.write(to: model) }
    try legend.named(names).write(toMapAt: map)
  }
}
