import IIC
import Seg
import Testing

@Suite struct TilePlanTests {
  @Test(arguments: [
    (1, 1, 64), (63, 65, 64), (64, 128, 64), (301, 97, 64), (10, 200, 33), (1000, 700, 512),
  ])
  func everyPixelIsDecidedOnce(width: Int, height: Int, side: Int) {
    let plan = TilePlan(width: width, height: height, tileSide: side, refinementHalo: 24)
    var decided = [Int](repeating: 0, count: width * height)
    for index in 0..<plan.count {
      let tile = plan[index]
      for row in tile.output.rows {
        for column in tile.output.columns { decided[row * width + column] += 1 }
      }
      #expect(tile.output.column % 2 == 0 && tile.output.row % 2 == 0)
      #expect(tile.input.column % 2 == 0 && tile.input.row % 2 == 0)
      #expect(tile.input.width % 2 == 0 && tile.input.height % 2 == 0)
    }
    #expect(decided.allSatisfy { $0 == 1 })
  }

  @Test(arguments: [
    PixelRectangle(column: 0, row: 0, width: 1, height: 1),
    PixelRectangle(column: 31, row: 8, width: 97, height: 65),
    PixelRectangle(column: 63, row: 64, width: 1, height: 56),
    PixelRectangle(column: 299, row: 119, width: 2, height: 1),
  ])
  func `a part's pixels are decided once, by tiles that see beyond it`(part: PixelRectangle) {
    let plan = TilePlan(width: 301, height: 120, part: part, tileSide: 64, refinementHalo: 24)
    let raster = PixelRectangle(column: 0, row: 0, width: 301, height: 120)
    var decided = [Int](repeating: 0, count: 301 * 120)
    for index in 0..<plan.count {
      let tile = plan[index]
      for row in tile.output.rows {
        for column in tile.output.columns { decided[row * 301 + column] += 1 }
      }
      let needed = tile.output.expanded(by: 24).intersection(raster)
      #expect(needed.intersection(tile.refinement) == needed)
      #expect(tile.refinement.intersection(raster) == tile.refinement)
      #expect(tile.input.column % 2 == 0 && tile.input.row % 2 == 0)
      #expect(tile.input.width % 2 == 0 && tile.input.height % 2 == 0)
      let seen = tile.refinement.expanded(by: TrunkGeometry.halo(sobel: false))
      #expect(seen.intersection(tile.input) == seen)
      #expect(tile.read.intersection(raster) == tile.read)
    }
    for pixel in decided.indices {
      let inside = part.columns.contains(pixel % 301) && part.rows.contains(pixel / 301)
      #expect(decided[pixel] == (inside ? 1 : 0))
    }
  }

  @Test(arguments: [(3, 5), (31, 200), (400, 260)])
  func inputsSurroundOutputsAndReadsFillThem(width: Int, height: Int) {
    let plan = TilePlan(width: width, height: height, tileSide: 128, refinementHalo: 24)
    #expect(plan.overlap == 40)
    let raster = PixelRectangle(column: 0, row: 0, width: width, height: height)
    for index in 0..<plan.count {
      let tile = plan[index]
      #expect(tile.refinement == tile.output.expanded(by: 24).intersection(raster))
      #expect(tile.read.intersection(raster) == tile.read)
      let needed = tile.refinement.expanded(by: TrunkGeometry.halo(sobel: false))
      #expect(needed.intersection(tile.input) == needed)
      let columns = tile.columnSources(rasterWidth: width)
      let rows = tile.rowSources(rasterHeight: height)
      #expect(columns.count == tile.input.width && rows.count == tile.input.height)
      #expect(columns.min() == 0 && columns.max() == tile.read.width - 1)
      #expect(rows.min() == 0 && rows.max() == tile.read.height - 1)
      // Inside the raster a pixel fills itself.
      for (offset, column) in tile.input.columns.enumerated() where raster.columns.contains(column)
      {
        #expect(columns[offset] + tile.read.column == column)
      }
      // The trunk's cells reach every pixel the refinement reads.
      let cells = tile.input.width / 2 - 4
      let covered = CellInterpolation.coveredPixels(cells: cells)
      #expect(covered.contains(tile.refinement.column - tile.input.column))
      #expect(covered.contains(tile.refinement.columns.upperBound - 1 - tile.input.column))
    }
  }

  @Test func reflectionMirrorsAtTheEdgePixel() {
    let mirrored = (-5...7).map { TilePlan.reflect($0, count: 3) }
    #expect(mirrored == [1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1])
    #expect((-2...2).map { TilePlan.reflect($0, count: 1) } == [0, 0, 0, 0, 0])
  }
}
