public import IIC
internal import Raster
public import Tensor

/// Supervised training on the features of a network that learned to cluster without labels (paper,
/// section 4.1 and table 3): a new head learns fast, the trunk slowly, from labelled images in an
/// order drawn anew each epoch.
///
/// A value: what it holds is all that continuing needs, besides the images.
public struct SemiSupervisedTraining: Sendable {
  /// How it learns.
  public struct Settings: Sendable, Equatable {
    /// Adam's step size of the head.
    public var headLearningRate = 1e-3
    /// Adam's step size of the trunk.
    public var trunkLearningRate = 1e-4
    /// Epochs, from 1, at whose start both fall.
    public var learningRateDrops: [Int] = []
    /// What they are multiplied by then.
    public var learningRateFactor = 0.5
    /// Images a step, at least 2; a last batch of one image is left out, since it has no statistics.
    public var batchSize = 700
    /// How images are seen: their second views.
    public var views: SobelViews

    /// The published settings, with the published affine maps and cutout added to views of that size.
    public init(views: SobelViews) {
      self.views = views
      self.views.affine = RandomAffine()
      self.views.cutout = SobelViews.Cutout()
    }

    /// The settings of a recipe that fine-tunes. Traps on another.
    public init(_ recipe: Recipe) {
      guard let fineTuning = recipe.fineTuning, let views = recipe.views.sobel else {
        preconditionFailure("a recipe of \(recipe.kind)")
      }
      self.views = SobelViews(
        views, inputSize: recipe.network.inputSize, includesRGB: recipe.network.includeRGB)
      headLearningRate = recipe.training.learningRate
      trunkLearningRate = fineTuning.trunkLearningRate
      learningRateDrops = recipe.training.learningRateDrops
      learningRateFactor = recipe.training.learningRateFactor
      batchSize = max(2, recipe.training.pairs)
    }

    /// The factor of the learning rates in an epoch, from 1.
    func learningRateFactor(inEpoch epoch: Int) -> Double {
      learningRateDrops.filter { $0 <= epoch }.reduce(1) { factor, _ in
        factor * learningRateFactor
      }
    }
  }

  /// What an epoch came to.
  public struct Epoch: Sendable, Equatable {
    /// Its number, from 1.
    public let epoch: Int
    /// Adam's step size of the head.
    public let learningRate: Double
    /// Images it was trained on.
    public let images: Int
    /// The mean loss of the images, as they were seen.
    public let loss: Double
    /// How many of them were right, 0…1.
    public let accuracy: Double
  }

  /// The network as it stands.
  public private(set) var network: SupervisedNetwork
  /// How many epochs are over.
  public private(set) var completedEpochs: Int
  private let settings: Settings
  private var optimisers: SupervisedOptimisers
  private var generator: SeededGenerator

  /// Begins training of a new head on a clustering network's trunk.
  ///
  /// - Throws: `IICError` unless the network is a ClusterNet5g with one head or two, and where there
  ///   are not 2 to 255 classes. Traps on batches of fewer than two images.
  public init(
    trunkOf network: ClusterNetwork, classes: Int, settings: Settings, generator: SeededGenerator
  ) throws {
    precondition(settings.batchSize >= 2, "batches of \(settings.batchSize)")
    var generator = generator
    self.network = try SupervisedNetwork(
      trunkOf: network, classes: classes, generator: &generator)
    self.settings = settings
    self.generator = generator
    optimisers = SupervisedOptimisers()
    completedEpochs = 0
  }

  /// Goes on from a state, bit for bit as if it had never been left.
  ///
  /// - Throws: `IICError` where the state is not that of such a network. Traps on batches of fewer
  ///   than two images.
  public init(
    resuming state: TrainingState, configuration: ModelConfiguration, settings: Settings
  ) throws {
    precondition(settings.batchSize >= 2, "batches of \(settings.batchSize)")
    network = try SupervisedNetwork(configuration: configuration, tensors: state.tensors)
    optimisers = try network.optimisers(
      in: state, trunkLearningRate: settings.trunkLearningRate)
    generator = state.generator
    completedEpochs = state.completedEpochs
    self.settings = settings
  }

