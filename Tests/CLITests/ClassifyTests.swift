import Foundation
import Raster
import Tensor
import Testing

@Suite struct ClassifyTests {
  let folder = TemporaryFolder()

  /// Writes photographs of mixed sizes and kinds, the even ones dark and the odd ones bright, in
  /// two sub-folders; three more that are damaged, and a text.
  private func writePhotographs(_ count: Int) throws -> (dark: Set<String>, bright: Set<String>) {
    var generator = SeededGenerator(seed: 3)
    var (dark, bright) = (Set<String>(), Set<String>())
    for name in ["photographs/one", "photographs/two, and \"three\" <&>"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true)
    }
    for number in 0..<count {
      let (width, height) = (
        Int.random(in: 20...300, using: &generator), Int.random(in: 20...300, using: &generator)
      )
      let channels = number % 3 == 0 ? 1 : 3
      let level: UInt8 = number % 2 == 0 ? 30 : 205
      let image = ByteImage(
        width: width, height: height, channels: channels,
        pixels: (0..<width * height * channels).map { _ in
          level + UInt8.random(in: 0...20, using: &generator)
        })
      let isJPEG = number % 4 < 2
      let place = number % 5 == 0 ? "two, and \"three\" <&>" : "one"
      let path = "photographs/\(place)/\(number).\(isJPEG ? "jpg" : "PNG")"
      try Data(isJPEG ? image.jpegBytes() : image.pngBytes()).write(
        to: URL(filePath: folder.file(path)))
      if number % 2 == 0 { dark.insert(path) } else { bright.insert(path) }
    }
    let whole = try folder.bytes("photographs/one/1.jpg")
    try whole.prefix(whole.count / 2).write(to: URL(filePath: folder.file("photographs/cut.jpg")))
    try Data(repeating: 7, count: 5000).write(
      to: URL(filePath: folder.file("photographs/one/noise.png")))
    try Data().write(to: URL(filePath: folder.file("photographs/one/empty.jpeg")))
    try Data("no image".utf8).write(to: URL(filePath: folder.file("photographs/notes.txt")))
    return (dark, bright)
  }

  /// The records of a table of comma-separated values.
  private func records(_ text: String) -> [[String]] {
    var records: [[String]] = []
    var fields = [""]
    var isQuoted = false
    var characters = Array(text)[...]
    while let character = characters.popFirst() {
      switch character {
      case "\"" where isQuoted && characters.first == "\"":
        fields[fields.count - 1].append("\"")
        characters.removeFirst()
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      case "\n" where !isQuoted:
        records.append(fields)
        fields = [""]
      default: fields[fields.count - 1].append(character)
      }
    }
    return records
  }

  @Test func `a folder of mixed images is sorted, with damaged ones named and counted`() throws {
    let (dark, bright) = try writePhotographs(200)
    try SmallClusterModel.write(to: folder.file("model.safetensors"))
    let outcome = try Program.run(
      [
        "classify", "photographs", "--model", "model.safetensors", "-o", "clusters.csv",
        "--gallery", "look.html", "--probabilities", "--batch", "33",
      ], in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    for name in ["cut.jpg", "one/noise.png", "one/empty.jpeg"] {
      #expect(outcome.errors.contains("warning: photographs/\(name): "), "\(name)")
    }
    #expect(!outcome.errors.contains("notes.txt"))
    #expect(outcome.errors.contains("200 images in 2 of 2 clusters"))
    #expect(outcome.errors.contains("3 files left out"))

    let table = records(try String(decoding: folder.bytes("clusters.csv"), as: UTF8.self))
    #expect(table[0] == ["path", "cluster", "probability", "probability_1", "probability_2"])
    let rows = table.dropFirst()
    #expect(rows.count == 200 && rows.allSatisfy { $0.count == 5 })
    #expect(Set(rows.filter { $0[1] == "1" }.map { $0[0] }) == dark)
    #expect(Set(rows.filter { $0[1] == "2" }.map { $0[0] }) == bright)
    for row in rows {
      let numbers = row.dropFirst(2).compactMap(Double.init)
      #expect(numbers.count == 3 && abs(numbers[1] + numbers[2] - 1) < 1e-5)
      #expect(numbers[0] == max(numbers[1], numbers[2]) && numbers[0] > 0.9)
    }

    let page = try String(decoding: folder.bytes("look.html"), as: UTF8.self)
    #expect(page.contains("<h2>Cluster 1 <small>100 images"))
    #expect(page.components(separatedBy: "<figure").count - 1 == 48)
    #expect(page.components(separatedBy: "src=\"data:image/").count - 1 == 48)
    #expect(!page.contains("<&>") && page.contains("3 files could not be read"))
    #expect(!page.contains("http"))
  }

  @Test func `the result is one JSON object, or a table on standard output`() throws {
    _ = try writePhotographs(6)
    try SmallClusterModel.write(to: folder.file("model.safetensors"), clusters: 3)
    let outcome = try Program.run(
      ["classify", "photographs", "--model", "model.safetensors", "--json"], in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(json["images"] as? Int == 6 && json["subHead"] as? Int == 2)
    #expect((json["skipped"] as? [[String: Any]])?.count == 3)
    let clusters = try #require(json["clusters"] as? [[String: Any]])
    #expect(clusters.map { $0["images"] as? Int } == [3, 3, 0])
    #expect((json["assignments"] as? [[String: Any]])?.count == 6)

    let table = try Program.run(
      [
        "classify", "photographs/one/1.jpg", "photographs/one", "photographs/one/2.PNG", "--model",
        "model.safetensors", "--quiet",
      ], in: folder)
    #expect(table.code == 0)
    let rows = records(table.output)
    // Each image once, in the order given.
    #expect(
      rows.map { $0[0] } == ["path"]
        + ["1.jpg", "2.PNG", "3.PNG", "4.jpg"].map { "photographs/one/\($0)" })
    #expect(rows.map { $0[1] } == ["cluster", "2", "1", "2", "1"])
    #expect(table.errorLines.count == 2, "\(table.errors)")
  }

  @Test func `the sub-head is the recorded one, or the one asked for`() throws {
    _ = try writePhotographs(4)
    try SmallClusterModel.write(to: folder.file("model.safetensors"))
    try SmallClusterModel.write(to: folder.file("unsaid.safetensors"), recordsSubHead: false)
    func clusters(_ arguments: [String]) throws -> (Set<String>, String) {
      let outcome = try Program.run(["classify", "photographs", "--model"] + arguments, in: folder)
      try #require(outcome.code == 0, "\(outcome.errors)")
      return (Set(records(outcome.output).dropFirst().map { $0[1] }), outcome.errors)
    }
    #expect(try clusters(["model.safetensors"]).0 == ["1", "2"])
    #expect(try clusters(["model.safetensors", "--sub-head", "1"]).0 == ["1"])
    let (chosen, message) = try clusters(["unsaid.safetensors"])
    #expect(chosen == ["1"] && message.contains("does not say which of its 2 sub-heads"))
    for (arguments, words) in [
      (["--sub-head", "0"], "give 1 to 2"), (["--sub-head", "3"], "it has 2"),
      (["--head", "a"], "has one head"),
    ] {
      let outcome = try Program.run(
        ["classify", "photographs", "--model", "model.safetensors"] + arguments, in: folder)
      #expect(outcome.code == 1 && outcome.errors.contains(words), "\(outcome.errors)")
    }
  }

  @Test func `nothing is written where nothing can be`() throws {
    _ = try writePhotographs(2)
    try SmallClusterModel.write(to: folder.file("model.safetensors"))
    try SmallClusterModel.write(to: folder.file("unsaid.safetensors"), preparesImages: false)
    try Data("kept".utf8).write(to: URL(filePath: folder.file("there.csv")))
    let before = folder.names
    for (arguments, words) in [
      (["photographs", "--model", "model.safetensors", "-o", "there.csv"], "--overwrite"),
      (
        ["photographs", "--model", "model.safetensors", "-o", "a", "--gallery", "a"], "two outputs"
      ),
      (["photographs", "--model", "unsaid.safetensors", "-o", "a.csv"], "iic.images"),
      (["photographs", "--model", "nowhere", "-o", "a.csv"], "nowhere"),
      (["nowhere", "--model", "model.safetensors", "-o", "a.csv"], "none of 1 image"),
      (
        ["photographs/cut.jpg", "photographs/one/noise.png", "--model", "model.safetensors"],
        "none of 2 images"
      ),
    ] {
      let outcome = try Program.run(["classify"] + arguments, in: folder)
      #expect(outcome.code == 1)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errorLines.last?.hasPrefix("iic: cannot ") == true || words == "two outputs")
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }
    #expect(folder.names == before)
    #expect(try folder.bytes("there.csv") == Data("kept".utf8))
    let replaced = try Program.run(
      [
        "classify", "photographs", "--model", "model.safetensors", "-o", "there.csv", "--overwrite",
      ], in: folder)
    #expect(replaced.code == 0)
    #expect(try folder.bytes("there.csv").starts(with: Data("path,cluster".utf8)))
  }

  @Test func `a model says that it is for this command`() throws {
    try SmallClusterModel.write(to: folder.file("model.safetensors"))
    try SmallClusterModel.write(to: folder.file("unsaid.safetensors"), preparesImages: false)
    let outcome = try Program.run(["inspect", "model.safetensors"], in: folder)
    #expect(outcome.output.contains("iic classify images --model model.safetensors"))
    #expect(outcome.output.contains("sub-head 2 has the lowest loss"))
    // What it is is said all the same, with the classifier's own reason.
    let unsaid = try Program.run(["inspect", "unsaid.safetensors", "--json"], in: folder)
    let json = try unsaid.json()
    #expect(unsaid.code == 1 && json["usable"] as? Bool == false)
    #expect(json["reason"] as? String == "it does not say how images are prepared for it")
    #expect(unsaid.errorLines.count == 1)
    #expect(
      unsaid.errors.hasPrefix(
        "iic: cannot classify by unsaid.safetensors: it does not say how images are prepared"))
    let words = try Program.run(["inspect", "unsaid.safetensors"], in: folder)
    #expect(words.code == 1 && words.output.contains("ClusterNet6c model of 2 classes"))
    #expect(words.output.contains("iic classify cannot use it: it does not say how images"))
    #expect(!words.output.contains("other bands"))
  }

  @Test func `a model's clusters are scored on a folder a class`() throws {
    try SmallClusterModel.write(to: folder.file("model.safetensors"))
    for (name, level) in [("bright", UInt8(210)), ("dark", 40)] {
      try FileManager.default.createDirectory(
        atPath: folder.file("sorted/\(name)"), withIntermediateDirectories: true)
      for number in 0..<4 {
        // One of four lies in the other's folder.
        let value = number == 3 ? 255 - level : level
        try PNGImage(
          width: 40 + number, height: 40, channels: 1,
          pixels: [UInt8](repeating: value, count: 40 * (40 + number))
        ).write(to: folder.file("sorted/\(name)/\(number).png"), overwrite: false)
      }
    }
    let outcome = try Program.run(
      [
        "evaluate", "model.safetensors", "--data", "sorted", "--k-means", "features", "--k-means",
        "outputs", "--json",
      ],
      in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    let subHeads = try #require(json["subHeads"] as? [[String: Any]])
    #expect(subHeads.map { $0["accuracy"] as? Double } == [0.5, 0.75])
    #expect(subHeads[1]["classOfCluster"] as? [String] == ["dark", "bright"])
    #expect(subHeads[1]["confusion"] as? [[Int]] == [[1, 3], [3, 1]])
    #expect(json["lowestLoss"] as? Int == 2 && json["bestByAssignment"] as? Int == 2)
    #expect(json["meanAccuracy"] as? Double == 0.625)
    #expect(json["accuracyDeviation"] as? Double == 0.125)
    let baselines = try #require(json["kMeans"] as? [[String: Any]])
    #expect(baselines.map { $0["of"] as? String } == ["features", "outputs"])
    #expect(baselines.map { $0["accuracy"] as? Double } == [0.75, 0.75])
    let text = try Program.run(["evaluate", "model.safetensors", "--data", "sorted"], in: folder)
    #expect(text.output.contains("sub-heads       accuracy 0.625 ± 0.125"))
    let confusion = try #require(
      text.output.components(separatedBy: "confusion of sub-head 2").last)
    let rows = confusion.split(separator: "\n").dropFirst().map {
      $0.split(separator: " ").map(String.init)
    }
    #expect(Array(rows) == [["class", "1", "2"], ["bright", "1", "3"], ["dark", "3", "1"]])

    for (arguments, code, words) in [
      (["--data", "sorted", "--mode", "IID+"], Int32(1), "test images"),
      (["--data", "sorted", "--k-means", "pixels"], 1, "differ in size"),
      (["--data", "sorted", "--k-means", "dense-sift"], 1, "whole images"),
      (["--data", "sorted/dark"], 1, "no labels"), (["--data", "nowhere"], 1, "no such folder"),
      ([], 64, "--truth"), (["--data", "sorted", "--truth", "t.tif"], 64, "one of them"),
      (["--truth", "t.tif", "--mode", "IID"], 64, "--mode"),
    ] {
      let outcome = try Program.run(["evaluate", "model.safetensors"] + arguments, in: folder)
      #expect(outcome.code == code && outcome.errors.contains(words), "\(outcome.errors)")
      // Nothing is scored before.
      #expect(!outcome.errors.contains("assigning"))
    }
  }
}
