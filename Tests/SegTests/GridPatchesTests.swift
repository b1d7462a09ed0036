import Tensor
import Testing

@testable import Seg

@Suite struct GridPatchesTests {
  let fixture: RasterFixture
  init() throws { fixture = try RasterFixture() }

  private func patches(
    width: Int, height: Int, side: Int, most: Int, hasData: (Int, Int) -> Bool = { _, _ in true }
  ) throws -> [Patch] {
    let path = try fixture.coordinates("a.tif", width: width, height: height, hasData: hasData)
    var generator = SeededGenerator(seed: 1)
    return PatchSampler(
      try TrainingImagery([RasterInput(path: path)], using: &generator), side: side,
      views: PatchViews(jitter: nil, symmetry: .square)
    ).gridPatches(most: most)
  }

  /// The first pixel's place in the raster, by what the fixture wrote.
  private func origin(_ patch: Patch) throws -> (column: Int, row: Int) {
    let pixel = try #require(patch.valid.firstIndex(of: true))
    return (
      Int(patch.values[2 * pixel]) - 1 - pixel % patch.side,
      Int(patch.values[2 * pixel + 1]) - 1 - pixel / patch.side
    )
  }

  @Test(arguments: [(100, 61, 32), (33, 90, 32), (240, 40, 40)])
  func `cells cover a raster, but for its rim`(width: Int, height: Int, side: Int) throws {
    var covered: Set<[Int]> = []
    let patches = try patches(width: width, height: height, side: side, most: 100)
    for patch in patches {
      let (column, row) = try origin(patch)
      #expect((0...width - side).contains(column) && (0...height - side).contains(row))
      for y in row + 4..<row + side - 4 {
        for x in column + 4..<column + side - 4 { covered.insert([x, y]) }
      }
    }
    #expect(covered.count == (width - 8) * (height - 8))
    func fitting(_ extent: Int) -> Int { (extent - 8 + side - 9) / (side - 8) }
    #expect(patches.count == fitting(width) * fitting(height))
  }

  @Test func `where there is more than asked for, patches lie farther apart, over all of it`()
    throws
  {
    let patches = try patches(width: 600, height: 400, side: 24, most: 24)
    #expect((18...30).contains(patches.count))
    let origins = try patches.map(origin)
    #expect(Set(origins.map(\.column)).count > 4 && Set(origins.map(\.row)).count > 2)
    #expect(origins.map(\.column).min() == 0 && origins.map(\.column).max() == 600 - 24)
    #expect(origins.map(\.row).min() == 0 && origins.map(\.row).max() == 400 - 24)
  }

  @Test func `a raster smaller than a patch lies in its middle`() throws {
    let patches = try patches(width: 20, height: 12, side: 40, most: 10)
    #expect(patches.count == 1)
    let origin = try origin(patches[0])
    #expect(origin.column == -10 && origin.row == -14)
    #expect(patches[0].valid.count { $0 } == 240)
  }

  @Test func `patches without data are left out`() throws {
    let patches = try patches(width: 96, height: 24, side: 24, most: 50) { column, _ in column < 30
    }
    #expect(!patches.isEmpty && patches.allSatisfy { $0.valid.contains(true) })
    #expect(try patches.map(origin).allSatisfy { $0.column < 30 })
  }
}
