import Classify
import Foundation
import IIC
import Raster
import Testing

@Suite struct DatasetReadingTests {
  private let folder: DatasetFixture

  init() throws { folder = try DatasetFixture() }

  @Test(arguments: ["-", "."], [true, false])
  func `MNIST is read with either name, compressed or not`(
    separator: String, isCompressed: Bool
  ) throws {
    try folder.writeMNIST(train: 12, test: 5, separator: separator)
    if isCompressed {
      try folder.run("sh", "-c", "gzip *-ubyte")
    }
    let dataset = try ImageDataset.mnist.load(from: folder.path)
    let train = try #require(dataset.splits["train"])
    let test = try #require(dataset.splits["test"])
    #expect(train.count == 12 && test.count == 5)
    #expect(train.channels == 1 && train.shortestSide == 28)
    #expect(train.labels == (0..<12).map { UInt8($0 % 10) })
    #expect(test.labels == [5, 6, 7, 8, 9])
    #expect(train[7] == DatasetFixture.image(7, height: 28, width: 28, channels: 1))
    #expect(test[4] == DatasetFixture.image(1004, height: 28, width: 28, channels: 1))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 4,
      "reading leaves something behind")
  }

  @Test func `CIFAR-10 is read unpacked, in a sub-folder, and out of its archive`() throws {
    func record(_ number: Int) -> [UInt8] { [UInt8(number % 10)] }
    for batch in 1...5 {
      try folder.write(
        DatasetFixture.cifarRecords(batch * 10..<batch * 10 + 3, labels: record),
        to: "cifar-10-batches-bin/data_batch_\(batch).bin")
    }
    try folder.write(
      DatasetFixture.cifarRecords(90..<94, labels: record),
      to: "cifar-10-batches-bin/test_batch.bin")
    try folder.run("tar", "czf", "cifar-10-binary.tar.gz", "cifar-10-batches-bin")
    try folder.write([1, 2, 3], to: "other.tar.gz")

    let report = try ImageDataset.cifar10.check(folder.path)
    #expect(
      report.archives == [
        .init(path: folder.file("cifar-10-binary.tar.gz"), isAsPublished: false)
      ])
    let unpacked = try ImageDataset.cifar10.load(from: folder.path)
    try FileManager.default.removeItem(atPath: folder.file("cifar-10-batches-bin"))
    let packed = try ImageDataset.cifar10.load(from: folder.path)
    let archive = try ImageDataset.cifar10.load(from: folder.file("cifar-10-binary.tar.gz"))
    for dataset in [unpacked, packed, archive] {
      let train = try #require(dataset.splits["train"])
      #expect(train.count == 15 && train.channels == 3)
      #expect(train.labels == (1...5).flatMap { _ in [0, 1, 2] as [UInt8] })
      #expect(train[4] == DatasetFixture.image(21, height: 32, width: 32, channels: 3))
      let test = try #require(dataset.splits["test"])
      #expect(test.labels == [0, 1, 2, 3])
      #expect(test[3] == DatasetFixture.image(93, height: 32, width: 32, channels: 3))
    }
  }

  @Test func `CIFAR-10 does with some of its batches, and says which are missing`() throws {
    try folder.write(
      DatasetFixture.cifarRecords(0..<4) { [UInt8($0)] }, to: "data_batch_2.bin")
    try folder.write(DatasetFixture.cifarRecords(0..<2) { [UInt8($0)] }, to: "test_batch.bin")
    let train = try #require(try ImageDataset.cifar10.load(from: folder.path).splits["train"])
    #expect(train.count == 4)
    let report = try ImageDataset.cifar10.check(folder.path)
    #expect(report.isUsable && !report.isComplete)
    #expect(report.splits[0].missing == [1, 3, 4, 5].map { "data_batch_\($0).bin" })
    #expect(report.splits[0].publishedImages == 50_000)
    #expect(report.splits[0].classes.map(\.images) == [1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    #expect(report.splits[0].classes[3].name == "cat")
  }

  @Test func `CIFAR-100 gives classes or superclasses`() throws {
    func labels(_ number: Int) -> [UInt8] { [UInt8(number % 20), UInt8(99 - number % 100)] }
    try folder.write(DatasetFixture.cifarRecords(0..<6, labels: labels), to: "train.bin")
    try folder.write(DatasetFixture.cifarRecords(6..<8, labels: labels), to: "test.bin")
    let hundred = try ImageDataset.cifar100.load(from: folder.path)
    let twenty = try ImageDataset.cifar20.load(from: folder.path)
    #expect(hundred.splits["train"]?.labels == [99, 98, 97, 96, 95, 94])
    #expect(twenty.splits["train"]?.labels == [0, 1, 2, 3, 4, 5])
    #expect(twenty.splits["test"]?.labels == [6, 7])
    #expect(
      hundred.splits["test"]?[1] == DatasetFixture.image(7, height: 32, width: 32, channels: 3))
    #expect(hundred.description.classNames.count == 100)
    #expect(Set(hundred.description.classNames).count == 100)
    #expect(hundred.description.classNames == hundred.description.classNames.sorted())
    #expect(twenty.description.classNames.count == 20)
  }

  @Test func `STL-10 is stored by columns, and its classes count from 1`() throws {
    try writeSTL(unlabelled: 7)
    let dataset = try ImageDataset.stl10.load(from: folder.path)
    let train = try #require(dataset.splits["train"])
    #expect(train.labels == [0, 9, 4])
    #expect(train[2] == DatasetFixture.image(2, height: 96, width: 96, channels: 3))
    #expect(dataset.splits["unlabelled"]?.labels == nil)
    #expect(dataset.splits["unlabelled"]?.count == 7)
    #expect(dataset.splits["test"]?.labels == [1, 2])
    let report = try ImageDataset.stl10.check(folder.path)
    #expect(report.splits.map(\.images) == [3, 7, 2])
    #expect(report.problems.isEmpty && report.isUsable && !report.isComplete)
  }

  private func writeSTL(unlabelled: Int) throws {
    try folder.write(DatasetFixture.stlImages(0..<3), to: "stl10_binary/train_X.bin")
    try folder.write([1, 10, 5], to: "stl10_binary/train_y.bin")
    try folder.write(DatasetFixture.stlImages(10..<12), to: "stl10_binary/test_X.bin")
    try folder.write([2, 3], to: "stl10_binary/test_y.bin")
    try folder.write(
      DatasetFixture.stlImages(20..<20 + unlabelled), to: "stl10_binary/unlabeled_X.bin")
  }

  @Test func `each mode trains, assigns and scores on the images it should`() throws {
    try writeSTL(unlabelled: 7)
    let stl = try ImageDataset.stl10.load(from: folder.path)
    func numbers(_ images: ImageSet) -> [Int] {
      (0..<images.count).map { index in
        (0..<40).first {
          images[index] == DatasetFixture.image($0, height: 96, width: 96, channels: 3)
        } ?? -1
      }
    }
    // Each labelled image is followed by its share of unlabelled ones; what is left comes last.
    let mixed = [0, 20, 21, 1, 22, 23, 2, 24, 25, 26]
    #expect(numbers(try stl.training(.iid, head: .overclustering)) == mixed + [10, 11])
    #expect(numbers(try stl.training(.iid, head: .clustering)) == [0, 1, 2, 10, 11])
    #expect(try stl.training(.iid, head: .clustering).labels == [0, 9, 4, 1, 2])
    #expect(
      numbers(try stl.training(.iid, head: .overclustering, usingUnlabelled: false))
        == [0, 1, 2, 10, 11])
    #expect(numbers(try stl.training(.iidPlus, head: .clustering)) == mixed)
    #expect(numbers(try stl.assignment(.iid)) == [0, 1, 2, 10, 11])
    #expect(numbers(try stl.assignment(.iidPlus)) == [0, 1, 2])
    #expect(numbers(try stl.scoring(.iid)) == [0, 1, 2, 10, 11])
    #expect(numbers(try stl.scoring(.iidPlus)) == [10, 11])

    let other = try DatasetFixture()
    try other.writeMNIST(train: 3, test: 2)
    let mnist = try ImageDataset.mnist.load(from: other.path)
    for head in [HeadName.overclustering, .clustering] {
      #expect(try mnist.training(.iid, head: head).labels == [0, 1, 2, 5, 6])
      #expect(try mnist.training(.iidPlus, head: head).labels == [0, 1, 2])
    }
    #expect(try mnist.scoring(.iidPlus).labels == [5, 6])
    let part = try ImageDataset.mnist.load(from: other.path, splits: ["train"])
    let error = try #require(try refusal { _ = try part.scoring(.iidPlus) })
    #expect(error.description.contains("IID+") && error.description.contains("test"))
  }

  @Test func `what is published is described`() {
    #expect(
      ImageDataset.all.map(\.description.name) == [
        "mnist", "cifar10", "cifar100", "cifar20", "stl10",
      ])
    for dataset in ImageDataset.all {
      #expect(ImageDataset.named(dataset.description.name.uppercased()) != nil)
      #expect(!dataset.description.archives.isEmpty && !dataset.description.layout.isEmpty)
      #expect(
        dataset.description.archives.allSatisfy { archive in
          archive.md5.map { $0.count == 32 && $0.allSatisfy(\.isHexDigit) } ?? true
        })
    }
    #expect(ImageDataset.named("mnist2") == nil)
  }
}
