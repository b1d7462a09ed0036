import Foundation
import Testing

@Suite struct EvaluateTests {
  let folder = TemporaryFolder()

  /// Eight pixels: one without truth, one without a label; of the six compared, labels 2 and 1 are
  /// classes 1 and 2 but for one pixel.
  private func writeMaps() throws {
    try SmallRasters.writeLabels(
      folder.file("truth.tif"), [1, 1, 1, 2, 2, 2, 0, 1], width: 4, names: ["wet", "dry"])
    try SmallRasters.writeLabels(
      folder.file("labels.tif"), [2, 2, 1, 1, 1, 1, 2, 0], width: 4, names: ["a", "b", "c"])
  }

  @Test func scoresKnownMaps() throws {
    try writeMaps()
    let outcome = try Program.run(
      ["evaluate", "labels.tif", "--truth", "truth.tif", "--json", "--quiet"], in: folder)
    try #require(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(json["pixels"] as? Int == 6)
    #expect(json["unlabelledPixels"] as? Int == 1)
    let accuracy = try #require(json["accuracy"] as? Double)
    #expect(abs(accuracy - 5.0 / 6) < 1e-12)
    let classes = try #require(json["classes"] as? [[String: Any]])
    #expect(classes.map { $0["name"] as? String } == ["wet", "dry"])
    #expect(classes.map { $0["labels"] as? [Int] } == [[2], [1]])
    let intersections = classes.compactMap { $0["intersectionOverUnion"] as? Double }
    #expect(abs(intersections[0] - 2.0 / 3) < 1e-12 && abs(intersections[1] - 3.0 / 4) < 1e-12)
    let mean = try #require(json["meanIntersectionOverUnion"] as? Double)
    #expect(abs(mean - 17.0 / 24) < 1e-12)
    #expect(json["confusion"] as? [[Int]] == [[1, 2], [3, 0]])
  }

  @Test func matchesAsAsked() throws {
    try writeMaps()
    func accuracy(_ rule: String) throws -> Double? {
      let outcome = try Program.run(
        ["evaluate", "labels.tif", "--truth", "truth.tif", "--json", "--matching", rule],
        in: folder)
      return try outcome.json()["accuracy"] as? Double
    }
    let asNumbered = try #require(try accuracy("none"))
    #expect(abs(asNumbered - 1.0 / 6) < 1e-12)
    let merged = try #require(try accuracy("many-to-one"))
    #expect(abs(merged - 5.0 / 6) < 1e-12)
  }

  @Test func printsATable() throws {
    try writeMaps()
    let outcome = try Program.run(
      ["evaluate", "labels.tif", "--truth", "truth.tif"], in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("accuracy 0.833  mean IoU 0.708"))
    #expect(outcome.errors.contains("1 pixel with truth without a label in labels.tif"))
  }

  @Test func refusesMapsOfOtherGrids() throws {
    try writeMaps()
    try SmallRasters.writeLabels(
      folder.file("turned.tif"), [1, 1, 1, 2, 2, 2, 0, 1], width: 2, names: ["a", "b"])
    try SmallRasters.writeScene(folder.file("scene.tif"), size: 16)
    for (truth, word) in [
      ("turned.tif", "4 × 2"), ("scene.tif", "4 bands"), ("missing.tif", "no such file"),
    ] {
      let outcome = try Program.run(["evaluate", "labels.tif", "--truth", truth], in: folder)
      #expect(outcome.code == 1)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errorLines.count == 1)
      #expect(outcome.errors.contains(word), "\(outcome.errors)")
    }
  }
}
