internal import Foundation
internal import Tensor

extension ModelFile {
  /// The metadata keys of this format.
  enum MetadataKey: String, CaseIterable {
    case format = "iic.format"
    case architecture = "iic.architecture"
    case configuration = "iic.config"
    case bands = "iic.bands"
    case classes = "iic.classes"
    case recipe = "iic.recipe"
    case subHead = "iic.subHead"
    case overclusterSubHead = "iic.overclusterSubHead"
    case images = "iic.images"

    static let required: [MetadataKey] = [.format, .architecture, .configuration, .bands]
  }

  static let formatVersion = "1"
  static let batchCountSuffix = ".num_batches_tracked"

  /// The file's contents: convolution weights OIHW, metadata as text.
  var contents: Safetensors {
    var metadata = otherMetadata
    func set(_ key: MetadataKey, _ value: String?) { metadata[key.rawValue] = value }
    set(.format, Self.formatVersion)
    set(.architecture, configuration.architecture.rawValue)
    set(.configuration, configuration.json)
    set(.bands, Self.json(bands))
    set(.classes, classes.map(Self.json))
    set(.recipe, recipe)
    set(.subHead, recordedSubHead.map(String.init))
    set(.overclusterSubHead, recordedOverclusterSubHead.map(String.init))
    set(.images, images.map(Self.json))
    let inFile = configuration.tensorDescriptions.compactMap { description in
      tensors[description.name].map { (description.name, description.inFile($0)) }
    }
    return Safetensors(
      tensors: Dictionary(uniqueKeysWithValues: inFile), integers: batchCounts,
      metadata: metadata)
  }

  /// Understands a file's contents.
  init(contents: Safetensors, digest: String) throws {
    let metadata = contents.metadata
    try Self.checkRequiredKeys(in: contents)
    guard metadata[MetadataKey.format.rawValue] == Self.formatVersion else {
      throw Self.refusal(
        "its iic.format is \(IICError.quoted(metadata[MetadataKey.format.rawValue] ?? "")), not 1",
        "use a later version of iic, or a model of format 1")
    }
    let name = metadata[MetadataKey.architecture.rawValue] ?? ""
    guard let architecture = ModelArchitecture(rawValue: name) else {
      throw ModelConfiguration.unknownArchitecture(name)
    }
    let configuration = try ModelConfiguration(
      architecture: architecture, json: metadata[MetadataKey.configuration.rawValue] ?? "")
    let known = Set(MetadataKey.allCases.map(\.rawValue))
    var tensors = contents.tensors
    for description in configuration.tensorDescriptions {
      guard let tensor = tensors[description.name] else { continue }
      guard tensor.shape == description.fileShape else {
        throw Self.misshapen(description, tensor.shape)
      }
      tensors[description.name] = description.inMemory(tensor)
    }
    try self.init(
      configuration: configuration, tensors: tensors,
      bands: Self.decode(.bands, from: metadata) ?? [],
      classes: Self.decode(.classes, from: metadata),
      recipe: metadata[MetadataKey.recipe.rawValue],
      subHead: Self.index(.subHead, from: metadata),
      overclusterSubHead: Self.index(.overclusterSubHead, from: metadata),
      images: Self.decode(.images, from: metadata),
      batchCounts: contents.integers,
      otherMetadata: metadata.filter { !known.contains($0.key) })
    fileDigest = digest
  }

  private static func checkRequiredKeys(in contents: Safetensors) throws {
    let missing = MetadataKey.required.map(\.rawValue).filter { contents.metadata[$0] == nil }
    guard !missing.isEmpty else { return }
    guard let architecture = likelyArchitecture(of: contents.tensors) else {
      throw refusal(
        "it is no model of iic's: it has neither \(missing.joined(separator: ", ")) nor a tensor "
          + "`trunk.features.0.weight` or `trunk.conv1.weight`",
        "name a model written by iic")
    }
    throw refusal(
      "it has the tensors of a network, but not the metadata \(missing.joined(separator: ", "))",
      "add these keys to its `__metadata__` (iic.format is `1`, iic.architecture here is probably "
        + "`\(architecture.rawValue)`, iic.config and iic.bands are JSON)")
  }

  /// The architecture that has such tensors, if it is a published one.
  private static func likelyArchitecture(of tensors: [String: Tensor]) -> ModelArchitecture? {
    let hasTwoHeads = tensors.keys.contains { $0.hasPrefix("head_A.") }
    if let weight = tensors["trunk.features.0.weight"] {
      return weight.shape.last == 5
        ? hasTwoHeads ? .clusterNet6cTwoHead : .clusterNet6c
        : hasTwoHeads
          ? .segmentationNet10aTwoHead
          : tensors.keys.contains { $0.hasPrefix("head.") }
            ? .segmentationNet10a : .segmentationNet10aTrunk
    }
    guard tensors["trunk.conv1.weight"] != nil else { return nil }
    if tensors["head.3.weight"] != nil { return .supHead5 }
    return hasTwoHeads ? .clusterNet5gTwoHead : .clusterNet5g
  }

  private static func index(_ key: MetadataKey, from metadata: [String: String]) throws -> Int? {
    guard let text = metadata[key.rawValue] else { return nil }
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let index = Int(text)
    else {
      throw refusal("its \(key.rawValue) is \(IICError.quoted(text))", "give a number from 0 on")
    }
    return index
  }

  private static func decode<Value: Decodable>(
    _ key: MetadataKey, from metadata: [String: String]
  ) throws -> Value? {
    guard let text = metadata[key.rawValue] else { return nil }
    do {
      return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    } catch let error as IICError {
      throw error
    } catch {
      throw refusal(
        "its \(key.rawValue) is not the JSON \(key == .images ? "object" : "array") that it should be",
        "write it as the documentation of model files says")
    }
  }

  static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Texts, whole numbers and finite numbers alone: nothing that JSON cannot say.
    return String(decoding: try! encoder.encode(value), as: UTF8.self)
  }

  static func refusal(_ reason: String, _ remedy: String) -> IICError {
    IICError(operation: "use the model", reason: reason, remedy: remedy)
  }
}
