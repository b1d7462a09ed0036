import Foundation
import Tensor
import TestSupport
import Testing

@testable import IIC

/// Training of features by a question about two patches.
@Suite struct PretextTests {
  private let workers = Workers(threads: 2)

  private func configuration(side: Int = 24, width: Double = 1.0 / 64) throws -> ModelConfiguration
  {
    try ModelConfiguration(
      architecture: .segmentationNet10aTrunk, inputChannels: 2, inputSize: side, classes: 3,
      subHeads: 1, width: width, includeRGB: true, batchNormTracking: true)
  }

  private func network(
    _ task: PretextTask, patchSide: Int = 3, seed: UInt64 = 4
  ) throws -> PretextNetwork {
    var generator = SeededGenerator(seed: seed)
    return try PretextNetwork(
      configuration: configuration(), settings: .init(task: task, patchSide: patchSide),
      generator: &generator)
  }

  /// A golden tensor by the name that it has here, as held in memory: the first linear layer's
  /// weights, of both maps in the file, are two parameters.
  private func golden(
    _ golden: GoldenFile, _ prefix: String, _ name: String, shape: [Int]
  ) throws -> Tensor {
    let file = name.hasPrefix("pretext.") ? String(name.dropFirst("pretext.".count)) : name
    let half = file.hasSuffix(".first") ? 0 : file.hasSuffix(".second") ? 1 : nil
    guard let half else {
      let tensor = golden["\(prefix).\(file)"].tensor
      return shape.count == 4
        ? tensor.reshaped(to: [3, 2, 0, 1].map { shape[$0] }).convolutionWeightFromFile() : tensor
    }
    let both = golden["\(prefix).joint.0.weight"]
    let (outputs, inputs) = (both.shape[0], both.shape[1] / 2)
    var values: [Float] = []
    for output in 0..<outputs {
      let first = (2 * output + half) * inputs
      values += both.values[first..<first + inputs]
    }
    return Tensor(shape: [3, 2, 0, 1].map { shape[$0] }, values: values)
      .convolutionWeightFromFile()
  }

  @Test(arguments: [
    ("isola", PretextTask.isola), ("isola_apart", .isola), ("doersch", .doersch),
  ])
  func aStepAgreesWithAnotherImplementation(name: String, task: PretextTask) throws {
    let file = try GoldenFile("pretexts")
    let shapes = try network(task).tensors.mapValues(\.shape)
    var network = try PretextNetwork(
      configuration: configuration(), settings: .init(task: task, patchSide: 3),
      tensors: Dictionary(
        uniqueKeysWithValues: shapes.map {
          ($0.key, try golden(file, "\(name).before", $0.key, shape: $0.value))
        }))
    network.head.dropout = 0
    let places = file["\(name).places"].values.map { Int($0) }
    let batch = PretextBatch(
      views: file["\(name).x"].tensor, mask: file["\(name).mask"].tensor,
      question: PretextQuestion(
        first: .init(row: places[0], column: places[1]),
        second: .init(row: places[2], column: places[3]),
        answer: Int(file["\(name).answer"].scalar)), dropout: SeededGenerator(seed: 0))
    let loss = try network.addGradients(of: batch, by: task, on: workers)
    expectClose(
      loss, Double(file["\(name).loss"].scalar), absolute: 1e-5, relative: 1e-5)
    for parameter in network.parameters {
      let wanted = try golden(
        file, "\(name).gradient", parameter.name, shape: parameter.value.shape)
      let largest = ReferenceTensor(wanted).largestMagnitude
      #expect(parameter.hasGradient)
      expectClose(
        parameter.gradient, wanted, absolute: 2e-4 * max(largest, 1e-4), relative: 2e-4,
        parameter.name)
    }
    for buffer in network.buffers {
      expectClose(
        buffer.value, try golden(file, "\(name).after", buffer.name, shape: buffer.value.shape),
        absolute: 1e-5, relative: 1e-5, buffer.name)
    }
  }

