import IIC
import Raster
import Tensor
import TestSupport
import Testing

@testable import Seg

@Suite struct TrainingImageryTests {
  let fixture: RasterFixture
  init() throws { fixture = try RasterFixture() }

  private func imagery(_ inputs: [RasterInput], budget: Int = 64 << 20, seed: UInt64 = 0) throws
    -> TrainingImagery
  {
    var generator = SeededGenerator(seed: seed)
    return try TrainingImagery(inputs, budget: budget, using: &generator)
  }

  /// The values of one band at the pixels with data, of all blocks.
  private func values(of imagery: TrainingImagery, band: Int) -> [Float] {
    imagery.blocks.flatMap { block in
      block.valid.indices.filter { block.valid[$0] }.map {
        block.values[$0 * imagery.bandCount + band]
      }
    }
  }

  /// As numpy has it: linear between the sorted values.
  private func percentile(_ percent: Double, of values: [Float]) -> Double {
    let sorted = values.sorted().map(Double.init)
    let position = percent / 100 * Double(sorted.count - 1)
    let below = sorted[Int(position)]
    return below + (position - position.rounded(.down))
      * (sorted[Int(position.rounded(.up))] - below)
  }

  @Test func `inputs are read whole, their chosen bands, window and nodata`() throws {
    let first = try fixture.coordinates("a.tif", width: 7, height: 5) { column, _ in column != 2 }
    let second = try fixture.raster(
      "b.tif", width: 4, height: 3, values: (0..<36).map(Float.init),
      bandNames: ["blue", "green", "red"])
    let result = try imagery([
      RasterInput(
        path: second, bands: [3, 1], window: Window(column: 1, row: 1, width: 2, height: 2),
        nodata: 17),
      RasterInput(path: first),
    ])
    #expect(result.bandCount == 2)
    #expect(result.bandNames == ["red", "blue"])
    #expect(result.interpretations == [.red, .blue])
    #expect(result.blocks.map(\.width) == [2, 7] && result.blocks.map(\.height) == [2, 5])
    #expect(result.blocks[0].values == [17, 15, 20, 18, 29, 27, 32, 30])
    // A pixel has no data where all its chosen bands say so.
    #expect(result.blocks[0].validCount == 4)
    #expect(result.blocks[1].valid == (0..<35).map { $0 % 7 != 2 })
    #expect(result.blocks[1].validCount == 30)
  }

  @Test func `what lies outside a mask has no data`() throws {
    let path = try fixture.coordinates("a.tif", width: 7, height: 5) { column, _ in column != 2 }
    let mask = try fixture.raster(
      "mask.tif", width: 7, height: 5, values: (0..<35).map { $0 < 14 ? 0 : 255 },
      dataType: .uint8)
    let block = try imagery([RasterInput(path: path, mask: mask)]).blocks[0]
    #expect(block.valid == (0..<35).map { $0 >= 14 && $0 % 7 != 2 })
    #expect(block.validCount == 18)
    let cleared = block.valid.indices.filter { !block.valid[$0] }
    #expect(cleared.allSatisfy { block.values[2 * $0] == 0 && block.values[2 * $0 + 1] == 0 })
    #expect(block.values[2 * 14] == 1 && block.values[2 * 14 + 1] == 3)
  }

  @Test func `the first percentile goes to 0, the ninety-ninth to 1, nodata aside`() throws {
    var generator = SeededGenerator(seed: 4)
    let (width, height) = (90, 70)
    let raw = (0..<width * height).flatMap { pixel -> [Float] in
      // Nodata would drag every percentile along, were it counted.
      if pixel % width < 20 { return [-9999, -9999] }
      let uniform = generator.uniform(0...1)
      return [300 + 40 * generator.normal(), 0.001 * uniform * uniform]
    }
    let path = try fixture.raster(
      "a.tif", width: width, height: height, values: raw, nodata: -9999,
      bandNames: ["swir", "haze"])
    var result = try imagery([RasterInput(path: path)])
    let before = (0..<2).map { values(of: result, band: $0) }
    let scaling = try result.stretch()
    #expect(scaling.map(\.name) == ["swir", "haze"])
    for band in 0..<2 {
      let after = values(of: result, band: band)
      #expect(after.count == 70 * 70)
      expectClose(percentile(1, of: after), 0, absolute: 1e-5, relative: 0)
      expectClose(percentile(99, of: after), 1, absolute: 1e-5, relative: 0)
      // Nothing is cut off, and the scaling handed out is the one applied.
      #expect(after.min()! < 0 && after.max()! > 1)
      expectClose(
        after, before[band].map { scaling[band].input(of: $0) }, absolute: 1e-6, relative: 1e-6)
    }
    let block = result.blocks[0]
    for pixel in block.valid.indices where !block.valid[pixel] {
      #expect(block.values[2 * pixel] == 0 && block.values[2 * pixel + 1] == 0)
    }
  }

