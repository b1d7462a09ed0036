internal import IIC
internal import Raster
public import Tensor

/// Learns to segment rasters from the rasters themselves, without labels: a two-headed network is
/// trained by invariant information clustering on pairs of views of random patches (paper section
/// 3.3), both heads in the same step; then head B is fitted to classes found by appearance and by
/// head A's over-clusters.
public struct SelfTraining: Sendable {
  /// How long to learn.
  public enum Effort: String, Sendable, CaseIterable {
    /// A first look.
    case quick
    /// What most rasters need.
    case standard
    /// For large or varied rasters.
    case thorough

    /// Training steps.
    public var steps: Int {
      switch self {
      case .quick: 100
      case .standard: 300
      case .thorough: 1200
      }
    }
  }

  /// What learning depends on, besides the rasters.
  public struct Settings: Sendable, Equatable {
    /// Classes of the label map, 2 to 255.
    public var classes = 6
    /// Over-clusters of head A; nil for five times the classes.
    public var overclusters: Int?
    /// Training steps.
    public var steps = Effort.standard.steps
    /// Seed of everything random.
    public var seed: UInt64 = 0
    /// Channel multiplier of the network.
    public var width = 0.25
    /// Sub-heads a head; the one with the lowest loss is used.
    public var subHeads = 3
    /// Side of a patch in pixels, even; a smaller raster lies somewhere inside.
    public var patchSide = 128
    /// Pairs of patches a step.
    public var pairsPerStep = 8
    /// Adam's step size.
    public var learningRate = 1e-3
    /// T of the dense loss, in the trunk's cells of two pixels.
    public var halfSide = 1

    /// λ of head A's loss; above 1 it keeps over-clusters from falling out of use. Head B's is 1.
    public var overclusterLambda = 1.5

    /// The defaults.
    public init() {}

    /// Throws an `IICError` for the first value that learning cannot work with and that the
    /// network's configuration does not refuse.
    func check() throws {
      func refusal(_ key: String, _ value: Any, _ remedy: String) -> IICError {
        IICError(operation: "learn", reason: "`\(key)` is \(value)", remedy: remedy)
      }
      guard patchSide % 2 == 0, patchSide >= TrunkGeometry.smallestInput else {
        throw refusal(
          "patchSide", patchSide, "give an even number, at least \(TrunkGeometry.smallestInput)")
      }
      guard steps >= 1 else { throw refusal("steps", steps, "give at least 1") }
      guard (1...4096).contains(pairsPerStep) else {
        throw refusal("pairsPerStep", pairsPerStep, "give 1 to 4096")
      }
      guard learningRate > 0, learningRate.isFinite else {
        throw refusal("learningRate", learningRate, "give a number above 0")
      }
      guard overclusterLambda >= 0, overclusterLambda.isFinite else {
        throw refusal("overclusterLambda", overclusterLambda, "give a number from 0")
      }
      guard (0..<TrunkGeometry.cells(along: patchSide)).contains(halfSide) else {
        throw refusal("halfSide", halfSide, "give a number from 0, less than a patch has cells")
      }
    }
  }

  /// How far learning has come.
  public struct Progress: Sendable {
    /// Steps done.
    public let step: Int
    /// Steps in all.
    public let steps: Int
    /// Mean loss of head A's sub-heads in this step; −ln of the over-clusters' number at best.
    public let loss: Double
    /// How long the steps so far have waited for their pairs of patches, in seconds.
    public let secondsWaiting: Double
  }

  /// What a person should know of the imagery that is learned from.
  public enum Notice: Sendable, Equatable {
    /// A share of the pixels have one value in every band, which none goes beyond.
    case repeatedExtreme(value: Float, share: Double)
  }

  private let settings: Settings

  /// Learning with the given settings.
  public init(_ settings: Settings) { self.settings = settings }

