import Foundation
import IIC
import Tensor
import Testing

@Suite struct InspectTests {
  let folder = TemporaryFolder()

  @Test func saysWhatARasterIs() throws {
    try SmallRasters.writeScene(folder.file("scene.tif"), size: 64)
    // The content counts, not the name.
    try FileManager.default.moveItem(
      atPath: folder.file("scene.tif"), toPath: folder.file("scene.safetensors"))
    let outcome = try Program.run(["inspect", "scene.safetensors", "--json"], in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(json["kind"] as? String == "raster")
    #expect(json["width"] as? Int == 64)
    #expect(json["usable"] as? Bool == true)
    let bands = try #require(json["bands"] as? [[String: Any]])
    #expect(bands.map { $0["name"] as? String } == ["red", "green", "blue", "near infrared"])
    #expect(bands[3]["shows"] as? String == "near infrared")
    let text = try Program.run(["inspect", "scene.safetensors"], in: folder)
    #expect(text.output.contains("UTM zone 32N"))
    #expect(text.output.contains("64 × 64 pixels, 4 bands"))
  }

  @Test func saysWhatAModelIs() throws {
    let model = try LearnedModel.path(in: folder)
    let outcome = try Program.run(["inspect", model, "--json"], in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(json["kind"] as? String == "model")
    #expect(json["classCount"] as? Int == 3)
    #expect(json["usable"] as? Bool == true)
    #expect((json["digest"] as? String)?.count == 64)
    let bands = try #require(json["bands"] as? [[String: Any]])
    #expect(bands.count == 4)
    let text = try Program.run(["inspect", model], in: folder)
    #expect(text.output.contains("SegmentationNet10aTwoHead model of 3 classes"))
  }

  @Test func saysWhatAModelOfWholeImagesIs() throws {
    let configuration = try ModelConfiguration(
      architecture: .clusterNet6c, inputChannels: 1, inputSize: 24, classes: 10, subHeads: 5,
      width: 0.03, batchNormTracking: true)
    var generator = SeededGenerator(seed: 1)
    let network = try ClusterNetwork(configuration: configuration, generator: &generator)
    try ModelFile(
      configuration: configuration, tensors: network.tensors,
      bands: [BandScaling(name: "grey", offset: 0, scale: 255)],
      images: ImagePreparation(shortestSide: 28, cropSize: 20, greyFirst: true)
    ).write(to: folder.file("digits.safetensors"))
    let outcome = try Program.run(["inspect", "digits.safetensors", "--json"], in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(json["architecture"] as? String == "ClusterNet6c")
    #expect(json["subHeads"] as? Int == 5)
    #expect(json["inputSize"] as? Int == 24)
    let text = try Program.run(["inspect", "digits.safetensors"], in: folder)
    #expect(text.output.contains("ClusterNet6c model of 10 classes"))

    try SmallRasters.writeScene(folder.file("scene.tif"), size: 64)
    let refusal = try Program.run(
      ["segment", "scene.tif", "--model", "digits.safetensors", "-o", "labels.tif"], in: folder)
    #expect(refusal.code == 1)
    #expect(refusal.errorLines.count == 1)
    #expect(refusal.errors.contains("digits.safetensors: ClusterNet6c labels whole images"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("labels.tif")))
  }

  @Test func refusesWhatIsNeither() throws {
    let model = try Data(contentsOf: URL(filePath: LearnedModel.path(in: folder)))
    try model.prefix(model.count / 2).write(to: URL(filePath: folder.file("cut.safetensors")))
    try Data("hello".utf8).write(to: URL(filePath: folder.file("hello.txt")))
    try SmallRasters.writeComplex(folder.file("complex.tif"))
    for name in ["cut.safetensors", "hello.txt", "complex.tif", "missing", "."] {
      let outcome = try Program.run(["inspect", name], in: folder)
      #expect(outcome.code == 1)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.hasPrefix("iic: cannot ") && outcome.errors.contains(name))
    }
  }
}
