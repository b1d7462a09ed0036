import Foundation
import IIC
import Raster
import Tensor
import Testing

@Suite struct FineTuningTests {
  private let folder = TemporaryFolder()

  /// Pictures of stripes, upright or level, twelve of each, in a folder a kind.
  init() throws {
    var generator = SeededGenerator(seed: 1)
    for kind in ["level", "upright"] {
      try FileManager.default.createDirectory(
        atPath: folder.file("sorted/\(kind)"), withIntermediateDirectories: true)
      for number in 0..<12 {
        let (width, phase) = (50 + number, Int.random(in: 0..<10, using: &generator))
        var pixels: [UInt8] = []
        for row in 0..<50 {
          for column in 0..<width {
            let place = (kind == "level" ? row : column) + phase
            pixels.append(
              (place / 5 % 2 == 0 ? 40 : 180) + UInt8.random(in: 0...30, using: &generator))
          }
        }
        try PNGImage(width: width, height: 50, channels: 1, pixels: pixels).write(
          to: folder.file("sorted/\(kind)/\(number).png"), overwrite: false)
      }
    }
  }

  private func run(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(arguments + ["--threads", "2", "--quiet"], in: folder)
  }

  @Test func `labels fine-tune what was learned without them`() throws {
    let learned = try run(
      "train", "images", "--data", "sorted", "-o", "learned", "--classes", "3", "--set",
      "epochs=1", "--set", "width=0.05", "--set", "pairs=24", "--set", "subHeads=1")
    try #require(learned.code == 0, "\(learned.errors)")
    func tune(_ output: String, epochs: Int, _ more: String...) throws -> Program.Outcome {
      try Program.run(
        [
          "train", "images-fine-tuning", "--data", "sorted", "-o", output, "--set",
          "epochs=\(epochs)", "--set", "pairs=8", "--threads", "2", "--quiet", "--json",
        ] + more, in: folder)
    }
    let trunk = ["--trunk", "learned/latest.safetensors"]
    let whole = try tune("whole", epochs: 6, trunk[0], trunk[1])
    try #require(whole.code == 0, "\(whole.errors)")
    let json = try whole.json()
    #expect(json["epochs"] as? Int == 6)
    let accuracy = try #require(json["accuracy"] as? Double)
    let recipe = try Recipe(reading: folder.file("whole/recipe.yaml"))
    #expect(recipe.network.width == 0.05 && recipe.network.classes == 3)

    #expect(try tune("parts", epochs: 2, trunk[0], trunk[1]).code == 0)
    #expect(try tune("parts", epochs: 6, "--resume").code == 0)
    for file in ["latest", "state"] {
      #expect(
        try folder.bytes("parts/\(file).safetensors") == folder.bytes("whole/\(file).safetensors"))
    }
    let table = String(decoding: try folder.bytes("parts/metrics.csv"), as: UTF8.self)
    #expect(table.split(separator: "\n").count == 7)
    let page = String(decoding: try folder.bytes("parts/report.html"), as: UTF8.self)
    for text in ["<svg", "by ten crops", "6 of 6 epochs are over", "</html>"] {
      #expect(page.contains(text), "\(text)")
    }

    let scores = try run("evaluate", "whole/latest.safetensors", "--data", "sorted", "--json")
    try #require(scores.code == 0, "\(scores.errors)")
    let measured = try #require(try scores.json()["accuracy"] as? Double)
    #expect(abs(measured - accuracy) < 1e-9)
    let assigned = try run("classify", "sorted/level/0.png", "--model", "whole/latest.safetensors")
    #expect(assigned.output.hasPrefix("path,cluster,name,probability\nsorted/level/0.png,"))
    #expect(assigned.output.contains(",level,") || assigned.output.contains(",upright,"))
  }

  @Test func `what cannot be fine-tuned is refused`() throws {
    try SmallClusterModel.write(to: folder.file("deep.safetensors"))
    for (arguments, words) in [
      (["images-fine-tuning"], "--trunk"),
      (["images-fine-tuning", "--trunk", "deep.safetensors"], "ClusterNet5g"),
      (["images-fine-tuning", "--trunk", "nowhere"], "nowhere"),
      (["images-fine-tuning", "--classes", "3"], "--classes"),
      (["images", "--trunk", "deep.safetensors"], "--trunk is for recipes that fine-tune"),
    ] {
      let outcome = try Program.run(
        ["train"] + arguments + ["--data", "sorted", "-o", "run"], in: folder)
      #expect(outcome.code == 1 && outcome.errors.contains(words), "\(outcome.errors)")
      #expect(!folder.exists("run"))
    }
  }
}
