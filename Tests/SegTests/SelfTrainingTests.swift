import Foundation
import IIC
import Raster
import Seg
import Tensor
import Testing

@Suite struct SelfTrainingTests {
  let fixture: RasterFixture
  init() throws { fixture = try RasterFixture() }

  @Test func `a seed and a number of threads fix every bit`() throws {
    let first = try LearnedModel.shared.get()
    let second = try LearnedModel(seed: 7)
    #expect(try first.model.file.serialised() == second.model.file.serialised())
    #expect(first.progress.map(\.loss) == second.progress.map(\.loss))
    let other = try LearnedModel(seed: 8)
    #expect(first.progress.map(\.loss) != other.progress.map(\.loss))
    #expect(first.model.file.tensors.contains { $1.values != other.model.file.tensors[$0]?.values })
  }

  /// As of a sensor that marks dead pixels and does not say so.
  @Test func `a few absurd pixels spoil nothing`() throws {
    let scene = LearnedModel.scene
    func input(_ name: String, dead: Float) throws -> RasterInput {
      var values = scene.values
      for pixel in [300, 9_000, 40_000] { values[4 * pixel + 1] = dead }
      return RasterInput(
        path: try fixture.raster(name, width: scene.width, height: scene.height, values: values))
    }
    let absurd = try input("absurd.tif", dead: -1e30)
    let learned = try LearnedModel([absurd], LearnedModel.settings(seed: 7))
    #expect(learned.progress.allSatisfy { $0.loss.isFinite })
    // Beyond the end of the scale it does not matter how far.
    let usual = try LearnedModel([input("usual.tif", dead: -1e4)], LearnedModel.settings(seed: 7))
    #expect(try learned.model.file.serialised() == usual.model.file.serialised())
    let labelled = try LabelledRaster(
      absurd, width: scene.width, height: scene.height, model: learned.model)
    #expect(labelled.probabilities.allSatisfy { $0.isFinite })
  }

