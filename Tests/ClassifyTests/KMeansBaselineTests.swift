import Classify
import Raster
import Tensor
import Testing

@Suite struct KMeansBaselineTests {
  private let workers = Workers(threads: 2)

  /// Three kinds of plain images, told apart by their brightness, with a little noise.
  private func images(_ count: Int, seed: UInt64) -> ImageSet {
    var generator = SeededGenerator(seed: seed)
    let labels = (0..<count).map { UInt8($0 % 3) }
    return ImageSet(
      labels.map { label in
        ByteImage(
          width: 4, height: 3, channels: 1,
          pixels: (0..<12).map { _ in 40 + 80 * label + UInt8(generator.next() % 30) })
      }, labels: labels)
  }

  @Test func `kinds that pixels tell apart are told apart`() throws {
    let rows = try KMeansBaseline.Rows(pixelsOf: images(60, seed: 1), named: "kinds")
    #expect(rows.dimensions == 12 && rows.values.allSatisfy { (0...1).contains($0) })
    var generator = SeededGenerator(seed: 0)
    let baseline = KMeansBaseline(of: rows, classes: 3, generator: &generator, on: workers)
    #expect(baseline.scores.accuracy == 1)
    #expect(baseline.confusions.results[0].total == 60)
    #expect(baseline.scores.adjustedRandIndex.map { abs($0 - 1) < 1e-9 } == true)
    #expect(baseline.scores.normalisedMutualInformation.map { abs($0 - 1) < 1e-9 } == true)
  }

  @Test func `clusters named on some images score on others`() throws {
    let rows = try KMeansBaseline.Rows(pixelsOf: images(60, seed: 1), named: "kinds")
    let others = try KMeansBaseline.Rows(pixelsOf: images(31, seed: 2), named: "kinds")
    var generator = SeededGenerator(seed: 0)
    let baseline = KMeansBaseline(
      of: rows, scoring: others, classes: 3, clusters: 6, generator: &generator, on: workers)
    let result = baseline.confusions.results[0]
    #expect(result.total == 31 && result.predictions == 6)
    #expect(baseline.scores.accuracy == 1)
    #expect(baseline.confusions.classOfCluster(subHead: 0).count == 6)
    // Names that are wrong where they are fitted are wrong where they are scored.
    let swapped = KMeansBaseline.Rows(
      values: others.values, dimensions: 12, labels: others.labels.map { ($0 + 1) % 3 })
    generator = SeededGenerator(seed: 0)
    let wrong = KMeansBaseline(
      of: rows, scoring: swapped, classes: 3, generator: &generator, on: workers)
    #expect(wrong.scores.accuracy == 0)
  }

  @Test func `images without labels or of several sizes are refused`() throws {
    let unlabelled = ImageSet([ByteImage(width: 1, height: 1, channels: 1, pixels: [1])])
    #expect(try refusal { _ = try KMeansBaseline.Rows(pixelsOf: unlabelled, named: "x") } != nil)
    let mixed = ImageSet(
      [
        ByteImage(width: 1, height: 1, channels: 1, pixels: [1]),
        ByteImage(width: 2, height: 1, channels: 1, pixels: [1, 2]),
      ], labels: [0, 1])
    #expect(try refusal { _ = try KMeansBaseline.Rows(pixelsOf: mixed, named: "x") } != nil)
  }
}
