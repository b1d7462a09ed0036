import Foundation
import Raster
import Seg

/// Small datasets of patches in the published layouts.
///
/// Images are stored as TIFF whatever their names say: files are known by their contents.
struct PatchFixture {
  let fixture: RasterFixture

  init() throws { fixture = try RasterFixture() }

  var folder: String { fixture.folder }

  func makeFolders(_ names: String...) throws {
    for name in names {
      try FileManager.default.createDirectory(
        atPath: fixture.path(name), withIntermediateDirectories: true)
    }
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: fixture.path(name)))
  }

  func image(
    _ name: String, width: Int, height: Int, channels: Int, bandNames: [String]? = nil,
    _ value: (_ column: Int, _ row: Int, _ channel: Int) -> Int
  ) throws {
    var pixels: [UInt8] = []
    for row in 0..<height {
      for column in 0..<width {
        for channel in 0..<channels { pixels.append(UInt8(value(column, row, channel) & 0xFF)) }
      }
    }
    try ByteImage(width: width, height: height, channels: channels, pixels: pixels).writeGeoTIFF(
      to: fixture.path(name), grid: RasterGrid(width: width, height: height),
      bandNames: bandNames ?? [String](repeating: "", count: channels))
  }

  /// Writes a MAT file of version 5 with one array of 32-bit or 8-bit numbers, not compressed.
  func matrix(
    _ name: String, variable: String, width: Int, height: Int, channels: Int = 1,
    isByte: Bool = false, _ value: (_ column: Int, _ row: Int, _ channel: Int) -> Int
  ) throws {
    func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 0xFF) } }
    func padded(_ bytes: [UInt8]) -> [UInt8] {
      bytes + [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
    }
    func element(_ type: Int, _ bytes: [UInt8]) -> [UInt8] {
      number(type) + number(bytes.count) + padded(bytes)
    }
    var data: [UInt8] = []
    for channel in 0..<channels {
      for column in 0..<width {
        for row in 0..<height {
          let own = value(column, row, channel)
          data += isByte ? [UInt8(own)] : number(own)
        }
      }
    }
    let extents = channels > 1 ? [height, width, channels] : [height, width]
    let (matrixClass, type) = isByte ? (9, 2) : (12, 5)
    let array =
      element(6, number(matrixClass) + number(0)) + element(5, extents.flatMap(number))
      + element(1, Array(variable.utf8)) + element(type, data)
    let header =
      Array("MATLAB 5.0 MAT-file".utf8) + [UInt8](repeating: 0x20, count: 105)
      + [0x00, 0x01, 0x49, 0x4D]
    try Data(header + element(14, array)).write(to: URL(filePath: fixture.path(name)))
  }

  /// Blocks of Potsdam as the authors' archive has them: 0 and 1 without labels, 2…5 with, of which
  /// 5 is kept for scoring. A pixel's class is (column + row + name) mod 6.
  func archive(side: Int = 20) throws {
    try makeFolders("imgs", "gt")
    for name in 0..<6 {
      try matrix(
        "imgs/\(name).mat", variable: "img", width: side, height: side, channels: 4, isByte: true
      ) { column, row, channel in (column * 5 + row + 40 * channel + name) % 256 }
      guard name >= 2 else { continue }
      try matrix("gt/\(name).mat", variable: "gt", width: side, height: side) { column, row, _ in
        (column + row + name) % 6
      }
    }
    try write("0\n1\n", to: "unlabelled_train.txt")
    try write("4\n2\r\n3\n", to: "labelled_train.txt")
    try write("5\n\n", to: "labelled_test.txt")
  }

  /// Fine classes of COCO-Stuff in columns: person, none, clouds, grass, road, wood.
  static let fineClasses = [0, 255, 105, 123, 148, 181]

  /// COCO-Stuff 164k: two images to train on and one to validate by; each pixel's red is its column,
  /// green its row, blue the image's number.
  func cocoStuff(list: String = "Coco164kFew_Stuff_6") throws {
    for (split, names) in [("train", ["000001", "000002"]), ("val", ["000003"])] {
      try makeFolders("images/\(split)2017", "annotations/\(split)2017", "curated/\(split)2017")
      try write(
        names.map { "\($0)\n" }.joined(), to: "curated/\(split)2017/\(list).txt")
      for name in names {
        let number = Int(name)!
        try image(
          "images/\(split)2017/\(name).jpg", width: 60, height: 40, channels: 3,
          bandNames: ["red", "green", "blue"]
        ) { column, row, channel in [column, row, 100 * number][channel] }
        try image("annotations/\(split)2017/\(name).png", width: 60, height: 40, channels: 1) {
          column, _, _ in Self.fineClasses[column / 10]
        }
      }
    }
  }
}
