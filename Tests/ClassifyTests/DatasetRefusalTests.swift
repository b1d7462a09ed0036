import Classify
import Foundation
import Raster
import Testing

/// Files that are not what they should be are refused by name, with expected and found size.
@Suite struct DatasetRefusalTests {
  private let folder: DatasetFixture

  init() throws { folder = try DatasetFixture() }

  private func expectRefusal(
    _ dataset: ImageDataset, naming name: String, saying words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = try refusal { _ = try dataset.load(from: folder.path) }
    let text = try #require(error, sourceLocation: sourceLocation).description
    for word in [name] + words {
      #expect(text.contains(word), "\(text) lacks \(word)", sourceLocation: sourceLocation)
    }
    #expect(!text.contains("\n"))
    let report = try dataset.check(folder.path)
    #expect(
      report.problems.contains { $0.path.contains(name) } && !report.isComplete,
      sourceLocation: sourceLocation)
  }

  private func change(_ name: String, _ change: (inout [UInt8]) -> Void) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: folder.file(name))))
    change(&bytes)
    try folder.write(bytes, to: name)
  }

  @Test func `MNIST files cut short, too long, or of another kind`() throws {
    let images = "train-images-idx3-ubyte"
    func anew() throws { try folder.writeMNIST(train: 4, test: 2) }
    let size = 16 + 4 * 784

    try anew()
    try change(images) { $0.removeLast() }
    try expectRefusal(.mnist, naming: images, saying: ["\(size - 1) bytes", "\(size);"])

    try anew()
    try change(images) { $0 += [1, 2, 3] }
    try expectRefusal(.mnist, naming: images, saying: ["\(size + 3) bytes", "\(size);"])

    try anew()
    try change(images) { $0[3] = 1 }
    try expectRefusal(.mnist, naming: images, saying: ["[0, 0, 8, 1]", "[0, 0, 8, 3]"])

    try anew()
    try change(images) { $0 = Array($0[0..<9]) }
    try expectRefusal(.mnist, naming: images, saying: ["9 bytes", "16"])

    try anew()
    try change(images) { $0.replaceSubrange(4..<16, with: [UInt8](repeating: 255, count: 12)) }
    try expectRefusal(.mnist, naming: images, saying: ["absurd"])

    try anew()
    try change("t10k-labels-idx1-ubyte") { $0[9] = 10 }
    try expectRefusal(.mnist, naming: "t10k-labels-idx1-ubyte", saying: ["label of image 1 is 10"])

    try anew()
    try folder.write(DatasetFixture.idxLabels([1, 2, 3]), to: "train-labels-idx1-ubyte")
    try expectRefusal(.mnist, naming: "train-labels-idx1-ubyte", saying: ["3 labels", "4 images"])

    try anew()
    try folder.run("gzip", images)
    try change("\(images).gz") { $0.removeLast($0.count / 2) }
    let report = try ImageDataset.mnist.check(folder.path)
    #expect(report.problems.count == 1)
    #expect(report.splits[1].images == 2)
  }

  @Test func `CIFAR files that are no whole number of records`() throws {
    func label(_ number: Int) -> [UInt8] { [UInt8(number)] }
    try folder.write(DatasetFixture.cifarRecords(0..<2, labels: label), to: "test_batch.bin")
    try folder.write(
      DatasetFixture.cifarRecords(0..<3, labels: label).dropLast(100), to: "data_batch_1.bin")
    try expectRefusal(
      .cifar10, naming: "data_batch_1.bin",
      saying: ["\(3 * 3073 - 100) bytes", "3073 bytes each", "30730000"])

    try folder.write(DatasetFixture.cifarRecords(0..<3) { _ in [11] }, to: "data_batch_1.bin")
    try expectRefusal(.cifar10, naming: "data_batch_1.bin", saying: ["label of image 0 is 11"])

    func labels(_ number: Int) -> [UInt8] { [20, 5] }
    try folder.write(DatasetFixture.cifarRecords(0..<3, labels: labels), to: "train.bin")
    try folder.write(DatasetFixture.cifarRecords(0..<3, labels: labels) + [0], to: "test.bin")
    try expectRefusal(.cifar20, naming: "train.bin", saying: ["is 20", "20 classes"])
    try expectRefusal(
      .cifar100, naming: "test.bin",
      saying: ["\(3 * 3074 + 1) bytes", "3074 bytes each", "30740000"])
  }

  @Test func `STL files that do not fit each other or their format`() throws {
    func anew() throws {
      try folder.write(DatasetFixture.stlImages(0..<2), to: "train_X.bin")
      try folder.write([1, 2], to: "train_y.bin")
      try folder.write(DatasetFixture.stlImages(2..<3), to: "test_X.bin")
      try folder.write([3], to: "test_y.bin")
      try folder.write(DatasetFixture.stlImages(3..<5), to: "unlabeled_X.bin")
    }
    try anew()
    try change("unlabeled_X.bin") { $0.removeLast(7) }
    try expectRefusal(
      .stl10, naming: "unlabeled_X.bin",
      saying: ["\(2 * 27_648 - 7) bytes", "27648 bytes each", "2764800000"])
    try anew()
    try folder.write([1, 2, 3], to: "train_y.bin")
    try expectRefusal(.stl10, naming: "train_y.bin", saying: ["3 bytes", "take 2"])
    try anew()
    try folder.write([0], to: "test_y.bin")
    try expectRefusal(.stl10, naming: "test_y.bin", saying: ["label of image 0 is 0"])
  }

  @Test func `folders without the files, and no folders`() throws {
    let error = try #require(try refusal { _ = try ImageDataset.mnist.load(from: folder.path) })
    #expect(error.description.contains("train-images-idx3-ubyte.gz"))
    #expect(error.description.contains("yann.lecun.com"))
    let report = try ImageDataset.mnist.check(folder.path)
    #expect(!report.isUsable && report.splits[0].missing.count == 2)
    let missing = try #require(
      try refusal { _ = try ImageDataset.mnist.check(folder.file("nowhere")) })
    #expect(missing.reason == "no such folder")
    try folder.write([1, 2, 3], to: "file.bin")
    #expect(try refusal { _ = try ImageDataset.mnist.check(folder.file("file.bin")) } != nil)
    // An archive by name alone.
    try folder.write([UInt8](repeating: 65, count: 5000), to: "cifar-10-binary.tar.gz")
    #expect(throws: RasterError.self) { try ImageDataset.cifar10.load(from: folder.path) }
    #expect(try ImageDataset.cifar10.check(folder.path).problems.count == 1)
  }

  @Test func `archives cut short are named with the file inside`() throws {
    var generator = SystemRandomNumberGenerator()
    var noise = (0..<60 * 3073).map { _ in UInt8.random(in: 0...255, using: &generator) }
    for record in 0..<60 { noise[record * 3073] = UInt8(record % 10) }
    for name in ["data_batch_1.bin", "test_batch.bin"] {
      try folder.write(noise, to: "cifar-10-batches-bin/\(name)")
    }
    try folder.run("tar", "czf", "cifar-10-binary.tar.gz", "cifar-10-batches-bin")
    try folder.run("rm", "-r", "cifar-10-batches-bin")
    #expect(try ImageDataset.cifar10.check(folder.path).problems.isEmpty)
    try change("cifar-10-binary.tar.gz") { $0.removeLast($0.count / 4) }
    let problems = try ImageDataset.cifar10.check(folder.path).problems
    #expect(!problems.isEmpty)
    #expect(
      problems.allSatisfy {
        $0.path.hasPrefix(folder.file("cifar-10-binary.tar.gz")) && !$0.path.contains("/vsi")
          && !$0.reason.contains(".cpp")
      }, "\(problems)")
  }
}