  /// Learns from rasters with equally many bands.
  ///
  /// - Parameters:
  ///   - observeReading: Called with the part of the imagery that has been read, 0 to 1.
  ///   - notice: Called before the first step, with what is odd.
  ///   - observe: Called after each step.
  /// - Throws: `SegError` where they hold too little data, or do not go together;
  ///   `RasterError` where they cannot be read; `IICError` for settings out of range.
  public func learn(
    from inputs: [RasterInput], on workers: Workers,
    observeReading: (_ part: Double) -> Void = { _ in }, notice: (Notice) -> Void = { _ in },
    observe: (Progress) -> Void
  ) throws -> SegmentationModel {
    var generator = SeededGenerator(seed: settings.seed)
    let overclusters = settings.overclusters ?? min(5 * settings.classes, 255)
    // Settings are checked before anything is read.
    try settings.check()
    func configuration(bands: Int) throws -> ModelConfiguration {
      try ModelConfiguration(
        architecture: .segmentationNet10aTwoHead, inputChannels: bands,
        inputSize: settings.patchSide, classes: settings.classes, overclusters: overclusters,
        subHeads: settings.subHeads, width: settings.width, batchNormTracking: true)
    }
    _ = try configuration(bands: 1)
    var imagery = try TrainingImagery(inputs, using: &generator, observe: observeReading)
    try imagery.checkSize()
    if let odd = imagery.repeatedExtreme() { notice(odd) }
    let bands = try imagery.stretch()
    var network = try SegmentationNetwork(
      configuration: configuration(bands: imagery.bandCount), generator: &generator)
    let sampler = PatchSampler(
      imagery, side: settings.patchSide,
      views: PatchViews(jitter: imagery.jitter, symmetry: .square))
    guard ClassAssignment.findsCells(sampler) else { throw imagery.noCells }
    HeadStart.apply(to: &network, sampler, using: &generator, on: workers)
    let losses = try train(
      &network, sampler, generator: generator.split(), on: workers, observe: observe)
    let subHead = { (head: HeadName) in Self.lowestSubHead(of: head, losses) }
    ClassAssignment.apply(
      to: &network, subHead: subHead, sampler, using: &generator, on: workers)
    return try SegmentationModel(
      ModelFile(
        configuration: network.configuration, tensors: network.tensors, bands: bands,
        classes: ClassPalette.colours(count: settings.classes).enumerated().map {
          try ModelClass.numbered($0.offset + 1, colour: $0.element)
        },
        subHead: subHead(.clustering)))
  }

  /// Trains, and returns the losses of the last quarter of the steps.
  private func train(
    _ network: inout SegmentationNetwork, _ sampler: PatchSampler, generator: SeededGenerator,
    on workers: Workers, observe: (Progress) -> Void
  ) throws -> [[HeadLoss]] {
    let step = TrainingStep<SegmentationNetwork>(
      objectives: network.heads.map {
        HeadObjective(
          head: $0,
          loss: DenseJointLoss(
            lambda: $0 == .overclustering ? settings.overclusterLambda : 1,
            halfSide: settings.halfSide, form: .uncollapsed))
      }, grid: .trunkCells)
    var optimiser = AdamOptimiser(learningRate: settings.learningRate)
    let pairs = settings.pairsPerStep
    let batches = OrderedPipeline(count: settings.steps, ahead: 3, threads: 1) {
      var generator = generator
      return { _ in sampler.batch(of: pairs, using: &generator) }
    }
    var late: [[HeadLoss]] = []
    var done = 0
    let clock = ContinuousClock()
    var waiting = Duration.zero
    while true {
      let asked = clock.now
      guard let batch = try batches.next() else { break }
      waiting += clock.now - asked
      let losses = try step.take(
        on: batch, network: &network, optimiser: &optimiser, workers: workers)
      done += 1
      if done * 4 > settings.steps * 3 { late.append(losses) }
      observe(
        Progress(
          step: done, steps: settings.steps, loss: losses[0].mean.withoutLambda,
          secondsWaiting: waiting / .seconds(1)))
    }
    return late
  }

  /// The sub-head of a head with the lowest sum of losses, the first of equals.
  private static func lowestSubHead(of head: HeadName, _ steps: [[HeadLoss]]) -> Int {
    let losses = steps.flatMap { $0 }.filter { $0.head == head }.map(\.subHeads)
    guard let count = losses.first?.count else { return 0 }
    let sums = (0..<count).map { index in losses.reduce(0) { $0 + $1[index].withoutLambda } }
    return sums.indices.min { sums[$0] < sums[$1] } ?? 0
  }
}