  /// All that going on needs, with what a run records besides.
  public func state(
    seed: UInt64, threads: Int, lowestLoss: Double?, highestAccuracy: Double?
  ) -> TrainingState {
    TrainingState(
      of: network, optimisers: optimisers, completedEpochs: completedEpochs, generator: generator,
      seed: seed, threads: threads, lowestLoss: lowestLoss, highestAccuracy: highestAccuracy)
  }

  /// Trains on every labelled image once.
  ///
  /// - Parameters:
  ///   - name: what to call the images in errors.
  ///   - observe: called after each step with how many images are done and the step's loss.
  /// - Throws: ``ClassifyError`` where the images have no labels or are smaller than the crops,
  ///   `IICError` where a loss is not finite, and whatever `observe` throws. Traps on labels beyond
  ///   the classes.
  @discardableResult
  public mutating func trainEpoch(
    on images: ImageSet, named name: String, workers: Workers,
    observe: (_ done: Int, _ loss: Double) throws -> Void = { _, _ in }
  ) throws -> Epoch {
    let views = settings.views
    let labels = try images.labelsToLearn(named: name, seenBy: views)
    let factor = settings.learningRateFactor(inEpoch: completedEpochs + 1)
    optimisers.head.learningRate = settings.headLearningRate * factor
    optimisers.trunk.learningRate = settings.trunkLearningRate * factor
    let order = (0..<images.count).shuffled(using: &generator)
    let batches = stride(from: 0, to: order.count, by: settings.batchSize).map {
      Array(order[$0..<min($0 + settings.batchSize, order.count)])
    }.filter { $0.count > 1 }
    // A seed a batch, drawn before any is made, so that no thread's pace matters.
    let seeds = batches.map { _ in generator.next() }
    let channels = views.channels(ofImagesWith: 3)
    let pipeline = OrderedPipeline(
      count: batches.count, ahead: workers.threads + 1, threads: workers.threads
    ) {
      { number in
        var generator = SeededGenerator(seed: seeds[number])
        var values = ViewValues(views.inputSize, channels, capacity: batches[number].count)
        for index in batches[number] {
          values.append(views.second(images.image(index, for: views), using: &generator))
        }
        return ViewValues.tensor([values])
      }
    }
    var (sum, right, done) = (0.0, 0, 0)
    for batch in batches {
      guard let tensor = try pipeline.next() else { preconditionFailure("a batch is missing") }
      let result = try network.step(
        tensor, labels: batch.map { labels[$0] }, optimisers: &optimisers, on: workers)
      sum += result.loss * Double(batch.count)
      right += result.right
      done += batch.count
      try observe(done, result.loss)
    }
    completedEpochs += 1
    return Epoch(
      epoch: completedEpochs, learningRate: optimisers.head.learningRate, images: done,
      loss: sum / Double(done), accuracy: Double(right) / Double(done))
  }
}

extension ImageSet {
  /// The labels of images that can be learned from.
  ///
  /// - Throws: ``ClassifyError`` where they have none, are smaller than the crops, or are not two.
  func labelsToLearn(named name: String, seenBy views: SobelViews) throws -> [UInt8] {
    let labels = try requiredLabels(named: name)
    try checkSize(for: views, named: name)
    guard count > 1 else {
      throw ClassifyError(
        operation: "train on", path: name, reason: "there are not two images to learn from",
        remedy: "give more")
    }
    return labels
  }

  /// The image at a place, in colour where the views keep that: grey ones are shown to a network of
  /// colours as they are when it classifies.
  func image(_ index: Int, for views: SobelViews) -> ByteImage {
    views.includesRGB ? self[index].inColour() : self[index]
  }
}
