import IIC
import Raster
import Seg
import Tensor
import TestSupport
import Testing

@Suite struct RasterLabellingTests {
  /// A pixel's probabilities depend on others up to this far away: the network's halo and the
  /// refinement's.
  private static let reach = 40

  let fixture: RasterFixture
  let model: SegmentationModel

  init() throws {
    fixture = try RasterFixture()
    model = try LearnedModel.shared.get().model
  }

  @Test(arguments: RasterLabelling.Refinement.allCases)
  func `labels do not depend on the tiles' side`(refinement: RasterLabelling.Refinement) throws {
    var scene = SmallScene(width: 151, height: 203)
    scene.clear { column, row in (60..<75).contains(column) && row > 90 && row < 130 }
    let input = RasterInput(path: try scene.write(to: fixture, "a.tif"))
    let whole = try LabelledRaster(
      input, width: 151, height: 203, model: model, refinement: refinement)
    #expect(whole.windows == [Window(column: 0, row: 0, width: 151, height: 203)])
    #expect(Set(whole.labels) == [0, 1, 2, 3])
    for side in [64, 96, 101] {
      let tiled = try LabelledRaster(
        input, width: 151, height: 203, model: model, tileSide: side, refinement: refinement)
      #expect(tiled.windows.count > 2)
      // Summation differs in its order and so in the last bits, in the raster's corners as well.
      #expect(tiled.agreement(with: whole) >= (refinement == .none ? 0.9999 : 0.999))
      let pixels = whole.labels.indices.filter { whole.labels[$0] > 0 }
      func values(_ labelled: LabelledRaster) -> [Float] {
        pixels.flatMap { labelled.probabilities[3 * $0..<3 * $0 + 3] }
      }
      expectClose(
        values(tiled), values(whole), absolute: refinement == .none ? 1e-4 : 2e-3, relative: 0,
        "tiles of \(side)")
    }
  }

