import Foundation
import Raster
import TestSupport
import Testing

@Suite struct MatlabMatrixTests {
  private let folder: TemporaryFolder
  private let golden: GoldenFile

  private static var goldenFolder: URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(component: "Golden")
  }

  private static func path(_ name: String) -> String {
    goldenFolder.appending(component: name).path(percentEncoded: false)
  }

  init() throws {
    folder = try TemporaryFolder()
    golden = try GoldenFile("matrices", in: Self.goldenFolder)
  }

  @Test(arguments: [("block_img.mat", "img"), ("block_gt.mat", "gt"), ("annotation.mat", "S")])
  func filesAsWritten(file: String, variable: String) throws {
    let matrix = try MatlabMatrix(variable, of: Self.path(file))
    let wanted = golden[variable]
    #expect([matrix.rows, matrix.columns] == Array(wanted.shape.prefix(2)))
    #expect(matrix.layers == (wanted.shape.count > 2 ? wanted.shape[2] : 1))
    #expect(matrix.values.map { Float($0) } == wanted.values)
    #expect(matrix.image?.channels == matrix.layers)
  }

  @Test func numbersOfOtherTypes() throws {
    let doubles = try MatlabMatrix("doubles", of: Self.path("annotation.mat"))
    #expect(doubles.values.map { Float($0 + 3) } == golden["gt"].values)
    #expect(doubles.image == nil)
    for variable in ["halves", "complex", "captions", "nothing"] {
      let error = try #require(throws: RasterError.self) {
        try MatlabMatrix(variable, of: Self.path("annotation.mat"))
      }
      #expect(error.description.contains("variable \(variable)"))
    }
  }

  @Test func otherFilesAreRefused() throws {
    let whole = try Data(contentsOf: URL(filePath: Self.path("block_img.mat")))
    var later = [UInt8](whole)
    later[125] = 2
    let cases: [(bytes: [UInt8], reason: String)] = [
      ([], "not a MAT file"), (Array("no matrix at all".utf8), "not a MAT file"),
      ([UInt8](whole.prefix(128)), "no variable"), ([UInt8](whole.prefix(300)), "cut short"),
      ([UInt8](whole) + [1, 2, 3], "cut short"), (later, "version 7.3"),
    ]
    for (number, own) in cases.enumerated() {
      let path = try folder.write(own.bytes, to: "\(number).mat")
      let error = try #require(throws: RasterError.self) { try MatlabMatrix("img", of: path) }
      #expect(error.description.contains(own.reason), "\(error)")
    }
    #expect(throws: RasterError.self) { try MatlabMatrix("img", of: folder.file("absent.mat")) }
    #expect(throws: RasterError.self) { try MatlabMatrix("img", of: folder.path) }
  }

  /// Whatever single bytes say, reading ends with a matrix or an error, and never with absurd sizes.
  @Test(arguments: [("block_img.mat", "img"), ("annotation.mat", "S")])
  func damagedFilesAreRefusedOrRead(file: String, variable: String) throws {
    let whole = [UInt8](try Data(contentsOf: URL(filePath: Self.path(file))))
    var refused = 0
    for place in stride(from: 116, to: min(whole.count, 420), by: 1) {
      for value: UInt8 in [0, 0xFF, whole[place] ^ 0x10] {
        var bytes = whole
        bytes[place] = value
        let path = try folder.write(bytes, to: "damaged.mat")
        do {
          let matrix = try MatlabMatrix(variable, of: path)
          #expect(matrix.values.count == matrix.rows * matrix.columns * matrix.layers)
        } catch is RasterError {
          refused += 1
        }
      }
    }
    #expect(refused > 50)
  }
}
