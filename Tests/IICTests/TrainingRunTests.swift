import Foundation
import Tensor
import TestSupport
import Testing

@testable import IIC

/// A source of four batches of noise a pass.
private struct NoisePairs: ResumablePairSource {
  var generator: SeededGenerator
  private var left = 0

  init(generator: SeededGenerator) { self.generator = generator }

  func pairs(inPart part: Int) -> Int { 4 * 10 }

  mutating func beginPass(part: Int) { left = 4 }

  mutating func nextBatch() -> PairBatch? {
    guard left > 0 else { return nil }
    left -= 1
    func views(_ count: Int) -> Tensor {
      Tensor(
        shape: [count, 24, 24, 1],
        values: (0..<count * 24 * 24).map { _ in generator.uniform(0...1) })
    }
    return PairBatch(first: views(5), second: views(10), repeats: 2)
  }
}

@Suite struct TrainingRunTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(component: "iic-run-tests-\(UUID().uuidString)").path(percentEncoded: false)
  private let workers = Workers(threads: 2)

  private func recipe(epochs: Int) throws -> Recipe {
    try Recipe.find("mnist").setting([
      "epochs=\(epochs)", "width=0.03", "subHeads=2", "classes=3", "overclusters=6", "pairs=10",
      "repeats=2", "batchNormTracking=true", "learningRate=0.01", "learningRateDrops=[3]",
      "training.headB.passes=1",
    ])
  }

  private func begin(
    _ name: String, epochs: Int
  ) throws -> TrainingRun<ClusterNetwork, NoisePairs> {
    let recipe = try recipe(epochs: epochs)
    var generator = SeededGenerator(seed: 7)
    return TrainingRun(
      in: try RunFolder(beginning: "\(folder)/\(name)", overwrite: false),
      recipe: recipe,
      network: try ClusterNetwork(configuration: recipe.network, generator: &generator),
      plan: plan(recipe), source: NoisePairs(generator: generator.split()),
      input: ModelInput(bands: [try BandScaling(name: "grey", offset: 0, scale: 255)]), seed: 7)
  }

  private func resume(
    _ name: String, epochs: Int
  ) throws -> TrainingRun<ClusterNetwork, NoisePairs> {
    let recipe = try recipe(epochs: epochs)
    let run = try RunFolder(resuming: "\(folder)/\(name)")
    let state = try #require(try run.state())
    return try TrainingRun(
      resuming: state, in: run, recipe: recipe,
      network: ClusterNetwork(configuration: recipe.network, tensors: state.tensors),
      plan: plan(recipe), source: NoisePairs(generator: state.generator),
      input: ModelInput(bands: [try BandScaling(name: "grey", offset: 0, scale: 255)]))
  }

  private func plan(_ recipe: Recipe) -> TrainingPlan<ClusterNetwork> {
    TrainingPlan(recipe.training) { head, lambda in
      TrainingStep(objectives: [HeadObjective(head: head, loss: JointLoss(lambda: lambda))])
    }
  }

  /// Scores that rise and fall, so that the best epoch is not the last.
  private func scores(_ network: ClusterNetwork) -> NetworkScores {
    let total = Int(abs(network.parameters[0].value.values.reduce(0, +)) * 1000) % 10
    let matrix = ConfusionMatrix(
      classes: 3, predictions: 3, counts: [10, 0, 0, 0, 10, 0, total, 0, 10 - total])
    return NetworkScores(ClusterConfusions(assignment: [matrix, matrix]).evaluation)
  }

  private func go(_ run: inout TrainingRun<ClusterNetwork, NoisePairs>) throws {
    try run.run(
      on: workers,
      RunActions(evaluate: { scores($0) }, report: { "\($0.rows.count) rows" }))
  }

  private func bytes(_ name: String, _ file: RunFolder.File) -> Data? {
    FileManager.default.contents(atPath: "\(folder)/\(name)/\(file.rawValue)")
  }

  @Test(arguments: [1, 2, 3]) func resumesBitForBit(_ stopAfter: Int) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var whole = try begin("whole", epochs: 4)
    try go(&whole)
    var first = try begin("parts", epochs: stopAfter)
    try go(&first)
    var second = try resume("parts", epochs: 4)
    try go(&second)
    for file in [RunFolder.File.state, .report] {
      #expect(bytes("parts", file) == bytes("whole", file), "\(file.rawValue)")
    }
    // The recipe of each is in its models, and the first part's says other epochs.
    for file in [RunFolder.File.model, .latest, .bestAccuracy] {
      let (one, other) = (
        try ModelFile(reading: "\(folder)/parts/\(file.rawValue)"),
        try ModelFile(reading: "\(folder)/whole/\(file.rawValue)")
      )
      #expect(one.tensors.keys == other.tensors.keys && one.subHead == other.subHead)
      for (name, tensor) in one.tensors {
        #expect(tensor.values == other.tensors[name]?.values, "\(file.rawValue) \(name)")
      }
    }
    let timed = Set(["seconds", "pairs_per_second"])
    for column in whole.metrics.columns where !timed.contains(column) {
      #expect(second.metrics.column(column) == whole.metrics.column(column), "\(column)")
    }
    #expect(second.metrics.rows.count == 5 && second.trainer.optimiser.learningRate == 0.001)
  }

  @Test func aStopBetweenFilesCostsTheEpochAlone() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var whole = try begin("whole", epochs: 2)
    try go(&whole)
    var run = try begin("parts", epochs: 1)
    try go(&run)
    // Stopped after all files of epoch 2 but the state were written.
    let state = try #require(bytes("parts", .state))
    var ahead = try resume("parts", epochs: 2)
    try go(&ahead)
    try state.write(to: URL(filePath: "\(folder)/parts/state.safetensors"))
    var again = try resume("parts", epochs: 2)
    try go(&again)
    #expect(bytes("parts", .state) == bytes("whole", .state))
    #expect(again.metrics.column("loss_B") == whole.metrics.column("loss_B"))
  }

  @Test func aRunStoppedInItsFirstScoresGoesOnFromTheSameWeights() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var whole = try begin("whole", epochs: 2)
    try go(&whole)
    var stopped = try begin("parts", epochs: 2)
    #expect(throws: CancellationError.self) {
      try stopped.run(on: workers, RunActions(evaluate: { _ in throw CancellationError() }))
    }
    let state = try #require(try RunFolder(resuming: "\(folder)/parts").state())
    #expect(state.seed == 7 && state.completedEpochs == 0 && bytes("parts", .metrics) == nil)
    var again = try resume("parts", epochs: 2)
    try go(&again)
    for file in [RunFolder.File.state, .latest, .model] {
      #expect(bytes("parts", file) == bytes("whole", file), "\(file.rawValue)")
    }
    #expect(again.metrics.column("accuracy_mean") == whole.metrics.column("accuracy_mean"))
  }

  @Test func keepsTheModelOfTheLowestLossAndWritesTheRecipeFirst() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var run = try begin("run", epochs: 3)
    // All that can be checked beforehand is, while nothing is there.
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/run"))
    let recipe = run.recipe
    try run.run(
      on: workers,
      RunActions(evaluate: { network in
        let written = try RunFolder(resuming: "\(folder)/run").recipe()
        #expect(written == recipe)
        return scores(network)
      }))
    let losses = (1...2).map { run.metrics.column("loss_B_\($0)") }
    let lowest = losses.flatMap { $0 }.compactMap(\.self).min()
    let state = try #require(try RunFolder(resuming: "\(folder)/run").state())
    #expect(abs((state.lowestLoss ?? 0) - (lowest ?? 1)) < 1e-6)
    #expect(state.seed == 7 && state.threads == 2 && state.completedEpochs == 3)
    let model = try ModelFile(reading: "\(folder)/run/model.safetensors")
    #expect(model.recipe == (try run.recipe.yaml))
    #expect(run.metrics.column("epoch") == [0, 1, 2, 3])
    #expect(run.metrics.column("pairs") == [0, 80, 80, 80])
    #expect(run.metrics.column("loss_A").map { $0 == nil } == [true, false, false, false])
  }

  @Test func refusesFoldersThatAreTaken() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var run = try begin("run", epochs: 1)
    try go(&run)
    let taken = try #require(throws: IICError.self) { _ = try begin("run", epochs: 1) }
    #expect(taken.remedy.contains("--resume"))
    let next = try RunFolder(beginning: "\(folder)/run", overwrite: true)
    // As yet the run is whole.
    #expect(bytes("run", .state) != nil)
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder)/link", withDestinationPath: "run/model.safetensors")
    #expect(next.holds("\(folder)/link") && !next.holds("\(folder)/run"))
    try next.begin(recipe(epochs: 1))
    #expect(bytes("run", .state) == nil && bytes("run", .recipe) != nil)
    let missing = try #require(throws: IICError.self) { try RunFolder(resuming: folder) }
    #expect("\(missing)".contains("there is no run in it"))
  }

  @Test func refusesStatesThatAreNotWhole() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var run = try begin("run", epochs: 1)
    try go(&run)
    let path = run.folder.path(of: .state)
    let contents = try Safetensors(reading: path)
    for key in ["epochs", "generator", "seed", "learningRate", "iic.state"] {
      var damaged = contents
      damaged.metadata[key] = "?"
      try damaged.write(to: path)
      let error = try #require(throws: IICError.self) { try TrainingState(reading: path) }
      #expect("\(error)".contains(path))
    }
    // More epochs than a recipe may ask for: their rows would overflow.
    for epochs in [Int.max, 1_000_001, -1] {
      var damaged = contents
      damaged.metadata["epochs"] = "\(epochs)"
      try damaged.write(to: path)
      let error = try #require(throws: IICError.self) { try TrainingState(reading: path) }
      #expect(error.reason.contains("`epochs`"))
    }
    var damaged = contents
    damaged.integers["steps.trunk.features.0.weight"] = nil
    try damaged.write(to: path)
    #expect(throws: IICError.self) { try TrainingState(reading: path) }
    var other = contents
    other.tensors["first.trunk.features.0.weight"] = nil
    try other.write(to: path)
    let state = try TrainingState(reading: path)
    #expect(throws: IICError.self) { try state.optimiser(for: run.trainer.network) }
  }

  @Test func refusesAMetricsTableThatIsShort() throws {
    var table = MetricsTable(subHeads: 2)
    table.add(TrainingRecord(epoch: 0, learningRate: 0.1))
    #expect(try MetricsTable(csv: table.csv, subHeads: 2, throughEpoch: 0) == table)
    #expect(throws: IICError.self) {
      try MetricsTable(csv: table.csv, subHeads: 2, throughEpoch: 1)
    }
    #expect(throws: IICError.self) {
      try MetricsTable(csv: table.csv, subHeads: 3, throughEpoch: 0)
    }
  }
}
