import IIC
import Tensor
import Testing

@testable import Seg

@Suite struct PatchSamplerTests {
  let fixture: RasterFixture
  init() throws { fixture = try RasterFixture() }

  /// Patches of rasters as they are, unscaled, flipped and turned for the second view.
  private func sampler(_ paths: [String], side: Int) throws -> PatchSampler {
    var generator = SeededGenerator(seed: 1)
    return PatchSampler(
      try TrainingImagery(paths.map { RasterInput(path: $0) }, using: &generator), side: side,
      views: PatchViews(jitter: nil, symmetry: .square))
  }

  /// Where each pixel of a view comes from, by what ``RasterFixture/coordinates(_:width:height:hasData:)``
  /// wrote; nil without data.
  private func sources(_ view: Tensor, patch: Int) -> [(column: Int, row: Int)?] {
    let values = view.firstAxis(patch..<patch + 1).values
    return (0..<values.count / 2).map { pixel in
      values[2 * pixel] == 0
        ? nil : (Int(values[2 * pixel]) - 1, Int(values[2 * pixel + 1]) - 1)
    }
  }

  @Test func `a patch is a piece of the raster, and its mask leaves out cells that touch nodata`()
    throws
  {
    func hasData(_ column: Int, _ row: Int) -> Bool {
      column % 11 != 3 && !(column > 40 && row > 25 && column + row < 90)
    }
    let path = try fixture.coordinates("a.tif", width: 83, height: 61, hasData: hasData)
    let (side, count) = (32, 12)
    let cells = side / 2 - 4
    var generator = SeededGenerator(seed: 2)
    let batch = try sampler([path], side: side).batch(of: count, using: &generator)
    #expect(batch.first.shape == [count, side, side, 2])
    #expect(batch.matrices?.shape == [count, 2, 3])
    let mask = try #require(batch.mask)
    #expect(mask.shape == [count, cells, cells, 1])
    for patch in 0..<count {
      let sources = sources(batch.first, patch: patch)
      let anchor = try #require(sources.firstIndex { $0 != nil })
      let place = try #require(sources[anchor])
      let (left, top) = (place.column - anchor % side, place.row - anchor / side)
      #expect((0...83 - side).contains(left) && (0...61 - side).contains(top))
      for pixel in sources.indices {
        let (column, row) = (left + pixel % side, top + pixel / side)
        if hasData(column, row) {
          #expect(sources[pixel]?.column == column && sources[pixel]?.row == row)
        } else {
          #expect(sources[pixel] == nil)
        }
      }
      for cell in 0..<cells * cells {
        let (column, row) = (2 * (cell % cells) + 4, 2 * (cell / cells) + 4)
        let counts = [0, 1, side, side + 1].allSatisfy { sources[row * side + column + $0] != nil }
        #expect(mask[patch * cells * cells + cell] == (counts ? 1 : 0))
      }
    }
    let share = mask.values.reduce(0, +) / Float(mask.count)
    #expect(share > 0.3 && share < 0.95)
  }

  @Test func `both views show the same pixels, the second turned or flipped`() throws {
    let path = try fixture.coordinates("a.tif", width: 50, height: 40) { column, _ in column != 9 }
    var generator = SeededGenerator(seed: 3)
    let batch = try sampler([path], side: 20).batch(of: 24, using: &generator)
    var turned = 0
    for patch in 0..<24 {
      let first = sources(batch.first, patch: patch).map { [$0?.column ?? -1, $0?.row ?? -1] }
      let second = sources(batch.second, patch: patch).map { [$0?.column ?? -1, $0?.row ?? -1] }
      #expect(Set(first) == Set(second))
      if first != second { turned += 1 }
    }
    // One in eight stays as it is.
    #expect(turned >= 12 && turned <= 23)
  }

  @Test(arguments: [(20, 13), (70, 9), (5, 64), (33, 31)])
  func `a raster smaller than a patch lies in it whole, at any place`(width: Int, height: Int)
    throws
  {
    let path = try fixture.coordinates("a.tif", width: width, height: height) { _, _ in true }
    let side = 40
    let (columns, rows) = (min(width, side), min(height, side))
    var generator = SeededGenerator(seed: 5)
    let batch = try sampler([path], side: side).batch(of: 16, using: &generator)
    var corners: Set<[Int]> = []
    for patch in 0..<16 {
      let sources = sources(batch.first, patch: patch)
      let shown = sources.indices.filter { sources[$0] != nil }
      #expect(shown.count == columns * rows)
      let corner = try #require(shown.first)
      let origin = try #require(sources[corner])
      for pixel in shown {
        let (column, row) = (pixel % side - corner % side, pixel / side - corner / side)
        #expect(sources[pixel]?.column == origin.column + column)
        #expect(sources[pixel]?.row == origin.row + row)
      }
      corners.insert([corner % side, corner / side, origin.column, origin.row])
    }
    #expect(corners.count > 4)
  }

  @Test func `the same seed draws the same batches, another one others`() throws {
    let paths = [
      try fixture.coordinates("a.tif", width: 60, height: 50) { column, _ in column > 4 },
      try fixture.coordinates("b.tif", width: 30, height: 90) { _, _ in true },
    ]
    let sampler = try sampler(paths, side: 24)
    func batches(_ seed: UInt64) -> [[Float]] {
      var generator = SeededGenerator(seed: seed)
      return (0..<3).flatMap { _ -> [[Float]] in
        let batch = sampler.batch(of: 4, using: &generator)
        return [
          batch.first.values, batch.second.values, batch.matrices!.values, batch.mask!.values,
        ]
      }
    }
    let drawn = batches(9)
    #expect(drawn == batches(9))
    #expect(drawn[0] != batches(10)[0])
    // One batch is not like the next.
    #expect(drawn[0] != drawn[4])
  }

  @Test func `every raster is drawn from by how much data it has`() throws {
    // The second's columns lie beyond the first's.
    let first = try fixture.coordinates("a.tif", width: 100, height: 30) { _, _ in true }
    let second = try fixture.coordinates("b.tif", width: 400, height: 30) { column, _ in
      column >= 100
    }
    var generator = SeededGenerator(seed: 6)
    let batch = try sampler([first, second], side: 16).batch(of: 200, using: &generator)
    let fromFirst = (0..<200).count { patch in
      sources(batch.first, patch: patch).contains { $0.map { $0.column < 100 } ?? false }
    }
    // A quarter of all data, and some more where thin patches of the second are drawn again.
    #expect((40...85).contains(fromFirst))
  }

  @Test func `where data is thin, patches with data are sought`() throws {
    let path = try fixture.coordinates("a.tif", width: 256, height: 200) { column, _ in
      column < 50
    }
    var generator = SeededGenerator(seed: 7)
    let batch = try sampler([path], side: 32).batch(of: 40, using: &generator)
    for patch in 0..<40 {
      let valid = sources(batch.first, patch: patch).count { $0 != nil }
      #expect(valid * 2 >= 32 * 32)
    }
  }
}