  @Test func `pixels that never lie together are refused before learning`() throws {
    var scene = SmallScene(width: 80, height: 80)
    scene.clear { _, row in row % 2 == 0 }
    let input = RasterInput(path: try scene.write(to: fixture, "stripes.tif"))
    let error = #expect(throws: SegError.self) {
      _ = try LearnedModel([input], LearnedModel.settings(seed: 7))
    }
    #expect(error?.description.contains("2 × 2") == true)
  }

  @Test func `every step is reported, with a loss that can be`() throws {
    let progress = try LearnedModel.shared.get().progress
    #expect(progress.map(\.step) == Array(1...6))
    #expect(progress.allSatisfy { $0.steps == 6 })
    // Fifteen over-clusters: between no and full information.
    #expect(progress.allSatisfy { $0.loss >= -log(15.0) && $0.loss <= 0 })
    #expect(Set(progress.map(\.loss)).count == 6)
  }

  @Test func `the model says what it learned from and how it labels`() throws {
    let file = try LearnedModel.shared.get().model.file
    #expect(file.bands.map(\.name) == ["red", "green", "blue", "near infrared"])
    // Scaled to where the values lie.
    for (index, band) in file.bands.enumerated() {
      let values = LearnedModel.scene.values.indices.filter { $0 % 4 == index }.map {
        LearnedModel.scene.values[$0]
      }.sorted()
      #expect(abs(band.offset - values[values.count / 100]) <= 1)
      #expect(abs(band.offset + band.scale - values[values.count * 99 / 100]) <= 1)
    }
    #expect(file.classes?.map(\.name) == ["class 1", "class 2", "class 3"])
    let colours = file.classes?.map(\.colour) ?? []
    #expect(colours.indices.allSatisfy { colours.firstIndex(of: colours[$0]) == $0 })
    #expect(file.configuration.overclusters == 15 && file.configuration.subHeads == 3)
    #expect((0..<3).contains(file.subHead))
  }

  @Test(arguments: RasterLabelling.Refinement.allCases)
  func `every class is there, and the first covers most`(
    refinement: RasterLabelling.Refinement
  ) throws {
    let path = try LearnedModel.scene.write(to: fixture, "scene.tif")
    let labelled = try LabelledRaster(
      RasterInput(path: path), width: 256, height: 256,
      model: LearnedModel.shared.get().model, refinement: refinement)
    let areas = (1...3).map { label in
      Double(labelled.labels.count { $0 == label }) / Double(256 * 256)
    }
    #expect(areas.reduce(0, +) == 1)
    #expect(areas[0] > areas[1] && areas[0] > areas[2], "\(areas)")
    #expect(areas[1] > 0 && areas[2] > 0, "\(areas)")
  }

  @Test func `a model that was written and read again labels alike`() throws {
    let model = try LearnedModel.shared.get().model
    try model.file.write(to: fixture.path("model.safetensors"))
    let again = try SegmentationModel(reading: fixture.path("model.safetensors"))
    #expect(try again.file.serialised() == model.file.serialised())
    let path = try SmallScene(width: 90, height: 71, seed: 3).write(to: fixture, "a.tif")
    let (before, after) = try (
      LabelledRaster(RasterInput(path: path), width: 90, height: 71, model: model),
      LabelledRaster(RasterInput(path: path), width: 90, height: 71, model: again)
    )
    #expect(before == after)
    #expect(Set(before.labels).count > 1)
  }

  @Test(arguments: [(20, 20), (31, 9)])
  func `rasters smaller than a patch are learned from and labelled`(width: Int, height: Int)
    throws
  {
    let values = (0..<width * height).flatMap { pixel -> [Float] in
      pixel % width < width / 2 ? [10, 200] : [150, Float(pixel % 7)]
    }
    let path = try fixture.raster(
      "tiny.tif", width: width, height: height, values: values, dataType: .uint8)
    var settings = LearnedModel.settings(seed: 1)
    settings.classes = 2
    settings.steps = 3
    let learned = try LearnedModel([RasterInput(path: path)], settings)
    // The loss finds something to look at.
    #expect(learned.progress.allSatisfy { $0.loss < 0 && $0.loss >= -log(10.0) })
    let labelled = try LabelledRaster(
      RasterInput(path: path), width: width, height: height, model: learned.model)
    #expect(labelled.labels.allSatisfy { (1...2).contains($0) })
  }

  @Test func `settings out of range are refused before anything is read`() {
    let nowhere = [RasterInput(path: fixture.path("none.tif"))]
    func refusal(_ change: (inout SelfTraining.Settings) -> Void) -> IICError? {
      var settings = LearnedModel.settings(seed: 0)
      change(&settings)
      return #expect(throws: IICError.self) { try LearnedModel(nowhere, settings) }
    }
    #expect(refusal { $0.classes = 1 }?.reason.contains("classes") == true)
    #expect(refusal { $0.overclusters = 5000 }?.reason.contains("overclusters") == true)
    #expect(refusal { $0.subHeads = 0 }?.reason.contains("subHeads") == true)
    #expect(refusal { $0.width = 0 }?.reason.contains("width") == true)
    for side in [33, 8, 0, -4] {
      #expect(refusal { $0.patchSide = side }?.reason.contains("patchSide") == true)
    }
    #expect(refusal { $0.patchSide = 1 << 20 }?.reason.contains("inputSize") == true)
    #expect(refusal { $0.pairsPerStep = 0 }?.reason.contains("pairsPerStep") == true)
    #expect(refusal { $0.steps = 0 }?.reason.contains("steps") == true)
    #expect(refusal { $0.learningRate = .nan }?.reason.contains("learningRate") == true)
    #expect(refusal { $0.overclusterLambda = -1 }?.reason.contains("overclusterLambda") == true)
    for halfSide in [-1, 28] {
      #expect(refusal { $0.halfSide = halfSide }?.reason.contains("halfSide") == true)
    }
    #expect(throws: RasterError.self) { try LearnedModel(nowhere, LearnedModel.settings(seed: 0)) }
  }

  @Test func `a raster too small to learn anything from is refused`() throws {
    let path = try fixture.raster("dot.tif", width: 1, height: 3, values: [1, 2, 3])
    let error = #expect(throws: SegError.self) {
      try LearnedModel([RasterInput(path: path)], LearnedModel.settings(seed: 1))
    }
    #expect(error?.description.contains(path) == true)
  }
}
