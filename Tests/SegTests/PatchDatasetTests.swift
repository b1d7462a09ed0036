import Foundation
import IIC
import Raster
import Testing

@testable import Seg

@Suite struct PatchDatasetTests {
  @Test func preparedBlocksAreRead() throws {
    let tiles = try PotsdamFixture()
    for number in 0..<2 { try tiles.writeImage(number) }
    try tiles.writeLabel(1)
    _ = try tiles.preparation.write(to: tiles.output, overwrite: false, threads: 2)
    let fine = try PatchDataset.potsdam(at: tiles.output, isCoarse: false)
    let coarse = try PatchDataset.potsdam(at: tiles.output, isCoarse: true)
    #expect(fine.bandNames == ["red", "green", "blue", "near infrared"])
    #expect(fine.classNames.count == 6 && coarse.classNames.count == 3)
    #expect(fine.jitterBands == .visible(red: 0, green: 1, blue: 2))
    #expect(Potsdam.lists.map { fine.lists[$0]?.count } == [4, 3, 1])
    let entry = try #require(fine.lists["labelled_test"]?.first)
    let image = try fine.read(entry)
    #expect(image.image.width == 200 && image.image.channels == 4 && image.valid == nil)
    let labels = try #require(image.labels)
    let place = try #require(
      try tiles.lines("blocks.csv").first { $0.hasPrefix("\(entry.name),") }
    ).split(separator: ",")
    let (top, left) = (Int(place[2])! * 400, Int(place[3])! * 400)
    for (column, row) in [(0, 0), (3, 1), (199, 199), (100, 7)] {
      let wanted = PotsdamFixture.label(column: left + 2 * column, row: top + 2 * row)
      #expect(Int(labels[row * 200 + column]) == wanted)
    }
    let merged = try #require(try coarse.read(entry).labels)
    #expect(merged == labels.map { [0, 1, 2, 2, 0, 1][Int($0)] })
    let unlabelled = try #require(fine.lists["unlabelled_train"]?.first)
    #expect(try !unlabelled.isLabelled && fine.read(unlabelled).labels == nil)
  }

  @Test func theAuthorsArchiveIsRead() throws {
    let folder = try PatchFixture()
    try folder.archive()
    let dataset = try PatchDataset.potsdam(at: folder.folder, isCoarse: true)
    #expect(dataset.lists["labelled_train"]?.map(\.name) == ["4", "2", "3"])
    let image = try dataset.read(try #require(dataset.lists["labelled_train"]?[1]))
    #expect(image.name == "2" && image.image.channels == 4)
    #expect(image.image.pixels[(3 * 20 + 7) * 4 + 2] == 7 * 5 + 3 + 80 + 2)
    #expect(image.labels?[3 * 20 + 7] == Potsdam.coarseClasses[(7 + 3 + 2) % 6])
    #expect(dataset.trainingLists(.iid) == Potsdam.lists)
    #expect(dataset.assignmentLists(.iid) == ["labelled_train", "labelled_test"])
    #expect(dataset.scoringLists(.iid) == ["labelled_train", "labelled_test"])
    #expect(dataset.trainingLists(.iidPlus) == ["unlabelled_train", "labelled_train"])
    #expect(dataset.assignmentLists(.iidPlus) == ["labelled_train"])
    #expect(dataset.scoringLists(.iidPlus) == ["labelled_test"])
  }

  @Test func whatListsNameMustBeThere() throws {
    let folder = try PatchFixture()
    try folder.archive()
    try FileManager.default.removeItem(atPath: folder.fixture.path("gt/3.mat"))
    try FileManager.default.removeItem(atPath: folder.fixture.path("imgs/0.mat"))
    try folder.write("5\n77\n", to: "labelled_test.txt")
    let error = try #require(throws: SegError.self) {
      try PatchDataset.potsdam(at: folder.folder, isCoarse: true)
    }
    let text = error.description
    #expect(text.contains("has 3 listed images that cannot be used"))
    #expect(text.contains("3: labelled_train names it and gt has no 3.tif or 3.mat"))
    #expect(text.contains("0: unlabelled_train names it and imgs has no"))
    #expect(text.contains("77: labelled_test names it"))
  }

  @Test(arguments: [
    ("../../etc/passwd\n", "which is no image's"), ("2\n3\n2\n", "twice"), ("", "lists no image"),
  ])
  func listsAreNotTrusted(list: String, reason: String) throws {
    let folder = try PatchFixture()
    try folder.archive()
    for name in Potsdam.lists { try folder.write(list.isEmpty ? "" : list, to: "\(name).txt") }
    let error = try #require(throws: SegError.self) {
      try PatchDataset.potsdam(at: folder.folder, isCoarse: true)
    }
    #expect(error.description.contains(reason), "\(error)")
    try FileManager.default.removeItem(atPath: folder.fixture.path("labelled_test.txt"))
    #expect(throws: SegError.self) {
      try PatchDataset.potsdam(at: folder.folder, isCoarse: true)
    }
  }

  @Test func damagedImagesAndLabelsAreNamed() throws {
    let folder = try PatchFixture()
    try folder.archive()
    try folder.matrix("gt/2.mat", variable: "gt", width: 20, height: 20) { column, _, _ in column }
    try folder.matrix("gt/3.mat", variable: "gt", width: 19, height: 20) { _, _, _ in 1 }
    try folder.write("nothing", to: "gt/4.mat")
    try folder.matrix(
      "imgs/5.mat", variable: "img", width: 20, height: 20, channels: 3, isByte: true
    ) { _, _, _ in 1 }
    let dataset = try PatchDataset.potsdam(at: folder.folder, isCoarse: false)
    for (name, reason) in [
      ("2", "has the value 6, which is no label"), ("3", "is 19 × 20 pixels where its image is"),
      ("4", "not a MAT file"), ("5", "has 3 bands where 4 are wanted"),
    ] {
      let entry = try #require(dataset.entries(of: Potsdam.lists).first { $0.name == name })
      var text = ""
      do { _ = try dataset.read(entry) } catch { text = "\(error)" }
      #expect(text.contains(reason) && text.contains("/\(name).mat"), "\(text)")
    }
  }

  @Test func photographsOf164kAreReadBlueFirst() throws {
    let folder = try PatchFixture()
    try folder.cocoStuff()
    let few = try PatchDataset.cocoStuff(at: folder.folder, classes: .few)
    #expect(few.classNames == ["sky-stuff", "plant-stuff", "ground-stuff"])
    #expect(few.lists.mapValues(\.count) == ["train": 2, "val": 1] && few.masksByLabels)
    let image = try few.read(try #require(few.lists["train"]?[1]))
    #expect(Array(image.image.pixels[(7 * 60 + 33) * 3..<(7 * 60 + 34) * 3]) == [200, 7, 33])
    let none = PatchImage.noLabel
    let row = try #require(image.labels)[0..<60]
    #expect(stride(from: 0, to: 60, by: 10).map { row[$0] } == [none, none, 0, 1, 2, none])
    #expect(few.scoringLists(.iidPlus) == ["val"] && few.trainingLists(.iidPlus) == ["train"])

    #expect(throws: SegError.self) {
      try PatchDataset.cocoStuff(at: folder.folder, classes: .stuff)
    }
    try folder.cocoStuff(list: "Coco164kFull_Stuff_Coarse_7")
    let stuff = try PatchDataset.cocoStuff(at: folder.folder, classes: .stuff)
    let validated = try #require(stuff.lists["val"]?[0])
    let labels = try #require(try stuff.read(validated).labels)
    // Sky, plant, ground and solid among the fifteen.
    #expect(stride(from: 0, to: 60, by: 10).map { labels[$0] } == [none, none, 11, 10, 9, 12])

    try FileManager.default.removeItem(
      atPath: folder.fixture.path("annotations/train2017/000002.png"))
    let error = try #require(throws: SegError.self) {
      try PatchDataset.cocoStuff(at: folder.folder, classes: .few)
    }
    #expect(error.description.contains("has 1 listed image that cannot be used (000002: "))
  }

  @Test func annotationsOf10kAreRead() throws {
    let folder = try PatchFixture()
    try folder.makeFolders("images", "annotations", "imageLists")
    for (list, names) in [("train", ["a_1"]), ("test", ["b_2"]), ("all", ["a_1", "b_2"])] {
      try folder.write(names.map { "\($0)\n" }.joined(), to: "imageLists/\(list).txt")
    }
    for name in ["a_1", "b_2"] {
      try folder.image("images/\(name).jpg", width: 60, height: 30, channels: 1) { $0 + $1 + $2 }
      try folder.matrix("annotations/\(name).mat", variable: "S", width: 60, height: 30) {
        column, _, _ in (PatchFixture.fineClasses[column / 10] + 1) % 256
      }
    }
    let dataset = try PatchDataset.cocoStuff(at: folder.folder, classes: .few)
    #expect(dataset.lists.mapValues { $0.map(\.name) } == ["train": ["a_1"], "test": ["b_2"]])
    let image = try dataset.read(try #require(dataset.lists["test"]?[0]))
    // Grey photographs have three equal bands.
    #expect(Array(image.image.pixels[(2 * 60 + 5) * 3..<(2 * 60 + 6) * 3]) == [7, 7, 7])
    let none = PatchImage.noLabel
    #expect(
      stride(from: 0, to: 60, by: 10).map { image.labels?[$0] } == [none, none, 0, 1, 2, none])
  }

  @Test func anyFolderOfRasters() throws {
    let folder = try PatchFixture()
    try folder.makeFolders("images", "labels")
    for name in ["x", "y", "z"] {
      try folder.image(
        "images/\(name).tif", width: 30, height: 20, channels: 2, bandNames: ["red", "nir"]
      ) { $0 + $1 + $2 }
    }
    try folder.image("labels/y.tif", width: 30, height: 20, channels: 1) { column, _, _ in
      column / 10
    }
    let dataset = try PatchDataset.folder(at: folder.folder)
    #expect(
      dataset.lists.mapValues { $0.map(\.name) } == ["labelled": ["y"], "unlabelled": ["x", "z"]])
    #expect(dataset.classNames == ["class 1", "class 2"])
    #expect(dataset.jitterBands == .separate([0]))
    let image = try dataset.read(try #require(dataset.lists["labelled"]?[0]))
    #expect(image.labels.map { [$0[0], $0[10], $0[29]] } == [PatchImage.noLabel, 0, 1])
    try folder.image("labels/w.tif", width: 30, height: 20, channels: 1) { _, _, _ in 1 }
    let error = try #require(throws: SegError.self) { try PatchDataset.folder(at: folder.folder) }
    #expect(error.description.contains("w.tif: there is no image of that name"))
    #expect(throws: SegError.self) { try PatchDataset.folder(at: folder.fixture.path("labels/x")) }
    let bare = try PatchDataset.folder(at: folder.fixture.path("images"))
    #expect(bare.lists["unlabelled"]?.count == 3 && bare.classNames.isEmpty)
  }

  @Test func theClassesOfCOCOStuffAreThoseOfTheAuthors() {
    #expect(CocoStuff.coarseOfFine.count == 182 && CocoStuff.coarseNames.count == 27)
    // The first 91 fine classes are things, the others stuff.
    #expect(CocoStuff.coarseOfFine[..<91].allSatisfy { $0 < 12 })
    #expect(CocoStuff.coarseOfFine[91...].allSatisfy { (12..<27).contains($0) })
    #expect(Set(CocoStuff.coarseOfFine).count == 27)
    // Person, bicycle, clouds, grass, road, fog, wood.
    let known = [0: 9, 1: 11, 105: 23, 123: 22, 148: 21, 119: 26, 181: 24]
    for (fine, coarse) in known { #expect(CocoStuff.coarseOfFine[fine] == UInt8(coarse)) }
    #expect(CocoStuff.Classes.stuff.names.count == 15)
    // 22 fine classes are sky, plant or ground.
    #expect(CocoStuff.Classes.few.ofFineIndex.count { $0 != PatchImage.noLabel } == 22)
    #expect(CocoStuff.Classes.stuff.ofFineIndex.count { $0 != PatchImage.noLabel } == 91)
  }
}
