import Classify
import Foundation
import IIC
import Tensor
import Testing

/// The published files themselves, where they are: in `mnist` and `cifar10` inside the folder that
/// the environment variable IIC_TEST_DATA names.
@Suite struct RealDataTests {
  private static func folder(_ name: String) -> String? {
    ProcessInfo.processInfo.environment["IIC_TEST_DATA"].map { "\($0)/\(name)" }
      .flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
  }
  private static let mnist = folder("mnist")
  private static let cifar = folder("cifar10")

  @Test(.enabled(if: mnist != nil, "no MNIST: IIC_TEST_DATA names no folder with mnist in it"))
  func `MNIST is whole`() throws {
    let path = try #require(Self.mnist)
    let report = try ImageDataset.mnist.check(path)
    #expect(report.isComplete)
    // As published.
    #expect(
      report.splits[0].classes.map(\.images)
        == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
    #expect(
      report.splits[1].classes.map(\.images)
        == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    let images = try ImageDataset.mnist.load(from: path).training(.iid, head: .clustering)
    let source = try ImagePairSource(
      [images], named: path, views: GreyscaleViews(), pairs: 700, repeats: 5, threads: 2,
      generator: SeededGenerator(seed: 0))
    #expect(source.batches(inPart: 0) == 500)
  }

  @Test(.enabled(if: mnist != nil, "no MNIST: IIC_TEST_DATA names no folder with mnist in it"))
  func `k-means on MNIST's pixels does as well as in the paper`() throws {
    let images = try ImageDataset.mnist.load(from: try #require(Self.mnist), splits: ["test"])
    let rows = try KMeansBaseline.Rows(
      pixelsOf: try #require(images.splits["test"]), named: "mnist")
    var generator = SeededGenerator(seed: 0)
    let baseline = KMeansBaseline(
      of: rows, classes: 10, generator: &generator, on: Workers(threads: 2))
    // Table 1: 57.2 %, on all images.
    #expect((0.5...0.62).contains(baseline.scores.accuracy), "\(baseline.scores)")
  }

  @Test(.enabled(if: cifar != nil, "no CIFAR-10: IIC_TEST_DATA names no folder with cifar10 in it"))
  func `CIFAR-10 is read out of its archive`() throws {
    let report = try ImageDataset.cifar10.check(try #require(Self.cifar))
    #expect(report.isUsable && report.problems.isEmpty)
    #expect(report.splits[1].images == 10_000)
    #expect(report.splits[1].classes.allSatisfy { $0.images == 1000 })
  }
}