  @Test(arguments: [(PretextTask.isola, 0), (.isola, 1), (.doersch, 0), (.doersch, 7)])
  func theLosssGradientIsTheDifference(task: PretextTask, answer: Int) {
    let logits = ReferenceTensor.random([4, task.logits], seed: 3, in: -3...3)
    let counted = [true, false, true, true]
    func loss(_ logits: ReferenceTensor) -> Double {
      (0..<4).filter { counted[$0] }.reduce(0.0) { sum, image in
        let row = (0..<task.logits).map { exp(logits[image, $0]) }
        let right =
          task == .isola
          ? (answer == 1 ? row[0] : 1) / (1 + row[0]) : row[answer] / row.reduce(0, +)
        return sum - log(right) / 3
      }
    }
    let result = PretextLoss.evaluate(task, logits.tensor, answer: answer, counted: counted)
    expectClose(result.loss, loss(logits), absolute: 1e-6, relative: 1e-6)
    expectClose(
      ReferenceTensor(result.gradient), CentralDifference.gradient(of: loss, at: logits),
      absolute: 1e-7, relative: 1e-5)
    let none = PretextLoss.evaluate(
      task, logits.tensor, answer: answer, counted: [false, false, false, false])
    #expect(none.loss == 0 && none.gradient.values.allSatisfy { $0 == 0 })
  }

  @Test func answersThatAreHopelesslyWrongCost() {
    let logits = Tensor(shape: [2, 1], values: [-2000, 2000])
    for answer in [0, 1] {
      let result = PretextLoss.evaluate(
        .isola, logits, answer: answer, counted: [true, true])
      #expect(result.loss == 1000)
      #expect(result.gradient.values == (answer == 1 ? [-0.5, 0] : [0, 0.5]))
    }
  }

  /// The loss moves along the gradient as the gradient says, with the same units left out.
  @Test(arguments: PretextTask.allCases) func dropoutsGradientIsTheDifference(
    _ task: PretextTask
  ) throws {
    var network = try network(task, patchSide: 5)
    var generator = SeededGenerator(seed: 8)
    // A head that is sure of something, so that gradients are not all rounding.
    network.forEachParameter { parameter in
      guard parameter.name.hasPrefix("pretext.joint") else { return }
      for index in 0..<parameter.value.count {
        parameter.value[index] += 0.1 * generator.normal()
      }
    }
    let batch = PretextBatch(
      views: ReferenceTensor.random([5, 24, 24, 2], seed: 2, in: 0...1).tensor,
      question: PretextQuestion.draw(task, side: 24, patchSide: 5, using: &generator),
      dropout: SeededGenerator(seed: 6))
    var trained = network
    let loss = try trained.addGradients(of: batch, by: task, on: workers)
    var again = network
    #expect(try again.addGradients(of: batch, by: task, on: workers) == loss)
    var other = batch
    other.dropout = SeededGenerator(seed: 7)
    #expect(try again.addGradients(of: other, by: task, on: workers) != loss)

    for part in ["pretext.joint.3", "pretext.joint.0", "pretext.branch", "trunk"] {
      let gradients = Dictionary(
        uniqueKeysWithValues: trained.parameters.filter { $0.name.hasPrefix(part) }.map {
          ($0.name, $0.gradient)
        })
      let square = gradients.values.reduce(0.0) { sum, gradient in
        sum + gradient.values.reduce(0.0) { $0 + Double($1) * Double($1) }
      }
      let step = 2e-3 / square.squareRoot()
      func moved(by step: Double) throws -> Double {
        var network = network
        network.forEachParameter { parameter in
          guard let gradient = gradients[parameter.name] else { return }
          parameter.value.add(gradient, scaledBy: Float(step), on: workers)
        }
        return try network.addGradients(of: batch, by: task, on: workers)
      }
      let slope = (try moved(by: step) - moved(by: -step)) / (2 * step)
      #expect(square > 0)
      expectClose(slope, square, absolute: 0, relative: 0.02, part)
    }
  }

