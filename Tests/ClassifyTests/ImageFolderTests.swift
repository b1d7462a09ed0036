import Foundation
import Raster
import Testing

@testable import Classify

@Suite struct ImageFolderTests {
  private let folder: DatasetFixture

  init() throws { folder = try DatasetFixture() }

  private func writePNG(_ name: String, width: Int, height: Int, channels: Int) throws {
    let url = URL(filePath: folder.file(name)).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try PNGImage(
      width: width, height: height, channels: channels,
      pixels: (0..<width * height * channels).map { UInt8($0 * 5 % 256) }
    ).write(to: folder.file(name), overwrite: false)
  }

  private func fill() throws {
    try writePNG("cat/one.png", width: 20, height: 10, channels: 3)
    try writePNG("cat/deeper/two.PNG", width: 8, height: 8, channels: 1)
    try writePNG("dog/three.png", width: 9, height: 30, channels: 4)
    try folder.write([UInt8]("no image".utf8), to: "dog/broken.jpg")
    try folder.write([UInt8]("text".utf8), to: "dog/notes.txt")
    try writePNG("dog/.hidden.png", width: 4, height: 4, channels: 1)
    try folder.write([UInt8]("text".utf8), to: "empty/notes.txt")
  }

  @Test func `sub-folders are classes, what cannot be read is named and left out`() throws {
    try fill()
    let found = try ImageFolder(at: folder.path)
    #expect(found.classNames == ["cat", "dog"])
    #expect(
      found.entries.map(\.path) == [
        "cat/one.png", "cat/deeper/two.PNG", "dog/broken.jpg", "dog/three.png",
      ])
    #expect(found.otherFiles == 2)
    var steps: [Int] = []
    let loaded = try found.load(shortestSide: nil, threads: 3) { steps.append($0) }
    #expect(steps == [1, 2, 3, 4])
    let labels = try #require(loaded.images.labels)
    #expect(
      Dictionary(uniqueKeysWithValues: zip(loaded.paths, labels))
        == ["cat/one.png": 0, "cat/deeper/two.PNG": 0, "dog/three.png": 1])
    // Grey beside RGB becomes RGB; transparency is gone.
    #expect(loaded.images.channels == 3)
    #expect((0..<3).allSatisfy { loaded.images[$0].channels == 3 })
    #expect(loaded.images.commonSize == nil && loaded.images.shortestSide == 8)
    #expect(loaded.skipped.count == 1)
    #expect(loaded.skipped[0].path == folder.file("dog/broken.jpg"))
    #expect(try loaded.dataset.training(.iid, head: .clustering).count == 3)
    #expect(try loaded.dataset.scoring(.iid).labels == labels)
    #expect(try refusal { _ = try loaded.dataset.scoring(.iidPlus) } != nil)

    let scaled = try found.load(shortestSide: 12, threads: 1)
    let sizes = (0..<3).map { [scaled.images[$0].height, scaled.images[$0].width] }
    #expect(
      Dictionary(uniqueKeysWithValues: zip(scaled.paths, sizes))
        == ["cat/one.png": [12, 24], "cat/deeper/two.PNG": [12, 12], "dog/three.png": [40, 12]])

    let report = try found.check(threads: 2)
    #expect(
      report.splits[0].classes == [.init(name: "cat", images: 2), .init(name: "dog", images: 1)])
    #expect(report.problems.map(\.path) == [folder.file("dog/broken.jpg")])
    #expect(report.isUsable && report.otherFiles == 2)
  }

  @Test func `images without sub-folders have no labels`() throws {
    try writePNG("b.png", width: 5, height: 6, channels: 1)
    try writePNG("a.png", width: 5, height: 6, channels: 1)
    let found = try ImageFolder(at: folder.path)
    #expect(found.classNames.isEmpty)
    let loaded = try found.load(shortestSide: nil, threads: 1)
    #expect(loaded.paths.sorted() == ["a.png", "b.png"] && loaded.images.labels == nil)
    #expect(loaded.images.channels == 1)
    #expect(loaded.images.commonSize.map { [$0.height, $0.width] } == [6, 5])
    // Beside class folders they would have no class.
    try writePNG("class/c.png", width: 5, height: 6, channels: 1)
    let mixed = try ImageFolder(at: folder.path)
    #expect(mixed.withoutClass == ["a.png", "b.png"])
    #expect(try mixed.check(threads: 1).problems.count == 2)
  }

  /// Plain images of three classes, 40 each, whose brightness says which image it is.
  private func writeClasses() throws {
    for number in 0..<120 {
      let name = "\(["ant", "bee", "cow"][number / 40])/\(number).png"
      let image = PNGImage(
        width: 2, height: 2, channels: 1, pixels: [UInt8](repeating: UInt8(number), count: 4))
      // Makes the class's folder.
      try folder.write([], to: name)
      try image.write(to: folder.file(name), overwrite: true)
    }
  }

  /// Sorted by class, most batches would show a single one.
  @Test func `images come mixed, with their paths and labels, the same each time`() throws {
    try writeClasses()
    let loaded = try ImageFolder(at: folder.path).load(shortestSide: nil, threads: 3)
    let labels = try #require(loaded.images.labels)
    #expect(loaded.paths.count == 120 && Set(loaded.paths).count == 120)
    for place in 0..<120 {
      let number = Int(loaded.images[place].pixels[0])
      #expect(loaded.paths[place].hasSuffix("/\(number).png") && Int(labels[place]) == number / 40)
    }
    for batch in 0..<6 {
      let counts = labels[batch * 20..<(batch + 1) * 20].reduce(into: [0, 0, 0]) {
        $0[Int($1)] += 1
      }
      #expect(counts.allSatisfy { (1...15).contains($0) }, "\(counts)")
    }
    let again = try ImageFolder(at: folder.path).load(shortestSide: 2, threads: 1)
    #expect(again.paths == loaded.paths && again.images.labels == labels)
    // One that cannot be read leaves the others as they were.
    try folder.write([1, 2], to: "bee/50.png")
    let without = try ImageFolder(at: folder.path).load(shortestSide: nil, threads: 2)
    #expect(without.paths == loaded.paths.filter { $0 != "bee/50.png" })
    // Sets that are not in the order of their paths are put into it first.
    for names in [loaded.paths, loaded.paths.sorted(), loaded.paths.sorted(by: >)] {
      #expect(MixedOrder.places(of: names).map { names[$0] } == loaded.paths)
    }
  }

  @Test(.timeLimit(.minutes(1))) func `links in a circle end`() throws {
    try writePNG("cat/one.png", width: 4, height: 4, channels: 1)
    try writePNG("cat/deeper/two.png", width: 4, height: 4, channels: 1)
    let manager = FileManager.default
    for (link, target) in [
      ("self", "."), ("again", "."), ("cat/up", ".."), ("cat/deeper/top", "../.."), ("a", "cat"),
    ] {
      try manager.createSymbolicLink(atPath: folder.file(link), withDestinationPath: target)
    }
    let found = try ImageFolder(at: folder.path)
    // By its own name, though that of the link `a` comes first.
    #expect(found.classNames == ["cat"])
    #expect(found.entries.map(\.path) == ["cat/one.png", "cat/deeper/two.png"])
    #expect(
      found.leftOut.map(\.path).sorted()
        == ["a", "again", "cat/deeper/top", "cat/up", "self"].map { folder.file($0) })
    let (paths, leftOut) = try ImageFolder.imagePaths(below: folder.path)
    #expect(paths == ["cat/deeper/two.png", "cat/one.png"].map { folder.file($0) })
    #expect(leftOut.count == 5)
  }

  @Test func `names that are not UTF-8 and broken links are named and counted`() throws {
    try writePNG("cat/one.png", width: 4, height: 4, channels: 1)
    try folder.run(
      "sh", "-c",
      #"cd cat && for byte in 351 377; do : > "$(printf "caf\\$byte.png")"; done; : > "$(printf 'a\377.txt')""#
    )
    let manager = FileManager.default
    for link in ["cat/gone.png", "gone", "gone.txt"] {
      try manager.createSymbolicLink(atPath: folder.file(link), withDestinationPath: "nowhere")
    }
    let found = try ImageFolder(at: folder.path)
    let names = [#"cat/caf\xe9.png"#, #"cat/caf\xff.png"#, "cat/gone.png", "gone"]
    #expect(found.leftOut.map(\.path).sorted() == names.map { folder.file($0) })
    #expect(
      Set(found.leftOut.map(\.reason))
        == ["its name is not UTF-8", "it is a link that leads nowhere"])
    // What ends as no image does is no image.
    #expect(found.otherFiles == 2 && found.entries.count == 1)
    let loaded = try found.load(shortestSide: nil, threads: 1)
    #expect(loaded.paths == ["cat/one.png"] && loaded.skipped == found.leftOut)
    #expect(try found.check(threads: 1).problems == found.leftOut)
    #expect(try ImageFolder.imagePaths(below: folder.path).leftOut.count == 4)
    try manager.removeItem(atPath: folder.file("cat/one.png"))
    let none = try #require(try refusal { _ = try ImageFolder(at: folder.path) })
    #expect(none.reason.contains("no image in it can be opened"))
  }

  @Test func `bytes that are not UTF-8 are written in hexadecimal`() {
    #expect(FolderListing.escaped(Array("é 😀.png".utf8)) == "é 😀.png")
    #expect(
      FolderListing.escaped([0x63, 0xE9, 0xC3, 0xA9, 0xF0, 0x9F]) == #"c\xe9é\xf0\x9f"#)
  }

  @Test func `an image too narrow to be scaled is left out`() throws {
    try writePNG("line.png", width: 400, height: 2, channels: 1)
    try writePNG("other.png", width: 20, height: 10, channels: 1)
    let found = try ImageFolder(at: folder.path)
    #expect(try found.load(shortestSide: nil, threads: 1).paths.count == 2)
    let scaled = try found.load(shortestSide: 8, threads: 1)
    #expect(scaled.paths == ["other.png"] && scaled.skipped.count == 1)
    #expect(scaled.skipped[0].reason.contains("400 × 2"))
  }

  @Test func `folders without a readable image are refused`() throws {
    #expect(
      try refusal { _ = try ImageFolder(at: folder.path) }?.reason == "there is no image in it")
    #expect(try refusal { _ = try ImageFolder(at: folder.file("nowhere")) } != nil)
    try folder.write([1], to: "broken.png")
    #expect(try refusal { _ = try ImageFolder(at: folder.file("broken.png")) } != nil)
    let error = try #require(
      try refusal { _ = try ImageFolder(at: folder.path).load(shortestSide: nil, threads: 1) })
    #expect(error.description.contains("none of its 1 images"))
    try writePNG("good.png", width: 50, height: 50, channels: 3)
    let large = try #require(
      try refusal {
        _ = try ImageFolder(at: folder.path).load(
          shortestSide: nil, threads: 1, largestByteCount: 7000)
      })
    #expect(large.description.contains("memory"))
  }
}