  @Test func `a network that comes to no numbers labels nothing`() throws {
    let file = model.file
    var tensors = file.tensors
    let name = "head_B.heads.\(file.subHead).0.weight"
    let weight = try #require(tensors[name])
    tensors[name] = Tensor(
      shape: weight.shape, values: [Float](repeating: 3e38, count: weight.count))
    let broken = try SegmentationModel(
      ModelFile(
        configuration: file.configuration, tensors: tensors, bands: file.bands,
        subHead: file.subHead))
    let input = RasterInput(
      path: try SmallScene(width: 120, height: 70).write(to: fixture, "a.tif"))
    #expect(throws: IICError.self) {
      _ = try LabelledRaster(input, width: 120, height: 70, model: broken)
    }
  }

  @Test func `a wider overlap changes nothing`() throws {
    let input = RasterInput(
      path: try SmallScene(width: 120, height: 70).write(to: fixture, "a.tif"))
    func labelled(_ overlap: Int?) throws -> LabelledRaster {
      try LabelledRaster(
        input, width: 120, height: 70, model: model, tileSide: 64, overlap: overlap)
    }
    let usual = try labelled(nil)
    #expect(try labelled(0) == usual)
    #expect(try labelled(Self.reach) == usual)
    let wide = try labelled(71)
    #expect(wide.agreement(with: usual) >= 0.999)
    expectClose(wide.probabilities, usual.probabilities, absolute: 2e-3, relative: 0)
  }

  @Test func `threads change no bit, and tiles come row by row`() throws {
    let input = RasterInput(
      path: try SmallScene(width: 151, height: 103).write(to: fixture, "a.tif"))
    let one = try LabelledRaster(
      input, width: 151, height: 103, model: model, tileSide: 64, threads: 1)
    let two = try LabelledRaster(
      input, width: 151, height: 103, model: model, tileSide: 64, threads: 2)
    #expect(one == two)
    #expect(
      two.windows == [
        Window(column: 0, row: 0, width: 64, height: 64),
        Window(column: 64, row: 0, width: 64, height: 64),
        Window(column: 128, row: 0, width: 23, height: 64),
        Window(column: 0, row: 64, width: 64, height: 39),
        Window(column: 64, row: 64, width: 64, height: 39),
        Window(column: 128, row: 64, width: 23, height: 39),
      ])
  }

  @Test(arguments: RasterLabelling.Refinement.allCases)
  func `pixels with data get the likeliest class, others none`(
    refinement: RasterLabelling.Refinement
  ) throws {
    var scene = SmallScene(width: 140, height: 90)
    // A tile without data, a ragged border, and single pixels.
    func isCleared(_ column: Int, _ row: Int) -> Bool {
      (column < 70 && row < 66) || column - row > 120 || (column % 23 == 5 && row % 19 == 3)
    }
    scene.clear(isCleared)
    let labelled = try LabelledRaster(
      RasterInput(path: try scene.write(to: fixture, "a.tif")), width: 140, height: 90,
      model: model, tileSide: 64, refinement: refinement)
    for pixel in labelled.labels.indices {
      let probabilities = labelled.probabilities[3 * pixel..<3 * pixel + 3]
      if isCleared(pixel % 140, pixel / 140) {
        #expect(labelled.labels[pixel] == 0)
        #expect(probabilities.allSatisfy { $0.isNaN })
      } else {
        #expect(abs(probabilities.reduce(0, +) - 1) < 1e-4)
        #expect(probabilities.allSatisfy { $0 >= 0 && $0 <= 1.0001 })
        let label = Int(labelled.labels[pixel])
        try #require((1...3).contains(label))
        #expect(probabilities[3 * pixel + label - 1] == probabilities.max())
      }
    }
  }

  @Test func `probabilities come only where asked for, and change no label`() throws {
    let input = RasterInput(
      path: try SmallScene(width: 75, height: 68).write(to: fixture, "a.tif"))
    let withProbabilities = try LabelledRaster(
      input, width: 75, height: 68, model: model, tileSide: 128)
    try RasterLabelling(model, tileSide: 128).label(input, threads: 1) { tile, _, _ in
      #expect(tile.probabilities.isEmpty)
      #expect(tile.labels == withProbabilities.labels)
    }
  }

  @Test func `what lies under nodata does not matter`() throws {
    var scene = SmallScene(width: 80, height: 60)
    scene.clear { column, row in column > 30 && row > 20 && column + row < 90 }
    let zero = try scene.write(to: fixture, "a.tif")
    // The same as float32 with another value in the same pixels.
    let values = scene.values.map { $0 == 0 ? -32_768 : $0 }
    let other = try fixture.raster(
      "b.tif", width: 80, height: 60, values: values, nodata: -32_768)
    let third = try fixture.raster("c.tif", width: 80, height: 60, values: values)
    let labelled = try [
      RasterInput(path: zero), RasterInput(path: other), RasterInput(path: third, nodata: -32_768),
    ].map { try LabelledRaster($0, width: 80, height: 60, model: model) }
    #expect(labelled[0].labels == labelled[1].labels && labelled[0].labels == labelled[2].labels)
    #expect(labelled[0].labels.contains(0))
  }

  @Test func `a raster without data gets no label`() throws {
    let path = try fixture.raster(
      "a.tif", width: 70, height: 33, values: [Float](repeating: 0, count: 70 * 33 * 4),
      dataType: .uint8, nodata: 0)
    let labelled = try LabelledRaster(
      RasterInput(path: path), width: 70, height: 33, model: model, tileSide: 64)
    #expect(labelled.labels.allSatisfy { $0 == 0 })
    #expect(labelled.probabilities.allSatisfy { $0.isNaN })
  }

  @Test(arguments: [(1, 1), (3, 2), (9, 40)])
  func `rasters smaller than what a cell sees are labelled`(width: Int, height: Int) throws {
    let path = try SmallScene(width: width, height: height).write(to: fixture, "a.tif")
    let labelled = try LabelledRaster(
      RasterInput(path: path), width: width, height: height, model: model)
    #expect(labelled.labels.allSatisfy { (1...3).contains($0) })
  }

  @Test(arguments: [
    // Inside, at an odd corner, in the raster's corners, smaller than what a cell sees.
    Window(column: 52, row: 30, width: 160, height: 151),
    Window(column: 33, row: 61, width: 70, height: 50),
    Window(column: 0, row: 0, width: 40, height: 31),
    Window(column: 201, row: 180, width: 55, height: 40),
    Window(column: 117, row: 40, width: 1, height: 3),
  ])
  func `a window is labelled as it is in the whole raster, to its edge`(window: Window) throws {
    let path = try SmallScene(width: 256, height: 220).write(to: fixture, "a.tif")
    let whole = try LabelledRaster(RasterInput(path: path), width: 256, height: 220, model: model)
    let part = try LabelledRaster(
      RasterInput(path: path, window: window), width: window.width, height: window.height,
      model: model, tileSide: 64)
    let places = (window.row..<window.row + window.height).flatMap { row in
      (window.column..<window.column + window.width).map { row * 256 + $0 }
    }
    let equal = zip(part.labels, places).count { $0 == whole.labels[$1] }
    #expect(Double(equal) >= 0.999 * Double(places.count))
    expectClose(
      part.probabilities, places.flatMap { whole.probabilities[3 * $0..<3 * $0 + 3] },
      absolute: 2e-3, relative: 0)
  }

  @Test func `a mask takes labels away outside and changes none inside`() throws {
    let path = try SmallScene(width: 140, height: 130).write(to: fixture, "a.tif")
    func isInside(_ pixel: Int) -> Bool {
      let (column, row) = (pixel % 140, pixel / 140)
      return column + row > 60 && column < 90
    }
    let mask = try fixture.raster(
      "mask.tif", width: 140, height: 130,
      values: (0..<140 * 130).map { isInside($0) ? 1 : 0 }, dataType: .uint8)
    let whole = try LabelledRaster(RasterInput(path: path), width: 140, height: 130, model: model)
    let masked = try LabelledRaster(
      RasterInput(path: path, mask: mask), width: 140, height: 130, model: model)
    for pixel in whole.labels.indices {
      #expect(masked.labels[pixel] == (isInside(pixel) ? whole.labels[pixel] : 0))
      #expect(masked.probabilities[3 * pixel].isNaN == !isInside(pixel))
    }
    // A window of it, tile by tile.
    let window = Window(column: 31, row: 20, width: 80, height: 90)
    let part = try LabelledRaster(
      RasterInput(path: path, window: window, mask: mask), width: 80, height: 90, model: model,
      tileSide: 64)
    for pixel in part.labels.indices {
      let place = (20 + pixel / 80) * 140 + 31 + pixel % 80
      #expect((part.labels[pixel] == 0) == !isInside(place))
    }
  }

  @Test func `a mask of another size is refused by name`() throws {
    let path = try SmallScene(width: 40, height: 40).write(to: fixture, "a.tif")
    let mask = try fixture.raster(
      "mask.tif", width: 40, height: 39, values: [Float](repeating: 1, count: 40 * 39))
    let error = #expect(throws: SegError.self) {
      _ = try LabelledRaster(
        RasterInput(path: path, mask: mask), width: 40, height: 40, model: model)
    }
    #expect(error?.path == mask)
    #expect(error?.reason.contains("40 × 39") == true)
  }

  @Test func `chosen bands are taken in the order given`() throws {
    let scene = SmallScene(width: 50, height: 40)
    let path = try scene.write(to: fixture, "a.tif")
    let turned = (0..<50 * 40).flatMap { pixel -> [Float] in
      [3, 0, 2, 1].map { scene.values[4 * pixel + $0] } + [0]
    }
    let other = try fixture.raster("b.tif", width: 50, height: 40, values: turned)
    #expect(
      try LabelledRaster(RasterInput(path: path), width: 50, height: 40, model: model)
        == LabelledRaster(
          RasterInput(path: other, bands: [2, 4, 3, 1]), width: 50, height: 40, model: model))
  }

  @Test func `a raster of another number of bands is refused by name`() throws {
    let path = try fixture.raster(
      "three.tif", width: 40, height: 40, values: [Float](repeating: 1, count: 40 * 40 * 3))
    let error = #expect(throws: SegError.self) {
      try LabelledRaster(RasterInput(path: path), width: 40, height: 40, model: model)
    }
    let line = try #require(error).description
    #expect(line.contains(path) && line.contains("3 bands") && line.contains("takes 4"))
    #expect(!line.contains { $0.isNewline })
    let missing = #expect(throws: RasterError.self) {
      try LabelledRaster(
        RasterInput(path: path, bands: [1, 2, 3, 4]), width: 40, height: 40, model: model)
    }
    #expect(missing?.path == path)
  }

  @Test func `what the receiver throws ends the labelling`() throws {
    struct Enough: Error, Equatable {}
    let path = try SmallScene(width: 140, height: 140).write(to: fixture, "a.tif")
    var received: [Int] = []
    #expect(throws: Enough()) {
      try RasterLabelling(model, tileSide: 32, refinement: .none).label(
        RasterInput(path: path), threads: 2
      ) { _, done, count in
        #expect(count == 25)
        received.append(done)
        if done == 3 { throw Enough() }
      }
    }
    #expect(received == [1, 2, 3])
  }
}
