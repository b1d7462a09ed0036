import Foundation
import IIC
import Raster
import Testing

/// `iic train` and `iic evaluate` of networks that label pixels, on a folder of pictures.
@Suite struct SegmentationTrainTests {
  private let folder = TemporaryFolder()

  /// Four pictures of stripes above flat ground, both as light, with labels of all but the last.
  init() throws {
    for name in ["data/images", "data/labels"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true)
    }
    let side = 40
    let grid = SmallRasters.grid(width: side, height: side)
    for number in 0..<4 {
      let border = 16 + 4 * number
      let pixels = (0..<side * side).flatMap { pixel -> [UInt8] in
        let (column, row) = (pixel % side, pixel / side)
        let value = row < border ? ((column + row) % 4 < 2 ? 70 : 180) : 125
        return [UInt8](repeating: UInt8(value + (7 * column + 3 * row) % 9), count: 3)
      }
      try ByteImage(width: side, height: side, channels: 3, pixels: pixels).writeGeoTIFF(
        to: folder.file("data/images/\(number).tif"), grid: grid,
        bandNames: ["red", "green", "blue"])
      guard number < 3 else { continue }
      let labels = (0..<side * side).map { UInt8($0 / side < border ? 1 : 2) }
      try ByteImage(width: side, height: side, channels: 1, pixels: labels).writeGeoTIFF(
        to: folder.file("data/labels/\(number).tif"), grid: grid, bandNames: [""])
    }
    let recipe = Recipe(
      name: "pictures", about: .init(title: "stripes and flat ground"),
      data: .init(dataset: "segmentation", mode: .iid, trueClasses: 2),
      network: try ModelConfiguration(
        architecture: .segmentationNet10aTwoHead, inputChannels: 3, inputSize: 32, classes: 2,
        overclusters: 4, subHeads: 1, width: 0.04, batchNormTracking: true),
      training: .init(
        epochs: 2, pairs: 2, repeats: 1, learningRate: 1e-3, firstHead: .overclustering,
        headA: .init()),
      denseLoss: .init(displacement: 1, collapsed: false),
      views: .patches(PatchViewSettings()))
    try Data(try recipe.yaml.utf8).write(to: URL(filePath: folder.file("pictures.yaml")))
  }

  private func run(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(arguments + ["--threads", "2", "--quiet"], in: folder)
  }

  @Test func trainsGoesOnAndIsScored() throws {
    let begun = try run(
      "train", "pictures.yaml", "--data", "data", "-o", "run", "--set", "epochs=1")
    #expect(begun.code == 0, "\(begun.errors)")
    let resumed = try run(
      "train", "pictures.yaml", "--data", "data", "-o", "run", "--resume", "--json")
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try resumed.json()["epochs"] as? Int == 2)
    let lines = String(decoding: try folder.bytes("run/metrics.csv"), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let pairs = try #require(lines[0].firstIndex(of: "pairs"))
    // Both heads over four pictures.
    #expect(lines.count == 4 && lines[3][pairs] == "8")

    let evaluated = try run(
      "evaluate", "run/latest.safetensors", "--data", "data", "--k-means", "pixels", "--k-means",
      "random-features", "--k-means", "dense-sift", "--picture", "seen.png", "--pictures", "2",
      "--json")
    #expect(evaluated.code == 0, "\(evaluated.errors)")
    let report = try evaluated.json()
    #expect(report["images"] as? Int == 3 && report["pixels"] as? Int == 3 * 32 * 32)
    let subHead = try #require((report["subHeads"] as? [[String: Any]])?.first)
    let accuracy = try #require(lines[0].firstIndex(of: "accuracy_mean"))
    let trained = try #require(Double(lines[3][accuracy]))
    #expect(abs(try #require(subHead["accuracy"] as? Double) - trained) < 1e-4)
    #expect((subHead["intersectionOverUnion"] as? [Double])?.count == 2)
    let baselines = try #require(report["kMeans"] as? [[String: Any]])
    #expect(
      baselines.map { $0["of"] as? String } == ["pixels", "random-features", "dense-sift"])
    // Stripes lie above flat ground: texture tells them apart, if not at the border's every pixel.
    #expect(try #require(baselines[2]["accuracy"] as? Double) > 0.8)
    let picture = try PNGImage.read(folder.file("seen.png"))
    #expect(picture.width == 3 * 32 + 12 && picture.height == 2 * 32 + 6)

    let outputs = try run(
      "evaluate", "run/latest.safetensors", "--data", "data", "--k-means", "outputs")
    #expect(outputs.code == 1 && outputs.errors.contains("it labels pixels"))
    let words = try run("evaluate", "run/latest.safetensors", "--data", "data", "--head", "A")
    #expect(words.code == 0 && words.output.contains("many-to-one"))
  }

  @Test func featuresAreLearnedByAPretextAndClusteredByKMeans() throws {
    let recipe = Recipe(
      name: "touching", about: .init(title: "whether patches touch"),
      data: .init(dataset: "segmentation", mode: .iid, trueClasses: 2),
      network: try ModelConfiguration(
        architecture: .segmentationNet10aTrunk, inputChannels: 3, inputSize: 32, classes: 2,
        subHeads: 1, width: 0.04, batchNormTracking: true),
      training: .init(epochs: 2, pairs: 2, repeats: 1, learningRate: 1e-3),
      pretext: .init(task: .isola, patchSide: 7), views: .patches(PatchViewSettings()))
    try Data(try recipe.yaml.utf8).write(to: URL(filePath: folder.file("touching.yaml")))
    let begun = try run(
      "train", "touching.yaml", "--data", "data", "-o", "run", "--set", "epochs=1", "--seed", "5")
    #expect(begun.code == 0, "\(begun.errors)")
    let resumed = try run(
      "train", "touching.yaml", "--data", "data", "-o", "run", "--resume", "--json")
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try resumed.json()["epochs"] as? Int == 2)
    // Clusters are found from the seed that the run began with.
    let whole = try run("train", "touching.yaml", "--data", "data", "-o", "whole", "--seed", "5")
    #expect(whole.code == 0, "\(whole.errors)")
    #expect(
      try folder.bytes("run/state.safetensors") == folder.bytes("whole/state.safetensors"))

    let model = "run/latest.safetensors"
    let evaluated = try run(
      "evaluate", model, "--data", "data", "--k-means", "features", "--json")
    #expect(evaluated.code == 0, "\(evaluated.errors)")
    let report = try evaluated.json()
    #expect(report["head"] == nil && report["clusters"] as? Int == 2)
    let own = try #require((report["subHeads"] as? [[String: Any]])?.first)
    let same = try #require((report["kMeans"] as? [[String: Any]])?.first)
    // The same clusters from the same seed.
    #expect(own["accuracy"] as? Double == same["accuracy"] as? Double)
    let words = try run("evaluate", model, "--data", "data")
    #expect(words.code == 0 && words.output.contains("2 clusters of its features by k-means"))
    let inspected = try run("inspect", model)
    #expect(inspected.output.contains("none") && inspected.output.contains("iic evaluate"))

    for (arguments, reason) in [
      (["evaluate", model, "--data", "data", "--head", "B"], "features alone"),
      (["evaluate", model, "--data", "data", "--picture", "seen.png"], "features alone"),
      (["segment", "data/images/0.tif", "--model", model, "-o", "labels.tif"], "no clusters"),
    ] {
      let refused = try Program.run(arguments, in: folder)
      #expect(refused.code == 1 && refused.errorLines.count == 1, "\(refused.errors)")
      #expect(refused.errors.contains(reason), "\(refused.errors)")
    }
    #expect(!folder.exists("labels.tif") && !folder.exists("seen.png"))
  }

  @Test func dataThatDoNotFitAreRefusedInOneLine() throws {
    for (arguments, reason) in [
      (["--data", "nowhere"], "nowhere"), (["--data", "data", "--set", "mode=IID+"], "kept apart"),
      (["--data", "data", "--set", "dataset=potsdam"], "unlabelled_train.txt"),
      (["--data", "data", "--set", "trueClasses=3"], "has 2 classes"),
      (["--data", "data", "--set", "inputChannels=4"], "has 3 bands"),
    ] {
      let refused = try Program.run(
        ["train", "pictures.yaml", "-o", "run"] + arguments, in: folder)
      #expect(refused.code == 1 && refused.errorLines.count == 1, "\(refused.errors)")
      #expect(refused.errors.contains(reason), "\(refused.errors)")
    }
    #expect(!folder.exists("run"))
  }
}
