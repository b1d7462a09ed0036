import Foundation
import IIC
import Tensor
import TestSupport
import Testing

@Suite struct ModelFileTests {
  /// The model that PyTorch wrote.
  static var published: String {
    GoldenFile.folder.appending(component: "network_model.safetensors").path(percentEncoded: false)
  }

  /// The published model's file after a change.
  static func altered(_ change: (inout Safetensors) throws -> Void) throws -> [UInt8] {
    var contents = try Safetensors(reading: published)
    try change(&contents)
    return try contents.serialised()
  }

  static func refusal(_ change: (inout Safetensors) throws -> Void) throws -> IICError? {
    let bytes = try altered(change)
    return #expect(throws: IICError.self) { try ModelFile(bytes: bytes) }
  }

  @Test func publishedModelIsUnderstood() throws {
    let model = try ModelFile(reading: Self.published)
    #expect(model.configuration.architecture == .segmentationNet10aTwoHead)
    #expect(model.configuration.overclusters == 7)
    #expect(model.bands.map(\.name) == ["band 1", "band 2", "band 3", "band 4"])
    #expect(model.bands[0].input(of: 0.25) == 0.25)
    #expect(model.classes?.map(\.colour.hexadecimal) == ["#1f77b4", "#ff7f0e", "#2ca02c"])
    #expect(model.subHead == 0 && model.recipe == nil)
    #expect(try model.digest.count == 64)
  }

