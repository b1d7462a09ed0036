import Classify
import Foundation
import Raster
import Testing

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
    #expect(loaded.paths == ["cat/one.png", "cat/deeper/two.PNG", "dog/three.png"])
    #expect(loaded.images.labels == [0, 0, 1])
    // Grey beside RGB becomes RGB; transparency is gone.
    #expect(loaded.images.channels == 3 && loaded.images[1].channels == 3)
    #expect(loaded.images.commonSize == nil && loaded.images.shortestSide == 8)
    #expect(loaded.skipped.count == 1)
    #expect(loaded.skipped[0].path == folder.file("dog/broken.jpg"))
    #expect(try loaded.dataset.training(.iid, head: .clustering).count == 3)
    #expect(try loaded.dataset.scoring(.iid).labels == [0, 0, 1])
    #expect(try refusal { _ = try loaded.dataset.scoring(.iidPlus) } != nil)

    let scaled = try found.load(shortestSide: 12, threads: 1)
    #expect(
      (0..<3).map { [scaled.images[$0].height, scaled.images[$0].width] }
        == [[12, 24], [12, 12], [40, 12]])

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
    #expect(loaded.paths == ["a.png", "b.png"] && loaded.images.labels == nil)
    #expect(loaded.images.channels == 1)
    #expect(loaded.images.commonSize.map { [$0.height, $0.width] } == [6, 5])
    // Beside class folders they would have no class.
    try writePNG("class/c.png", width: 5, height: 6, channels: 1)
    let mixed = try ImageFolder(at: folder.path)
    #expect(mixed.withoutClass == ["a.png", "b.png"])
    #expect(try mixed.check(threads: 1).problems.count == 2)
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