  @Test func questionsAreAskedAsPublished() {
    var generator = SeededGenerator(seed: 1)
    let (side, patch) = (64, 11)
    let inside = patch / 2..<side - patch / 2
    var (near, directions): (Int, [Int]) = (0, Array(repeating: 0, count: 8))
    for _ in 0..<2000 {
      for task in PretextTask.allCases {
        let question = PretextQuestion.draw(
          task, side: side, patchSide: patch, using: &generator)
        let (first, second) = (question.first, question.second)
        for place in [first, second] {
          #expect(inside.contains(place.row) && inside.contains(place.column))
        }
        for place in [first.row, first.column] { #expect((16..<48).contains(place)) }
        let (down, right) = (second.row - first.row, second.column - first.column)
        let distance = Double(down * down + right * right).squareRoot()
        switch (task, question.answer) {
        case (.isola, 1):
          near += 1
          #expect(abs(down) == patch && abs(right) == patch)
        case (.isola, _):
          #expect(question.answer == 0 && distance > 2 * Double(patch) - 1.5)
        case (.doersch, let answer):
          directions[answer] += 1
          #expect((1.5 * Double(patch) - 1.5...2 * Double(patch) + 1.5).contains(distance))
          let eighth = atan2(Double(down), Double(right)) / (2 * .pi) * 8
          let away = abs(eighth - Double(answer)).truncatingRemainder(dividingBy: 8)
          #expect(min(away, 8 - away) < 0.1, "\(question)")
        }
      }
    }
    #expect((900..<1100).contains(near))
    #expect(directions.allSatisfy { (150..<350).contains($0) }, "\(directions)")
  }

  @Test func otherColoursAreSeenBesideTheSameGradients() {
    let bands = ReferenceTensor.random([1, 6, 5, 3], seed: 1, in: 0...1).tensor
    let shown = ReferenceTensor.random([1, 6, 5, 3], seed: 2, in: 0...1).tensor
    let input = SobelInput(includeRGB: true)
    let own = input.channels(of: bands, on: workers)
    let other = input.channels(of: bands, showing: shown, on: workers)
    for pixel in 0..<30 {
      for channel in 0..<5 {
        let value = other[pixel * 5 + channel]
        #expect(value == (channel < 3 ? shown[pixel * 3 + channel] : own[pixel * 5 + channel]))
      }
    }
  }

  @Test func aModelFileHoldsTheTrunkAlone() throws {
    let network = try network(.doersch)
    let configuration = network.configuration
    #expect(configuration.heads.isEmpty && network.trunk.heads.isEmpty)
    let bands = try ["one", "two"].map { try BandScaling(name: $0, offset: 0, scale: 255) }
    let file = try ModelFile(
      bytes: ModelFile(
        configuration: configuration, tensors: network.trunk.tensors, bands: bands
      ).serialised())
    #expect(file.configuration == configuration)
    #expect(file.tensors.keys.allSatisfy { $0.hasPrefix("trunk.") })
    let trunk = try SegmentationNetwork(
      configuration: file.configuration, tensors: file.tensors)
    let x = ReferenceTensor.random([1, 24, 24, 2], seed: 6, in: 0...1).tensor
    #expect(
      trunk.trunkFeatures(x, on: workers).values
        == network.trunk.trunkFeatures(x, on: workers).values)
    #expect(throws: IICError.self) {
      try ModelFile(configuration: configuration, tensors: network.tensors, bands: bands)
    }
    #expect(throws: IICError.self) {
      try ModelConfiguration(
        architecture: .segmentationNet10aTrunk, inputChannels: 2, inputSize: 24, classes: 3,
        subHeads: 2, includeRGB: true, batchNormTracking: true)
    }
    var generator = SeededGenerator(seed: 1)
    let withHead = try ModelConfiguration(
      architecture: .segmentationNet10a, inputChannels: 2, inputSize: 24, classes: 3, subHeads: 1,
      batchNormTracking: true)
    #expect(throws: IICError.self) {
      try PretextNetwork(
        configuration: withHead, settings: .init(task: .isola), generator: &generator)
    }
  }

  @Test func recipesGoTogetherOrSayWhatDoesNot() throws {
    let recipe = try Recipe.find("potsdam-3-isola")
    #expect(recipe.kind == .pretext && recipe.denseLoss == nil)
    let changed = try recipe.setting(["pretext.task=doersch", "patchSide=21"])
    #expect(changed.pretext == Recipe.PretextSettings(task: .doersch, patchSide: 21))
    for (name, change, reason) in [
      ("potsdam-3-isola", "patchSide=10", "patchSide"),
      ("potsdam-3-isola", "patchSide=51", "patchSide"),
      ("potsdam-3-isola", "task=jigsaw", "isola, doersch"),
      ("potsdam-3-isola", "pretext=null", "`pretext` is missing"),
      ("potsdam-3-isola", "repeats=3", "repeats"),
      ("potsdam-3-isola", "headB.lambda=2", "lambda"),
      ("potsdam-3-isola", "pictureEvery=5", "pictureEvery"),
      ("potsdam-3-isola", "denseLoss.displacement=5", "denseLoss"),
      ("potsdam-3-plus", "pretext.task=isola", "pretext"),
    ] {
      let error = try #require(throws: IICError.self) {
        try Recipe.find(name).setting([change])
      }
      #expect(error.description.contains(reason), "\(change): \(error)")
    }
  }
}