  @Test func convolutionWeightsAreTurnedRound() throws {
    let model = try ModelFile(reading: Self.published)
    let golden = try GoldenFile("network_model")
    let weight = try #require(model.tensors["trunk.features.3.weight"])
    let source = golden["trunk.features.3.weight"]
    #expect(source.shape == [16, 8, 3, 3])
    #expect(weight.shape == [3, 3, 8, 16])
    for output in 0..<16 {
      for input in 0..<8 {
        for tap in 0..<9 {
          #expect(
            weight[(tap * 8 + input) * 16 + output]
              == source.values[(output * 8 + input) * 9 + tap])
        }
      }
    }
    #expect(
      model.tensors["trunk.features.4.running_var"]?.values
        == golden["trunk.features.4.running_var"].values)
  }

  @Test func modelReadsBackAndIsWrittenAlike() throws {
    let source = try ModelFile(reading: Self.published)
    let model = try ModelFile(
      configuration: source.configuration, tensors: source.tensors,
      bands: [
        BandScaling(name: "red", offset: 0, scale: 255),
        BandScaling(name: "green", offset: -3.25, scale: 0.1),
        BandScaling(name: "blue", offset: 1e-7, scale: -65535),
        BandScaling(name: "near infra-red", offset: 120, scale: 3e7),
      ],
      classes: [
        ModelClass(name: "water", colour: .init(red: 0, green: 10, blue: 255)),
        ModelClass(name: "\"roads\" / paths", colour: .init(red: 1, green: 2, blue: 3)),
        ModelClass(name: "草", colour: .init(red: 255, green: 255, blue: 255)),
      ],
      recipe: "epochs: 3\nseed: 1\n", subHead: 1,
      overclusterSubHead: 1,
      batchCounts: ["trunk.features.1.num_batches_tracked": 12],
      otherMetadata: ["author": "someone", "iic.later": "kept"])
    let folder = try TemporaryFolder()
    let path = folder.path("model.safetensors")
    let digest = try model.write(to: path)
    let back = try ModelFile(reading: path)
    #expect(try digest == model.digest && digest == back.digest)
    #expect(back.configuration == model.configuration)
    #expect(back.bands == model.bands)
    #expect(back.classes == model.classes)
    #expect(back.recipe == model.recipe)
    #expect(back.subHead == 1 && back.overclusterSubHead == 1)
    #expect(back.batchCounts == model.batchCounts)
    #expect(back.otherMetadata == model.otherMetadata)
    #expect(Set(back.tensors.keys) == Set(model.tensors.keys))
    for (name, tensor) in back.tensors {
      #expect(tensor.shape == model.tensors[name]?.shape)
      #expect(tensor.values == model.tensors[name]?.values)
    }
    #expect(try back.serialised() == model.serialised())
  }

  @Test func digestIsTheFilesOwn() throws {
    var bytes = try [UInt8](Data(contentsOf: URL(filePath: Self.published)))
    let model = try ModelFile(reading: Self.published)
    #expect(try model.digest == ModelFile(bytes: bytes).digest)
    // Written again it has its keys in another order: the digest is of the file that was read.
    #expect(try model.serialised() != bytes)
    #expect(try model.digest != ModelFile(bytes: model.serialised()).digest)
    bytes[bytes.count - 1] ^= 1
    #expect(try model.digest != ModelFile(bytes: bytes).digest)
  }

  @Test func publishedShapesAreListed() throws {
    let two = try ModelFile(reading: Self.published).configuration.tensorDescriptions
    let golden = try GoldenFile("network_model")
    #expect(Set(two.map(\.name)) == Set(golden.tensors.keys))
    for description in two { #expect(description.fileShape == golden[description.name].shape) }
    let one = try ModelConfiguration(
      architecture: .segmentationNet10a, inputChannels: 5, inputSize: 128, classes: 15, subHeads: 1,
      batchNormTracking: false
    ).tensorDescriptions
    #expect(one.count == 6 * 3 + 1)
    #expect(one[0].fileShape == [64, 5, 3, 3] && one[0].shape == [3, 3, 5, 64])
    #expect(one[15].name == "trunk.features.16.weight")
    #expect(one.last?.name == "head.heads.0.0.weight")
    #expect(one.last?.fileShape == [15, 512, 1, 1])
  }

  @Test func missingMetadataSaysWhatToAdd() throws {
    let error = try Self.refusal { $0.metadata = ["author": "someone"] }
    #expect(
      error?.reason.contains("iic.format, iic.architecture, iic.config, iic.bands") == true)
    #expect(error?.remedy.contains("`SegmentationNet10aTwoHead`") == true)
    let partial = try Self.refusal { $0.metadata["iic.bands"] = nil }
    #expect(partial?.reason.hasSuffix("the metadata iic.bands") == true)
    let stranger = try Self.refusal { $0 = Safetensors(tensors: [:]) }
    #expect(stranger?.reason.contains("no model of iic's") == true)
  }

  @Test(arguments: [
    ("iic.format", "2", "iic.format"),
    ("iic.architecture", "SegmentationNet10", "architecture"),
    ("iic.architecture", "ClusterNet5gTwoHead", "[7, 64, 1, 1], not [7, 64]"),
    ("iic.architecture", "SegmentationNet10a", "overclusters"),
    ("iic.config", "{}", "inputChannels"),
    ("iic.bands", "[]", "0 bands"),
    ("iic.bands", "{}", "iic.bands"),
    ("iic.bands", #"[{"name":"a","offset":0,"scale":0}]"#, "scale"),
    ("iic.bands", #"[{"name":"a","offset":0,"scale":1e-42}]"#, "scale"),
    ("iic.bands", #"[{"name":"a","offset":0,"scale":1e300}]"#, "iic.bands"),
    ("iic.bands", #"[{"name":"a\u0000","offset":0,"scale":1}]"#, "name"),
    ("iic.bands", #"[{"name":"a","scale":1}]"#, "iic.bands"),
    ("iic.classes", ##"[{"name":"a","colour":"#123456"}]"##, "1 classes"),
    ("iic.classes", ##"[{"name":"a","colour":"red"}]"##, "colour"),
    ("iic.classes", ##"[{"name":"a","colour":"#+12345"}]"##, "colour"),
    ("iic.classes", ##"[{"name":"","colour":"#123456"}]"##, "name"),
    ("iic.subHead", "2", "iic.subHead"), ("iic.subHead", "-1", "iic.subHead"),
    ("iic.subHead", "", "iic.subHead"), ("iic.subHead", "99999999999999999999", "iic.subHead"),
    ("iic.overclusterSubHead", "2", "iic.overclusterSubHead"),
  ])
  func badMetadataIsNamed(key: String, value: String, reason: String) throws {
    let error = try Self.refusal { $0.metadata[key] = value }
    #expect(error?.reason.contains(reason) == true, "\(error?.description ?? "no error")")
  }

  @Test func tensorsMustBeThoseOfTheNetwork() throws {
    let missing = try Self.refusal { $0.tensors["trunk.features.10.weight"] = nil }
    #expect(missing?.reason.contains("`trunk.features.10.weight` is missing") == true)
    let extra = try Self.refusal { $0.tensors["extra"] = Tensor(shape: [1]) }
    #expect(extra?.reason.contains("`extra`") == true)
    let shape = try Self.refusal {
      $0.tensors["head_B.heads.0.0.weight"] = Tensor(shape: [4, 64, 1, 1])
    }
    #expect(shape?.reason.contains("[4, 64, 1, 1], not [3, 64, 1, 1]") == true)
    let empty = try Self.refusal {
      $0.tensors["head_B.heads.0.0.weight"] = Tensor(shape: [1 << 30, 0, 1 << 30, 1])
    }
    #expect(empty?.reason.contains("has the shape") == true)
    let statistics = try Self.refusal { $0.tensors["trunk.features.1.running_mean"] = nil }
    #expect(statistics?.remedy.contains("batchNormTracking") == true)
    let prefixed = try Self.refusal { contents in
      contents.tensors = Dictionary(
        uniqueKeysWithValues: contents.tensors.map { ("module.\($0)", $1) })
    }
    #expect(prefixed?.reason.contains("`module.`") == true)
    let counts = try Self.refusal { $0.integers["trunk.features.0.num_batches_tracked"] = 1 }
    #expect(counts?.reason.contains("num_batches_tracked") == true)
  }

  @Test func valuesMustBeFinite() throws {
    for value in [Float.nan, .infinity, -.infinity] {
      let error = try Self.refusal { $0.tensors["trunk.features.1.weight"]![3] = value }
      #expect(error?.reason.contains("not finite") == true)
    }
    let negative = try Self.refusal { $0.tensors["trunk.features.4.running_var"]![0] = -1 }
    #expect(negative?.reason.contains("negative") == true)
  }

  @Test func aModelWithOneHeadReadsBackAndItsKeysAreNotUnknownMetadata() throws {
    let configuration = try ModelConfiguration(
      architecture: .segmentationNet10a, inputChannels: 1, inputSize: 64, classes: 2, subHeads: 1,
      width: 0.02, batchNormTracking: false)
    let tensors = Dictionary(
      uniqueKeysWithValues: configuration.tensorDescriptions.map {
        ($0.name, Tensor(shape: $0.shape, repeating: 1))
      })
    let bands = [try BandScaling(name: "grey", offset: 0, scale: 255)]
    let model = try ModelFile(configuration: configuration, tensors: tensors, bands: bands)
    #expect(try ModelFile(bytes: model.serialised()).configuration == configuration)
    let taken = #expect(throws: IICError.self) {
      try ModelFile(
        configuration: configuration, tensors: tensors, bands: bands,
        otherMetadata: ["iic.recipe": "x"])
    }
    #expect(taken?.reason.contains("iic.recipe") == true)
  }

  @Test func errorsNameTheFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("picture.tif")
    try Data("II*\0 this is no model, but a picture of a field".utf8).write(
      to: URL(filePath: path))
    let error = #expect(throws: IICError.self) { try ModelFile(reading: path) }
    #expect(
      error?.description
        == "cannot read \(path): it is no safetensors file (or its header is over 16 MiB); "
        + "use a whole, undamaged .safetensors file")
  }
}
