import Foundation
import IIC
import Raster
import Seg
import Synchronization

/// The files that take the names of a label map's classes: the map's sidecar, and the model that
/// labelled it where that is named.
final class MapNaming: Sendable {
  /// Why names cannot be saved; nil where they can.
  let refusal: String?
  private let map: String
  private let model: String?
  private let state: Mutex<State>

  /// The map as it was when it was last looked at.
  private struct State {
    /// With the latest names.
    var legend: LabelMapLegend
    /// What the file itself says, which is nothing where labels had to be counted.
    var written: LabelMapLegend?
    let size: [Int]

    init(_ legend: LabelMapLegend, at path: String) throws {
      let file = try RasterFile.open(path)
      self.legend = legend
      written = try file.legend()
      size = [file.description.width, file.description.height, file.description.fileSize]
    }
  }

  /// Checks that the model's classes are the map's, and whether all can be written.
  init(_ legend: LabelMapLegend, ofMapAt map: String, modelAt model: String?) throws {
    self.map = map
    self.model = model
    state = Mutex(try State(legend, at: map))
    if let model { try Self.check(SegmentationModel(reading: model), model, has: legend, map) }
    do {
      try OutputPath.check(map + ".aux.xml", overwrite: true, inputs: [map])
      if let model { try OutputPath.check(model, overwrite: true, inputs: [map]) }
      refusal = nil
    } catch {
      refusal = Failure.line(for: error)
    }
  }

  /// The files, as a person knows them.
  var paths: [String] { [map] + (model.map { [$0] } ?? []) }

  /// Writes names, in the order of the legend: the map's first.
  ///
  /// - Throws: `CommandError` for a new name that is not one line of 1 to 256 characters, where the map
  ///   or the model has changed meanwhile, and where names cannot be saved; `RasterError` or
  ///   `IICError` where a file cannot be written.
  func write(_ names: [String]) throws {
    if let refusal { throw CommandError(refusal, remedy: "then start iic view again") }
    try state.withLock { state in
      let now = try State(state.legend, at: map)
      guard now.written == state.written, now.size == state.size else {
        throw CommandError("\(map) has changed meanwhile", remedy: "start iic view again")
      }
      try Self.check(names, against: state.legend)
      let renamed = try model.map { path in
        let model = try SegmentationModel(reading: path)
        try Self.check(model, path, has: state.legend, map)
        return (model: try model.named(names), path: path)
      }
      try state.legend.named(names).write(toMapAt: map)
      state = try State(state.legend.named(names), at: map)
      guard let renamed else { return }
      do {
        // Where it is a link, the file that it leads to is written.
        try renamed.model.file.write(
          to: URL(filePath: renamed.path).resolvingSymlinksInPath().path(percentEncoded: false))
      } catch {
        throw CommandError(
          "\(map) has the names now, the model has not: \(Failure.line(for: error))",
          remedy: "save once more")
      }
    }
  }

  private static func check(_ names: [String], against legend: LabelMapLegend) throws {
    let black = ModelClass.Colour(red: 0, green: 0, blue: 0)
    for (name, entry) in zip(names, legend.entries) where name != entry.name {
      guard (try? ModelClass(name: name, colour: black)) != nil else {
        throw CommandError(
          "class \(entry.value) cannot be called so",
          remedy: "give 1 to 256 characters, tabs and line ends not among them")
      }
    }
  }

  private static func check(
    _ model: SegmentationModel, _ path: String, has legend: LabelMapLegend, _ map: String
  ) throws {
    let values = legend.entries.map(\.value)
    guard values == Array(1...model.classes.count) else {
      let said =
        values.count > 8
        ? "\(values.count) values" : values.map(String.init).joined(separator: ", ")
      throw CommandError(
        "\(path) has the classes 1 to \(model.classes.count), \(map) has \(said)",
        remedy: "name the model that labelled it, or none")
    }
  }
}
