import Classify
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
  /// The command that takes it; nil where none does.
  let command: String?
  let usable: Bool
  /// Why no command takes it; nil where one does.
  let reason: String?
  /// What can be done about it.
  let remedy: String?
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
  let images: ImagePreparation?
  /// The sub-head to use, from 1 on, where training recorded one.
  let subHead: Int?

  init(_ file: ModelFile, path: String) throws {
    let configuration = file.configuration
    self.path = path
    let refusal = try Self.refusal(of: file)
    command =
      configuration.architecture.isSegmentation
      ? configuration.architecture.hasHeads ? "segment" : "evaluate"
      : refusal == nil ? "classify" : nil
    usable = command != nil
    reason = refusal?.reason
    remedy = refusal?.remedy
    architecture = configuration.architecture.rawValue
    digest = try file.digest
    inputSize = configuration.inputSize
    classCount = configuration.classes
    overclusters = configuration.overclusters
    subHeads = configuration.subHeads
    width = configuration.width
    parameters = file.tensors.values.reduce(0) { $0 + $1.count }
    images = file.images
    subHead = file.recordedSubHead.map { $0 + 1 }
    bands = file.bands.enumerated().map { index, band in
      Band(input: index + 1, name: band.name, offset: band.offset, scale: band.scale)
    }
    classes = file.classes?.enumerated().map { index, entry in
      Class(value: index + 1, name: entry.name, colour: entry.colour.hexadecimal)
    }
  }

  /// What `iic classify` has against a model of whole images; nil where it takes it.
  private static func refusal(of file: ModelFile) throws -> IICError? {
    guard !file.configuration.architecture.isSegmentation else { return nil }
    do {
      _ = try ImageClassifier(file)
      return nil
    } catch let error as IICError {
      return error
    }
  }

  var text: String {
    let quoted = CommandLineRecord.quoted(path)
    var lines = [
      "\(path): \(architecture) model of \(classCount) classes, "
        + "\(Numbers.grouped(parameters)) numbers",
      command == "evaluate"
        ? "  heads        none: its features are clustered by k-means"
        : "  heads        \(subHeads) sub-heads"
          + (overclusters.map { ", \($0) over-clusters" } ?? "")
          + (subHead.map { "; sub-head \($0) has the lowest loss" } ?? ""),
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
    if let images {
      lines.append(
        "  images       scaled to a shorter side of \(images.shortestSide) pixels, the "
          + "\(images.cropSize) × \(images.cropSize) in the middle resized to "
          + "\(inputSize) × \(inputSize)")
    }
    switch command {
    case "segment":
      lines.append("iic can use it: iic segment raster.tif --model \(quoted) -o labels.tif")
    case "evaluate":
      lines.append("iic can use it: iic evaluate \(quoted) --data FOLDER")
    case "classify":
      lines.append("iic can use it: iic classify images --model \(quoted) -o clusters.csv")
    default:
      lines.append("iic classify cannot use it: \(reason ?? ""); \(remedy ?? "")")
    }
    return lines.joined(separator: "\n")
  }
}
