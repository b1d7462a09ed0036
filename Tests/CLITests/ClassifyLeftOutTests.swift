import Foundation
import IIC
import Raster
import Tensor
import Testing

/// `iic classify` of what cannot be opened or computed.
@Suite struct ClassifyLeftOutTests {
  private let folder = TemporaryFolder()

  /// Four pictures in two folders, and a model of dark and bright ones.
  init() throws {
    for number in 0..<4 {
      let name = "photographs/\(number % 2 == 0 ? "one" : "two")"
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true)
      try PNGImage(
        width: 40, height: 40, channels: 1,
        pixels: [UInt8](repeating: number < 2 ? 40 : 215, count: 1600)
      ).write(to: folder.file("\(name)/\(number).png"), overwrite: false)
    }
    try SmallClusterModel.write(to: folder.file("model.safetensors"))
  }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.file(name), withDestinationPath: target)
  }

  private func classify(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(["classify"] + arguments + ["--quiet"], in: folder)
  }

  @Test func `links that lead nowhere or in a circle are named and counted`() throws {
    try link("photographs/one/gone.png", to: "nowhere")
    try link("photographs/self", to: ".")
    let outcome = try classify("photographs", "--model", "model.safetensors", "--json")
    try #require(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errorLines.count == 2)
    #expect(outcome.errors.contains("photographs/one/gone.png: it is a link that leads nowhere"))
    #expect(outcome.errors.contains("photographs/self: it is another name of a folder"))
    let json = try outcome.json()
    #expect(json["images"] as? Int == 4 && (json["skipped"] as? [Any])?.count == 2)
    let assignments = try #require(json["assignments"] as? [[String: Any]])
    #expect(
      assignments.map { $0["path"] as? String }
        == ["one/0.png", "one/2.png", "two/1.png", "two/3.png"].map { "photographs/\($0)" })
    #expect(assignments.map { $0["cluster"] as? Int } == [1, 2, 1, 2])
  }

  @Test func `a folder of nothing but links that lead nowhere is refused`() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("none"), withIntermediateDirectories: false)
    try link("none/gone.png", to: "nowhere")
    let outcome = try classify("none", "--model", "model.safetensors")
    #expect(outcome.code == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("none/gone.png: it is a link that leads nowhere"))
    #expect(outcome.errors.contains("none of 1 image can be read"))
  }

  /// Weights are finite and what they come to is not: neither `nan` in a table nor an error of JSON.
  @Test func `a network whose numbers are not finite is refused`() throws {
    let model = try ModelFile(reading: folder.file("model.safetensors"))
    let name = "head.heads.1.0.weight"
    var tensors = model.tensors
    tensors[name] = Tensor(shape: try #require(tensors[name]).shape, repeating: 3e38)
    try ModelFile(
      configuration: model.configuration, tensors: tensors, bands: model.bands, subHead: 1,
      images: model.images
    ).write(to: folder.file("huge.safetensors"))
    for option in ["--probabilities", "--json"] {
      let outcome = try classify("photographs", "--model", "huge.safetensors", option)
      #expect(outcome.code == 1 && outcome.output.isEmpty)
      #expect(
        outcome.errors.hasPrefix("iic: cannot use the model huge.safetensors: "),
        "\(outcome.errors)")
    }
  }
}
