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

  private let trunk = ["--trunk", "learned/latest.safetensors"]

  private func learnTrunk() throws {
    let learned = try run(
      "train", "images", "--data", "sorted", "-o", "learned", "--classes", "3", "--set",
      "epochs=1", "--set", "width=0.05", "--set", "pairs=24", "--set", "subHeads=1")
    try #require(learned.code == 0, "\(learned.errors)")
  }

  private func tune(_ output: String, epochs: Int, _ more: String...) throws -> Program.Outcome {
    try Program.run(
      [
        "train", "images-fine-tuning", "--data", "sorted", "-o", output, "--set",
        "epochs=\(epochs)", "--set", "pairs=8", "--threads", "2", "--json",
      ] + more, in: folder)
  }

  @Test func `labels fine-tune what was learned without them`() throws {
    try learnTrunk()
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

  @Test func `a run goes on as it began, and gives way to one that can begin`() throws {
    try learnTrunk()
    let begun = try tune("tuned", epochs: 1, trunk[0], trunk[1], "--seed", "5")
    try #require(begun.code == 0, "\(begun.errors)")
    #expect(begun.errors.contains("epoch 1: loss") && !begun.errors.contains("cannot"))
    for (more, words) in [
      (["--set", "learningRate=0.5"], "`learningRate: 0.001` where `learningRate: 0.5`"),
      (["--set", "width=1"], "`network.width` is 1.0 where that of the trained trunk is 0.05"),
      (["--seed", "6"], "it began with the seed 5, not 6"),
    ] {
      let refused = try tune("tuned", epochs: 2, "--resume", more[0], more[1])
      #expect(refused.code == 1 && refused.errors.contains(words), "\(refused.errors)")
    }
    let resumed = try tune("tuned", epochs: 2, "--resume", trunk[0], trunk[1])
    #expect(resumed.code == 0 && resumed.errors.contains("is not read"), "\(resumed.errors)")

    let before = try folder.bytes("tuned/state.safetensors")
    for (more, words) in [
      (["--data", "sorted/level"] + trunk, "no labels"),
      (["--data", "sorted", "--set", "cropSize=40"] + trunk, "`views.sobel.cropSize` is 40"),
      (["--data", "sorted", "--trunk", "tuned/latest.safetensors"], "learned from labels"),
    ] {
      let refused = try Program.run(
        ["train", "images-fine-tuning", "-o", "tuned", "--overwrite"] + more, in: folder)
      #expect(refused.code == 1 && refused.errors.contains(words), "\(refused.errors)")
    }
    #expect(try folder.bytes("tuned/state.safetensors") == before)
    let own = try tune("learned", epochs: 1, "--overwrite", trunk[0], trunk[1])
    #expect(own.code == 1 && own.errors.contains("is a model of it"), "\(own.errors)")
    #expect(folder.exists("learned/model.safetensors"))

    let scores = try run(
      "evaluate", "tuned/latest.safetensors", "--data", "sorted", "--dataset", "images",
      "--k-means", "pixels", "--head", "A", "--batch", "3")
    #expect(scores.code == 1 && scores.errors.contains("--head is about clusters"))
  }

  @Test func `what cannot be fine-tuned is refused`() throws {
    try SmallClusterModel.write(to: folder.file("deep.safetensors"))
    for (arguments, words) in [
      (["images-fine-tuning"], "--trunk"),
      (
        ["images-fine-tuning", "--trunk", "deep.safetensors"],
        "deep.safetensors: ClusterNet6c has no features before its last group of blocks; name a "
          + "ClusterNet5g model with Sobel, such as one of the recipe images"
      ),
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
