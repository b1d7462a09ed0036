import Foundation
import Raster
import Testing

@Suite struct DatasetsTests {
  private let folder = TemporaryFolder()

  private func write(_ bytes: [UInt8], to name: String) throws {
    let url = URL(filePath: folder.file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  /// Two splits of ten images of 28 × 28 pixels, one a class.
  private func writeMNIST() throws {
    for stem in ["train", "t10k"] {
      try write(
        [0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 28, 0, 0, 0, 28]
          + [UInt8](repeating: 7, count: 7840), to: "mnist/\(stem)-images-idx3-ubyte")
      try write(
        [0, 0, 8, 1, 0, 0, 0, 10] + (0..<10).map { UInt8($0) },
        to: "mnist/\(stem)-labels-idx1-ubyte")
    }
  }

  @Test func `datasets are listed and described`() throws {
    let list = try Program.run(["datasets"], in: folder)
    #expect(list.code == 0)
    for name in [
      "mnist", "cifar10", "cifar100", "cifar20", "stl10", "potsdam", "coco-stuff", "images",
    ] {
      #expect(list.output.contains("\n\(name) "), "\(name)")
      let one = try Program.run(["datasets", name], in: folder)
      #expect(one.code == 0 && one.output.hasPrefix("\(name): "))
      let json = try Program.run(["datasets", name, "--json"], in: folder).json()
      #expect(json["name"] as? String == name)
    }
    let all = try Program.run(["datasets", "--json"], in: folder).json()
    #expect((all["datasets"] as? [[String: Any]])?.count == 8)
    let cifar = try Program.run(["datasets", "cifar10"], in: folder)
    #expect(cifar.output.contains("c32a1d4ab5d03f1284b67883e8d87530"))
    #expect(cifar.output.contains("https://www.cs.toronto.edu/~kriz/cifar.html"))
  }

  @Test func `a folder of a published dataset is checked`() throws {
    try writeMNIST()
    let outcome = try Program.run(["datasets", "mnist", "--data", "mnist"], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("10 images of the 60,000 published"))
    let json = try Program.run(["datasets", "mnist", "--data", "mnist", "--json"], in: folder)
      .json()
    #expect(json["usable"] as? Bool == true && json["complete"] as? Bool == false)
    let splits = try #require(json["splits"] as? [[String: Any]])
    let classes = try #require(splits[1]["classes"] as? [[String: Any]])
    #expect(classes.map { $0["images"] as? Int } == [Int](repeating: 1, count: 10))

    try write([0, 0, 8, 3, 0, 0, 0, 10], to: "mnist/train-images-idx3-ubyte")
    let damaged = try Program.run(["datasets", "mnist", "--data", "mnist", "--json"], in: folder)
    #expect(damaged.code == 1)
    #expect(try damaged.json()["usable"] as? Bool == false)
    #expect(damaged.errors.contains("train-images-idx3-ubyte: it is cut short: 8 bytes"))
    #expect(damaged.errorLines.last?.hasPrefix("iic: cannot use mnist") == true)
  }

  @Test func `a folder of images is checked`() throws {
    for name in ["cat/1.png", "cat/2.png", "dog/1.png"] {
      try write([], to: name)
      try PNGImage(width: 4, height: 4, channels: 3, pixels: [UInt8](repeating: 9, count: 48))
        .write(to: folder.file(name), overwrite: true)
    }
    try write([1, 2, 3], to: "dog/broken.jpg")
    let outcome = try Program.run(["datasets", "images", "--data", "."], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("train: 3 images"))
    #expect(outcome.output.contains("1 file left out"))
    #expect(outcome.errors.contains("./dog/broken.jpg: "))
    let json = try Program.run(["datasets", "images", "--data", ".", "--json"], in: folder).json()
    #expect((json["problems"] as? [Any])?.count == 1)
  }

  /// One tile of four blocks, its colours those of roads and trees.
  private func writeTile(labelColour: [UInt8] = [0, 255, 0]) throws {
    let grid = SmallRasters.grid(width: 800, height: 800)
    for (path, bands, second) in [
      ("images/top_potsdam_2_10_RGBIR.tif", 4, [UInt8](repeating: 90, count: 4)),
      ("labels/top_potsdam_2_10_label.tif", 3, labelColour),
    ] {
      let pixels = (0..<800 * 800).flatMap { pixel in
        pixel % 800 < 400 ? [UInt8](repeating: 255, count: bands) : second
      }
      try ByteImage(width: 800, height: 800, channels: bands, pixels: pixels).writeGeoTIFF(
        to: folder.file(path), grid: grid, bandNames: [String](repeating: "", count: bands))
    }
  }

  @Test func `tiles of Potsdam are cut into blocks`() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("images"), withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      atPath: folder.file("labels"), withIntermediateDirectories: true)
    try writeTile()
    let arguments = [
      "datasets", "prepare", "potsdam", "--images", "images", "--labels", "labels", "-o", "blocks",
    ]
    let outcome = try Program.run(arguments, in: folder)
    #expect(outcome.code == 0 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("0 unlabelled_train, 3 labelled_train, 1 labelled_test"))
    #expect(folder.exists("blocks/imgs/3.tif") && folder.exists("blocks/gt/0.tif"))
    let again = try Program.run(arguments, in: folder)
    #expect(again.code == 1 && again.errors.contains("--overwrite"))
    let json = try Program.run(arguments + ["--overwrite", "--json"], in: folder).json()
    #expect(json["blocks"] as? [Int] == [0, 3, 1])
    #expect(json["labelPixels"] as? Int == 640_000)

    let check = try Program.run(["datasets", "potsdam", "--data", "blocks"], in: folder)
    #expect(check.code == 0 && check.output.contains("labelled_train: 3 images of the 4,545"))
    #expect(check.output.contains("roads") && check.output.contains("iic can use it"))
    try FileManager.default.removeItem(atPath: folder.file("blocks/gt/2.tif"))
    let broken = try Program.run(["datasets", "potsdam", "--data", "blocks"], in: folder)
    #expect(broken.code == 1 && broken.errors.contains("gt has no 2.tif"))

    // Half of the pixels a little off: let pass only where that is asked for.
    try writeTile(labelColour: [3, 250, 9])
    let refused = try Program.run(arguments + ["--overwrite"], in: folder)
    #expect(refused.code == 1 && refused.errors.contains("320000 of 640000 pixels"))
    let passed = try Program.run(arguments + ["--overwrite", "--off-table", "50"], in: folder)
    #expect(passed.code == 0 && passed.errors.contains("warning: 320,000 label pixels"))
    #expect(
      try Program.run(["datasets", "prepare", "mnist", "-o", "blocks"], in: folder).code == 64)
    #expect(folder.names == ["images", "labels", "blocks"])
  }

  @Test func `wrong usage and missing folders`() throws {
    let misspelt = try Program.run(["datasets", "cifar1"], in: folder)
    #expect(misspelt.code == 64 && misspelt.errors.contains("cifar10"))
    #expect(try Program.run(["datasets", "--data", "."], in: folder).code == 64)
    for arguments in [
      ["mnist", "--data", "nowhere"], ["mnist", "--data", "."], ["images", "--data", "nowhere"],
    ] {
      let outcome = try Program.run(["datasets"] + arguments, in: folder)
      #expect(outcome.code == 1 && outcome.errorLines.last?.hasPrefix("iic: cannot ") == true)
    }
  }
}
