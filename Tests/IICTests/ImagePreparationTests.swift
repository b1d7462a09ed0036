import IIC
import Tensor
import Testing

@Suite struct ImagePreparationTests {
  private func model(
    _ architecture: ModelArchitecture = .clusterNet6c, images: ImagePreparation?,
    subHead: Int? = nil
  ) throws -> ModelFile {
    let configuration = try ModelConfiguration(
      architecture: architecture, inputChannels: 1, inputSize: 24, classes: 3, subHeads: 2,
      width: 0.03, batchNormTracking: true)
    var tensors: [String: Tensor] = [:]
    for description in configuration.tensorDescriptions {
      tensors[description.name] = Tensor(shape: description.shape, repeating: 1)
    }
    return try ModelFile(
      configuration: configuration, tensors: tensors,
      bands: [BandScaling(name: "grey", offset: 0, scale: 255)], subHead: subHead, images: images)
  }

  @Test func `a model file keeps how images are prepared`() throws {
    let preparation = try ImagePreparation(shortestSide: 28, cropSize: 20, greyFirst: true)
    let bytes = try model(images: preparation, subHead: 1).serialised()
    let back = try ModelFile(bytes: bytes)
    #expect(back.images == preparation)
    #expect(back.recordedSubHead == 1 && back.subHead == 1)
    #expect(try back.serialised() == bytes)
    let metadata = try Safetensors(bytes: bytes).metadata
    #expect(
      metadata["iic.images"] == #"{"cropSize":20,"greyFirst":true,"shortestSide":28}"#)
  }

  @Test func `what nobody has said is not made up`() throws {
    let bytes = try model(images: nil).serialised()
    let metadata = try Safetensors(bytes: bytes).metadata
    #expect(metadata["iic.images"] == nil && metadata["iic.subHead"] == nil)
    #expect(metadata["iic.overclusterSubHead"] == nil)
    let back = try ModelFile(bytes: bytes)
    #expect(back.images == nil && back.recordedSubHead == nil && back.subHead == 0)
  }

  @Test(arguments: [
    "[]", "{}", #"{"cropSize":20,"shortestSide":28}"#,
    #"{"cropSize":20,"greyFirst":1,"shortestSide":28}"#,
    #"{"cropSize":29,"greyFirst":true,"shortestSide":28}"#,
    #"{"cropSize":0,"greyFirst":true,"shortestSide":28}"#,
    #"{"cropSize":20,"greyFirst":true,"shortestSide":100000}"#,
    #"{"cropSize":20,"greyFirst":true,"shortestSide":1e300}"#,
  ])
  func `a damaged preparation is refused`(text: String) throws {
    var contents = try Safetensors(bytes: model(images: nil).serialised())
    contents.metadata["iic.images"] = text
    let bytes = try contents.serialised()
    #expect(throws: IICError.self) { try ModelFile(bytes: bytes) }
  }

  @Test func `models that label pixels have none`() throws {
    let preparation = try ImagePreparation(shortestSide: 28, cropSize: 20, greyFirst: true)
    #expect(throws: Never.self) { try model(.segmentationNet10a, images: nil) }
    let error = #expect(throws: IICError.self) {
      try model(.segmentationNet10a, images: preparation)
    }
    #expect(error?.description.contains("iic.images") == true)
  }
}
