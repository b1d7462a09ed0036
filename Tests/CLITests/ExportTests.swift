import Foundation
import Testing

@Suite struct ExportTests {
  let folder = TemporaryFolder()

  @Test func writesBesideTheModelUnlessToldOtherwise() throws {
    let model = try LearnedModel.path(in: folder)
    let outcome = try Program.run(["export", model], in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("pixels float32 [images, 4, height, width]"))
    #expect(outcome.errors.contains("probabilities float32 [images, 3, height, width]"))
    #expect(folder.exists("learned.onnx"))

    let again = try Program.run(["export", "learned.safetensors"], in: folder)
    #expect(again.code == 1 && again.errorLines.count == 1)
    #expect(again.errors.contains("learned.onnx: it exists already"))
    let other = try Program.run(
      ["export", "learned.safetensors", "-o", "fixed.onnx", "--size", "256", "--json"], in: folder)
    try #require(other.code == 0, "\(other.errors)")
    let json = try other.json()
    let input = try #require(json["input"] as? [String: Any])
    #expect(input["shape"] as? [AnyHashable] == ["images", 4, 256, 256])
    #expect(json["bytes"] as? Int == (try folder.bytes("fixed.onnx").count))
    #expect(json["operatorSet"] as? Int == 17)
    #expect(folder.names == ["learned.safetensors", "learned.onnx", "fixed.onnx"])
  }

  @Test func wholeImagesWithoutRunningStatistics() throws {
    try SmallClusterModel.write(to: folder.file("bright.safetensors"), recordsSubHead: false)
    let outcome = try Program.run(["export", "bright.safetensors", "--json"], in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("does not say which of its 2 sub-heads"))
    let json = try outcome.json()
    #expect((json["output"] as? [String: Any])?["shape"] as? [AnyHashable] == ["images", 2])
    #expect(json["subHead"] as? Int == 1)
    let chosen = try Program.run(
      ["export", "bright.safetensors", "--sub-head", "2", "--overwrite", "--json"], in: folder)
    #expect(try chosen.json()["subHead"] as? Int == 2)
  }

  @Test(arguments: [
    (["nothing.safetensors"], 1, "nothing.safetensors"),
    (["bright.safetensors", "--head", "A"], 1, "has one head"),
    (["bright.safetensors", "--sub-head", "3"], 1, "give 1 to 2"),
    (["bright.safetensors", "--size", "32"], 1, "24 pixels a side"),
    (["bright.safetensors", "--size", "0"], 64, "--size 0"),
    (["bright.safetensors", "-o", "bright.safetensors", "--overwrite"], 1, "it is also an input"),
    (["bright.safetensors", "-o", "missing/bright.onnx"], 1, "missing"),
    (["text.txt"], 1, "text.txt"),
  ])
  func refuses(arguments: [String], code: Int32, words: String) throws {
    try SmallClusterModel.write(to: folder.file("bright.safetensors"))
    try Data("no model".utf8).write(to: URL(filePath: folder.file("text.txt")))
    let before = folder.names
    let outcome = try Program.run(["export"] + arguments, in: folder)
    #expect(outcome.code == code)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
    #expect(folder.names == before)
  }
}
