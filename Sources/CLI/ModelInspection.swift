import IIC

/// What `iic inspect` says of a model file.
struct ModelInspection: Encodable {
  struct Band: Encodable {
    let input: Int
    let name: String
    let offset: Float
    let scale: Float
  }

  struct Class: Encodable {
    let value: Int
    let name: String
    let colour: String
  }

  let kind = "model"
  let path: String
  /// Whether `iic segment --model` takes it.
  let usable: Bool
  let architecture: String
  let digest: String
  let inputSize: Int
  let classCount: Int
  let overclusters: Int?
  let subHeads: Int
  let width: Double
  let parameters: Int
  let bands: [Band]
  let classes: [Class]?

  init(_ file: ModelFile, path: String) throws {
    let configuration = file.configuration
    self.path = path
    usable = configuration.architecture.isSegmentation
    architecture = configuration.architecture.rawValue
    digest = try file.digest
    inputSize = configuration.inputSize
    classCount = configuration.classes
    overclusters = configuration.overclusters
    subHeads = configuration.subHeads
    width = configuration.width
    parameters = file.tensors.values.reduce(0) { $0 + $1.count }
    bands = file.bands.enumerated().map { index, band in
      Band(input: index + 1, name: band.name, offset: band.offset, scale: band.scale)
    }
    classes = file.classes?.enumerated().map { index, entry in
      Class(value: index + 1, name: entry.name, colour: entry.colour.hexadecimal)
    }
  }

  var text: String {
    var lines = [
      "\(path): \(architecture) model of \(classCount) classes, "
        + "\(Numbers.grouped(parameters)) numbers",
      "  heads        \(subHeads) sub-heads"
        + (overclusters.map { ", \($0) over-clusters" } ?? ""),
      "  width        \(width) of the published channels, learned on \(inputSize) × \(inputSize) pixels",
      "  digest       \(digest)",
    ]
    var inputs = TextTable([
      ("  input", .right), ("band", .left), ("offset", .right), ("scale", .right),
    ])
    for band in bands {
      inputs.add(["\(band.input)", band.name, "\(band.offset)", "\(band.scale)"])
    }
    lines.append(inputs.text)
    if let classes {
      var table = TextTable([("  class", .right), ("name", .left), ("colour", .left)])
      for entry in classes { table.add(["\(entry.value)", entry.name, entry.colour]) }
      lines.append(table.text)
    }
    lines.append(
      usable
        ? "iic can use it: iic segment raster.tif --model \(path) -o labels.tif"
        : "iic segment cannot use it: it tells whole images apart, not pixels")
    return lines.joined(separator: "\n")
  }
}
