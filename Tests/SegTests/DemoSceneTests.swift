import IIC
import Seg
import Tensor
import Testing

@Suite struct DemoSceneTests {
  @Test func scenesRepeatByTheirSeed() {
    let scene = DemoScene(size: 96, seed: 1)
    let again = DemoScene(size: 96, seed: 1)
    #expect(scene.values.count == 96 * 96 * 4 && scene.truth.count == 96 * 96)
    #expect(scene.values == again.values && scene.truth == again.truth)
    #expect(scene.values != DemoScene(size: 96, seed: 2).values)
  }

  @Test(arguments: [0, 1] as [UInt64])
  func everyClassHasItsShare(seed: UInt64) {
    let truth = DemoScene(seed: seed).truth
    for kind in DemoScene.Class.allCases {
      let share = Double(truth.count { $0 == kind.rawValue }) / Double(truth.count)
      #expect((0.12...0.3).contains(share), "\(kind.name) \(share)")
    }
  }

  /// What is to be shown by the scene can be shown: pixels' colours do not tell its classes.
  @Test func colourAloneDoesNotSeparateTheClasses() throws {
    let scene = DemoScene(seed: 0)
    let workers = Workers(threads: 2)
    var generator = SeededGenerator(seed: 0)
    let pixels = Array(stride(from: 0, to: scene.truth.count, by: 13))
    let rows = KMeans.standardised(
      pixels.flatMap { pixel in (0..<4).map { Float(scene.values[4 * pixel + $0]) } },
      dimensions: 4)
    let means = KMeans.fit(
      rows: rows, dimensions: 4, clusters: 5, restarts: 2, sampleLimit: 20_000,
      generator: &generator, on: workers)
    var confusion = ConfusionMatrix(classes: 5, predictions: 5)
    confusion.add(
      truth: pixels.map { scene.truth[$0] - 1 }, prediction: means.assign(rows, on: workers))
    let accuracy = try #require(
      confusion.relabelled(by: Matching.oneToOne(confusion)).accuracy)
    #expect(accuracy < 0.7 && accuracy > 0.3)
  }

  @Test func smallScenesArePiecesOfTheWhole() {
    let whole = DemoScene(seed: 0)
    let small = DemoScene(size: 256, seed: 0)
    #expect(Set(small.truth).count == 5)
    let first = (column: 1024 - 256, row: (1024 - 256) * 5 / 8)
    var expected: [UInt8] = []
    for row in first.row..<first.row + 256 {
      expected += whole.truth[row * 1024 + first.column..<row * 1024 + first.column + 256]
    }
    #expect(small.truth == expected)
  }
}