  @Test func `the unit that pixels are stored in does not matter`() throws {
    let scene = SmallScene(width: 110, height: 64)
    let inputs = [
      try scene.write(to: fixture, "bytes.tif"),
      try fixture.raster(
        "words.tif", width: 110, height: 64, values: scene.values.map { $0 * 257 },
        dataType: .uint16, nodata: 0),
      try fixture.raster(
        "floats.tif", width: 110, height: 64, values: scene.values.map { $0 * 1000 + 5 }),
    ]
    let stretched = try inputs.map { path in
      var result = try imagery([RasterInput(path: path)])
      _ = try result.stretch()
      return result.blocks[0].values
    }
    expectClose(stretched[1], stretched[0], absolute: 1e-5, relative: 0)
    expectClose(stretched[2], stretched[0], absolute: 1e-5, relative: 0)
    #expect(stretched[0].max()! > 0.9)
  }

  @Test func `inputs of different numbers of bands are refused`() throws {
    let two = try fixture.coordinates("two.tif", width: 4, height: 4) { _, _ in true }
    let three = try fixture.raster(
      "three.tif", width: 2, height: 2, values: (0..<12).map(Float.init))
    let error = #expect(throws: SegError.self) {
      try imagery([RasterInput(path: two), RasterInput(path: three)])
    }
    let line = try #require(error).description
    #expect(line.contains(three) && line.contains(two))
    #expect(line.contains("3 bands") && line.contains("has 2"))
    #expect(!line.contains { $0.isNewline })
    #expect(throws: Never.self) {
      try imagery([RasterInput(path: two), RasterInput(path: three, bands: [1, 3])])
    }
  }

  @Test func `inputs without one pixel of data are refused`() throws {
    let empty = try fixture.coordinates("empty.tif", width: 40, height: 30) { _, _ in false }
    let error = #expect(throws: SegError.self) { try imagery([RasterInput(path: empty)]) }
    let line = try #require(error).description
    #expect(line.contains(empty) && line.contains("no pixel with data"))
    #expect(!line.contains { $0.isNewline })
    // Beside one with data it contributes nothing.
    let full = try fixture.coordinates("full.tif", width: 3, height: 3) { _, _ in true }
    #expect(try imagery([RasterInput(path: empty), RasterInput(path: full)]).blocks.count == 1)
  }

  @Test func `a file, band or window that is not there is refused by name`() throws {
    let path = try fixture.coordinates("a.tif", width: 4, height: 4) { _, _ in true }
    let refused = [
      RasterInput(path: fixture.path("none.tif")), RasterInput(path: path, bands: [1, 3]),
      RasterInput(path: path, window: Window(column: 2, row: 0, width: 3, height: 4)),
    ]
    for input in refused {
      let error = #expect(throws: RasterError.self) { try imagery([input]) }
      #expect(error?.path == input.path)
    }
  }

  @Test func `of a raster beyond the budget random windows are read`() throws {
    let side = 1100
    let path = try fixture.raster(
      "large.tif", width: side, height: side, values: [Float](repeating: 3, count: side * side),
      dataType: .uint8)
    #expect(try imagery([RasterInput(path: path)]).blocks.count == 4)
    let chosen = try (UInt64(0)..<6).map { seed in
      let blocks = try imagery([RasterInput(path: path)], budget: 1, seed: seed).blocks
      #expect(blocks.count == 1)
      return [blocks[0].width, blocks[0].height]
    }
    #expect(Set(chosen).count > 1)
    #expect(Set(chosen).isSubset(of: [[1024, 1024], [76, 1024], [1024, 76], [76, 76]]))
    let again = try imagery([RasterInput(path: path)], budget: 1, seed: 5).blocks[0]
    #expect([again.width, again.height] == chosen[5])
  }

  @Test func `visible bands are those the file names, or the usual order's`() throws {
    func bands(_ count: Int, _ names: [String]?) throws -> PhotometricJitter.Bands {
      let path = try fixture.raster(
        "bands-\(count)-\(names?.joined() ?? "").tif", width: 2, height: 2,
        values: (0..<4 * count).map(Float.init), bandNames: names)
      return try imagery([RasterInput(path: path)]).jitter.bands
    }
    #expect(try bands(4, ["nir", "blue", "green", "red"]) == .visible(red: 3, green: 2, blue: 1))
    #expect(try bands(3, nil) == .visible(red: 0, green: 1, blue: 2))
    #expect(try bands(4, nil) == .visible(red: 0, green: 1, blue: 2))
    #expect(try bands(2, nil) == .separate([0, 1]))
    #expect(try bands(6, nil) == .separate([0, 1, 2, 3, 4, 5]))
    #expect(try bands(3, ["nir", "red", "green"]) == .separate([0, 1, 2]))
  }
}
