import Foundation
import IIC
import Raster
import Testing

@Suite struct TrainTests {
  private let folder = TemporaryFolder()
  private static let small = [
    "--set", "epochs=2", "--set", "width=0.03", "--set", "pairs=20", "--set", "subHeads=2",
    "--set", "repeats=2", "--threads", "2", "--quiet",
  ]

  /// MNIST's files with forty and twenty images of stripes, upright for odd labels and level for even
  /// ones, as thick as the label.
  private func writeDigits() throws {
    func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) } }
    for (name, count) in [("train", 40), ("t10k", 20)] {
      var pixels: [UInt8] = []
      for image in 0..<count {
        for row in 0..<28 {
          for column in 0..<28 {
            let place = image % 2 == 0 ? row : column
            pixels.append(place / (image % 10 + 2) % 2 == 0 ? 0 : UInt8(160 + image))
          }
        }
      }
      let images = [0, 0, 8, 3] + number(count) + number(28) + number(28) + pixels
      try Data(images).write(to: URL(filePath: folder.file("digits/\(name)-images-idx3-ubyte")))
      let labels = [0, 0, 8, 1] + number(count) + (0..<count).map { UInt8($0 % 10) }
      try Data(labels).write(to: URL(filePath: folder.file("digits/\(name)-labels-idx1-ubyte")))
    }
  }

  init() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("digits"), withIntermediateDirectories: false)
    try writeDigits()
  }

  private func train(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(["train", "--data", "digits"] + Self.small + arguments, in: folder)
  }

  @Test func trainsIntoAFolderThatSaysWhatHappened() throws {
    let outcome = try train("mnist", "-o", "run", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let result = try outcome.json()
    #expect(result["epochs"] as? Int == 2 && result["recipe"] as? String == "mnist")
    let model = try ModelFile(reading: folder.file("run/model.safetensors"))
    #expect(model.configuration.architecture == .clusterNet6cTwoHead && model.bands.count == 1)
    #expect(try Recipe(yaml: model.recipe ?? "").training.epochs == 2)
    #expect(folder.exists("run/latest.safetensors"))
    #expect(folder.exists("run/model-best-accuracy.safetensors"))
    let lines = String(decoding: try folder.bytes("run/metrics.csv"), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(lines.count == 4 && lines.map { $0[0] } == ["epoch", "0", "1", "2"])
    // Head A once and head B twice over 60 images with two repeats.
    let pairs = try #require(lines[0].firstIndex(of: "pairs"))
    #expect(lines[3][pairs] == "360")
    let accuracy = try #require(lines[0].firstIndex(of: "accuracy_mean"))
    #expect(lines.dropFirst().allSatisfy { (0.1...1).contains(Double($0[accuracy]) ?? -1) })
  }

  @Test func makesPicturesOfTheProgression() throws {
    // An epoch has eighteen batches.
    let outcome = try train("mnist-progression", "-o", "run", "--set", "pictureEvery=20")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let names = try FileManager.default.contentsOfDirectory(
      atPath: folder.file("run/progression"))
    #expect(names.sorted() == ["batch-00000000.png", "batch-00000020.png"])
    let picture = try ByteImage.decode(folder.file("run/progression/batch-00000020.png"))
    #expect(picture.width == 900 && picture.height == 900 && picture.channels == 3)
    let page = String(decoding: try folder.bytes("run/report.html"), as: UTF8.self)
    let data = try folder.bytes("run/progression/batch-00000020.png").base64EncodedString()
    #expect(page.contains(data))
  }

  @Test func goesOnBitForBit() throws {
    #expect(try train("mnist", "-o", "whole").code == 0)
    #expect(try train("mnist", "-o", "parts", "--set", "epochs=1").code == 0)
    let resumed = try train("mnist", "-o", "parts", "--resume")
    #expect(resumed.code == 0, "\(resumed.errors)")
    for file in ["state", "model", "latest"] {
      let same =
        try folder.bytes("parts/\(file).safetensors")
        == folder.bytes("whole/\(file).safetensors")
      // A model kept from the first epoch says in its recipe that one epoch was asked for.
      #expect(same || file == "model", "\(file)")
    }
    let models = try ["parts", "whole"].map {
      try ModelFile(reading: folder.file("\($0)/model.safetensors"))
    }
    for (name, tensor) in models[0].tensors {
      #expect(tensor.values == models[1].tensors[name]?.values)
    }
  }

  @Test func refusesToGoOnByAnotherRecipe() throws {
    #expect(try train("mnist", "-o", "run").code == 0)
    let other = try train("mnist", "-o", "run", "--resume", "--set", "learningRate=0.5")
    #expect(other.code == 1)
    #expect(
      other.errors.contains("`learningRate: 0.0001` where `learningRate: 0.5` is asked for"),
      "\(other.errors)")
    let retitled = try train("mnist", "-o", "run", "--resume", "--set", "title=again")
    #expect(retitled.code == 0, "\(retitled.errors)")
    let seed = try train("mnist", "-o", "run", "--resume", "--seed", "5")
    #expect(seed.code == 1 && seed.errors.contains("it began with the seed 0"))
    let taken = try train("mnist", "-o", "run")
    #expect(taken.code == 1 && taken.errors.contains("--resume") && taken.errorLines.count == 1)
  }

  @Test func aStartThatFailsLeavesWhatWasThere() throws {
    #expect(try train("mnist", "-o", "run", "--set", "epochs=1").code == 0)
    let before = try folder.bytes("run/state.safetensors")
    let tooLarge = ["--set", "firstCropSize=29"]
    let failed = try train("mnist", "-o", "run", "--overwrite", tooLarge[0], tooLarge[1])
    #expect(failed.code == 1 && failed.errors.contains("an image's side is 28 pixels"))
    #expect(try folder.bytes("run/state.safetensors") == before)
    #expect(folder.exists("run/model.safetensors") && folder.exists("run/recipe.yaml"))
    #expect(try train("mnist", "-o", "fresh", tooLarge[0], tooLarge[1]).code == 1)
    #expect(!folder.exists("fresh"))
    let replaced = try train("mnist", "-o", "run", "--overwrite", "--seed", "5")
    #expect(replaced.code == 0, "\(replaced.errors)")
    let state = try TrainingState(reading: folder.file("run/state.safetensors"))
    #expect(state.seed == 5 && state.completedEpochs == 2)
  }

  @Test func trainsWithoutTheTestImagesByAFilesRecipe() throws {
    let yaml = """
      basedOn: mnist
      name: mine
      data: {mode: IID+}
      network: {architecture: ClusterNet6c, classes: 12, overclusters: null}
      training: {headA: null}
      """
    try Data(yaml.utf8).write(to: URL(filePath: folder.file("mine.yaml")))
    let outcome = try train("mine.yaml", "-o", "run")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let recipe = try Recipe(reading: folder.file("run/recipe.yaml"))
    #expect(recipe.data.mode == .iidPlus && recipe.network.classes == 12)
    let lines = String(decoding: try folder.bytes("run/metrics.csv"), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    // Twice over the forty training images with two repeats.
    let pairs = try #require(lines[0].firstIndex(of: "pairs"))
    #expect(lines[3][pairs] == "160")
  }

  /// A folder of twenty small pictures, upright stripes in one sub-folder and level ones in the other,
  /// and one file that is no picture.
  private func writePictures() throws {
    for (name, isLevel) in [("upright", false), ("level", true)] {
      try FileManager.default.createDirectory(
        atPath: folder.file("pictures/\(name)"), withIntermediateDirectories: true)
      for number in 0..<10 {
        let (width, height) = (50 + number, 60 - number)
        var pixels: [UInt8] = []
        for row in 0..<height {
          for column in 0..<width {
            let isLight = ((isLevel ? row : column) + number) / 5 % 2 == 0
            pixels += isLight ? [200, 180, UInt8(100 + number)] : [20, 40, 60]
          }
        }
        try PNGImage(width: width, height: height, channels: 3, pixels: pixels)
          .write(to: folder.file("pictures/\(name)/\(number).png"), overwrite: false)
      }
    }
    try Data("no picture".utf8).write(to: URL(filePath: folder.file("pictures/level/bad.png")))
  }

  @Test func trainsOnAFolderOfImages() throws {
    try writePictures()
    let outcome = try Program.run(
      ["train", "images", "--data", "pictures", "-o", "run", "--classes", "2", "--json"]
        + Self.small + ["--set", "epochs=1"], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("pictures/level/bad.png") && outcome.errorLines.count == 1)
    let model = try ModelFile(reading: folder.file("run/model.safetensors"))
    #expect(model.configuration.classes == 2 && model.configuration.overclusters == 10)
    #expect(model.recordedSubHead != nil && model.recordedOverclusterSubHead != nil)
    #expect(model.images?.shortestSide == 48 && model.images?.cropSize == 32)
    let page = String(decoding: try folder.bytes("run/report.html"), as: UTF8.self)
    for text in ["<svg", "sub-head", "classes: 2", "1 of 1 epochs are over", "</html>"] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(!page.contains("http"))
  }

  @Test func triesSeveralNumbersOfClasses() throws {
    try writePictures()
    let arguments =
      ["train", "images", "--data", "pictures", "-o", "run", "--classes", "auto"] + Self.small
      + ["--set", "epochs=1"]
    let outcome = try Program.run(arguments + ["--json"], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let attempts = try #require(try outcome.json()["attempts"] as? [[String: Any]])
    #expect(attempts.map { $0["classes"] as? Int } == [2, 4, 8, 16, 32])
    for attempt in attempts {
      let classes = try #require(attempt["classes"] as? Int)
      let model = try ModelFile(reading: folder.file("run/classes-\(classes)/model.safetensors"))
      #expect(model.configuration.classes == classes)
      let limit = try #require(attempt["limit"] as? Double)
      #expect(abs(limit + log(Double(classes))) < 1e-9)
      #expect((attempt["lowestLoss"] as? Double ?? 1) >= limit)
    }
    let table = String(decoding: try folder.bytes("run/classes.csv"), as: UTF8.self)
    #expect(table.split(separator: "\n").count == 6)
    // One run is not there yet, as after a stop: the others have nothing left to do.
    try FileManager.default.removeItem(atPath: folder.file("run/classes-32"))
    let before = try folder.bytes("run/classes-8/state.safetensors")
    #expect(try Program.run(arguments + ["--resume"], in: folder).code == 0)
    #expect(folder.exists("run/classes-32/model.safetensors"))
    #expect(try folder.bytes("run/classes-8/state.safetensors") == before)
  }

  @Test(arguments: [
    (["mnits"], "did you mean mnist?"),
    (["mnist", "--set", "epoch=3"], "did you mean `epochs`?"),
    (["missing.yaml"], "missing.yaml: there is no such file"),
    (["mnist", "--set", "dataset=digits"], "there is no dataset digits"),
    (["mnist", "--set", "firstCropSize=29"], "an image's side is 28 pixels"),
    (["mnist", "--set", "trueClasses=20"], "its images have 10 classes"),
    (["mnist", "--classes", "1000"], "--classes 1000 is not possible by mnist; give 2 to 819"),
  ]) func refusesInOneLine(_ arguments: [String], _ reason: String) throws {
    let refused = try Program.run(
      ["train"] + arguments + ["--data", "digits", "-o", "run"], in: folder)
    #expect(refused.code == 1 && refused.errorLines.count == 1, "\(refused.errors)")
    #expect(refused.errors.contains(reason), "\(refused.errors)")
  }

  @Test(arguments: ["auto", "4"]) func classesAreGivenOnce(_ classes: String) throws {
    let refused = try train("mnist", "-o", "run", "--classes", classes, "--set", "classes=30")
    #expect(refused.code == 64 && refused.errorLines.count == 1, "\(refused.errors)")
    #expect(refused.errors.contains("--classes and --set classes=… exclude each other"))
    #expect(!folder.exists("run"))
  }

  @Test func anInterruptedTrainingLeavesItsLastEpochWhole() throws {
    #expect(try train("mnist", "-o", "run").code == 0)
    let run = try Program.Run(
      ["train", "mnist", "--data", "digits", "-o", "run", "--resume"] + Self.small.dropLast()
        + ["--set", "epochs=100000"], in: folder)
    #expect(run.waitUntil { run.errors.contains("epoch 4:") })
    kill(run.process.processIdentifier, SIGINT)
    let outcome = run.wait()
    #expect(outcome.code == 130 && outcome.errors.hasSuffix("iic: interrupted\n"))
    #expect(!outcome.errors.contains("cannot"), "\(outcome.errors)")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.file("run"))
    #expect(!files.contains { $0.contains("partial") })
    #expect(throws: Never.self) {
      _ = try ModelFile(reading: folder.file("run/model.safetensors"))
      _ = try TrainingState(reading: folder.file("run/state.safetensors"))
    }
    let resumed = try train("mnist", "-o", "run", "--resume", "--set", "epochs=3")
    #expect(resumed.code == 0, "\(resumed.errors)")
  }

  /// The files are taken away under a thread that is writing them, which must neither say so nor end
  /// the program in its own way.
  @Test func theEndIsSaidOnceWhereverItComes() throws {
    #expect(try train("mnist", "-o", "run").code == 0)
    for number in 0..<12 {
      // Nothing but writing: an epoch of the smallest network on four batches.
      let run = try Program.Run(
        ["train", "mnist", "--data", "digits", "-o", "run\(number)"] + Self.small.dropLast()
          + ["--set", "epochs=100000", "--set", "pairs=60"], in: folder)
      #expect(run.waitUntil { run.errors.contains("epoch 1:") })
      usleep(useconds_t(1000 * number))
      kill(run.process.processIdentifier, SIGTERM)
      let outcome = run.wait()
      #expect(outcome.code == 143 && outcome.errors.hasSuffix("iic: terminated\n"))
      #expect(!outcome.errors.contains("cannot"), "\(outcome.errors)")
    }
  }

  @Test func tripletsAreTrainedAndScoredByKMeansOfOutputs() throws {
    let small = Self.small + ["--set", "repeats=1", "--set", "pairs=10"]
    let options = ["train", "mnist-triplets", "--data", "digits"] + small
    let outcome = try Program.run(options + ["-o", "run"], in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    let parts = options + ["-o", "parts"]
    #expect(try Program.run(parts + ["--set", "epochs=1"], in: folder).code == 0)
    #expect(try Program.run(parts + ["--resume"], in: folder).code == 0)
    #expect(
      try folder.bytes("parts/state.safetensors") == folder.bytes("run/state.safetensors"))
    let page = String(decoding: try folder.bytes("run/report.html"), as: UTF8.self)
    #expect(page.contains("transformed copy") && page.contains("2 of 2 epochs are over"))

    let scores = try Program.run(
      ["evaluate", "run/latest.safetensors", "--data", "digits", "--threads", "2", "--json"],
      in: folder)
    try #require(scores.code == 0, "\(scores.errors)")
    let json = try scores.json()
    #expect(json["matching"] as? String == "many-to-one" && json["clusters"] as? Int == 50)
    let baseline = try #require((json["kMeans"] as? [[String: Any]])?.first)
    #expect(baseline["of"] as? String == "outputs")
    // As in training: of the sub-head of the lowest loss in the last epoch.
    let lines = String(decoding: try folder.bytes("run/metrics.csv"), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let column = try #require(lines[0].firstIndex(of: "accuracy_by_loss"))
    let recorded = try #require(Double(lines[3][column]))
    #expect(abs((baseline["accuracy"] as? Double ?? -1) - recorded) < 1e-4)
    let search = try Program.run(options + ["-o", "search", "--classes", "auto"], in: folder)
    #expect(search.code == 1 && search.errors.contains("triplets"), "\(search.errors)")
  }

  @Test func aTrainedModelIsScoredAsInTrainingAndClassifies() throws {
    #expect(try train("mnist", "-o", "run").code == 0)
    let scores = try Program.run(
      ["evaluate", "run/latest.safetensors", "--data", "digits", "--threads", "2", "--json"],
      in: folder)
    try #require(scores.code == 0, "\(scores.errors)")
    let json = try scores.json()
    #expect(json["mode"] as? String == "IID" && json["images"] as? Int == 60)
    let lines = String(decoding: try folder.bytes("run/metrics.csv"), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let column = try #require(lines[0].firstIndex(of: "accuracy_mean"))
    let recorded = try #require(Double(lines[3][column]))
    #expect(abs((json["meanAccuracy"] as? Double ?? -1) - recorded) < 1e-4)

    try PNGImage(
      width: 56, height: 70, channels: 1, pixels: (0..<56 * 70).map { UInt8($0 % 251) }
    ).write(to: folder.file("photograph.png"), overwrite: false)
    let table = try Program.run(
      ["classify", "photograph.png", "--model", "run/model.safetensors", "--quiet"], in: folder)
    #expect(table.code == 0 && table.errors.isEmpty, "\(table.errors)")
    #expect(table.output.contains("\nphotograph.png,"))
  }

  @Test func listsAndPrintsRecipes() throws {
    let list = try Program.run(["recipes"], in: folder)
    #expect(list.code == 0)
    for recipe in Recipe.builtIn { #expect(list.output.contains("\n\(recipe.name)  ")) }
    let yaml = try Program.run(["recipes", "mnist"], in: folder)
    #expect(try Recipe(yaml: yaml.output) == Recipe.named("mnist"))
    let json = try Program.run(["recipes", "mnist", "--json"], in: folder)
    #expect(
      try JSONDecoder().decode(Recipe.self, from: Data(json.output.utf8)) == Recipe.named("mnist"))
    let unknown = try Program.run(["recipes", "minst"], in: folder)
    #expect(unknown.code == 1 && unknown.errors.contains("did you mean mnist?"))
  }
}
