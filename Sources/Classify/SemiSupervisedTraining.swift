public import IIC
internal import Raster
public import Tensor

/// Supervised training on the features of a network that learned to cluster without labels (paper,
/// section 4.1 and table 3): a new head learns fast, the trunk slowly, from labelled images with
/// affine maps and cutout; ten crops an image are scored.
///
/// A value: what it holds is all that continuing needs, besides the images.
public struct SemiSupervisedTraining: Sendable {
  /// How it learns. The defaults are the published ones but for the size of batches, which was not
  /// published.
  public struct Settings: Sendable, Equatable {
    /// Adam's step size of the head.
    public var headLearningRate = 1e-3
    /// Adam's step size of the trunk.
    public var trunkLearningRate = 1e-4
    /// Images a step, at least 2; a last batch of one image is left out, since it has no statistics.
    public var batchSize = 140
    /// Units of the head's hidden layer.
    public var hiddenUnits = SupervisedHead.publishedHiddenUnits
    /// Affine maps of half the images; nil for none.
    public var affine: RandomAffine? = RandomAffine()
    /// Cutout of half the images; nil for none.
    public var cutout: SobelViews.Cutout? = SobelViews.Cutout()

    /// The defaults.
    public init() {}
  }

  /// What an epoch came to.
  public struct Epoch: Sendable, Equatable {
    /// Its number, from 1.
    public let epoch: Int
    /// The mean loss of the images, as they were seen.
    public let loss: Double
    /// How many of them were right, 0…1.
    public let accuracy: Double
  }

  /// The network as it stands.
  public private(set) var network: SupervisedNetwork
  /// How many epochs are over.
  public private(set) var completedEpochs = 0
  /// The views that it learns from.
  public let views: SobelViews
  private let settings: Settings
  private let preparation: ImagePreparation
  private var headOptimiser: AdamOptimiser
  private var trunkOptimiser: AdamOptimiser
  private var generator: SeededGenerator

  /// Begins training on a model's features: those before the last group of residual blocks of
  /// ClusterNet5g, as published, the trunk's of ClusterNet6c.
  ///
  /// - Parameters:
  ///   - model: a model of clusters or over-clusters.
  ///   - classes: how many classes there are, 2…256.
  public init(
    from model: ImageClassifier, classes: Int, settings: Settings = Settings(),
    generator: SeededGenerator, on workers: Workers
  ) {
    precondition(
      (2...256).contains(classes) && settings.batchSize >= 2,
      "\(classes) classes, batches of \(settings.batchSize)")
    self.settings = settings
    self.generator = generator
    preparation = model.views.preparation
    var views = SobelViews(inputSize: model.views.inputSize, cropSize: preparation.cropSize)
    views.includesRGB = model.views.channels == 3
    views.affine = settings.affine
    views.cutout = settings.cutout
    self.views = views
    headOptimiser = AdamOptimiser(learningRate: settings.headLearningRate)
    trunkOptimiser = AdamOptimiser(learningRate: settings.trunkLearningRate)
    let isResidual = model.network.configuration.architecture.hasPenultimateFeatures
    network = SupervisedNetwork(
      trunk: model.network, depth: isResidual ? .penultimate : .trunk, classes: classes,
      hiddenUnits: settings.hiddenUnits, generator: &self.generator, on: workers)
  }

  /// Trains on every labelled image once, in an order drawn anew.
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
    let labels = try Self.labels(of: images, named: name)
    try images.checkSize(for: views, named: name)
    let order = (0..<images.count).shuffled(using: &generator)
    let batches = Self.batches(of: order, size: settings.batchSize)
    // A seed a batch, drawn before any is made, so that no thread's pace matters.
    let seeds = batches.map { _ in generator.next() }
    let views = views
    let channels = views.channels(ofImagesWith: images.channels)
    let pipeline = OrderedPipeline(
      count: batches.count, ahead: workers.threads + 1, threads: workers.threads
    ) {
      { number in
        var generator = SeededGenerator(seed: seeds[number])
        var values = ViewValues(views.inputSize, channels, capacity: batches[number].count)
        for index in batches[number] {
          values.append(views.second(images[index], using: &generator))
        }
        return ViewValues.tensor([values])
      }
    }
    var (sum, right, done) = (0.0, 0, 0)
    for batch in batches {
      guard let tensor = try pipeline.next() else { break }
      let result = try network.step(
        tensor, labels: batch.map { labels[$0] }, headOptimiser: &headOptimiser,
        trunkOptimiser: &trunkOptimiser, on: workers)
      sum += result.loss * Double(batch.count)
      right += result.right
      done += batch.count
      try observe(done, result.loss)
    }
    guard done > 0 else {
      throw ClassifyError(
        operation: "train on", path: name, reason: "there are not two images to learn from",
        remedy: "give more")
    }
    completedEpochs += 1
    return Epoch(
      epoch: completedEpochs, loss: sum / Double(done), accuracy: Double(right) / Double(done))
  }

  /// A row a class, a column a prediction, of labelled images: the mean of the logits of ten crops
  /// decides.
  ///
  /// - Throws: ``ClassifyError`` where the images have no labels or are smaller than the crops, and
  ///   whatever `observe` throws. Traps on labels beyond the classes.
  public func evaluate(
    _ images: ImageSet, named name: String, workers: Workers,
    observe: (_ done: Int) throws -> Void = { _ in }
  ) throws -> ConfusionMatrix {
    let labels = try Self.labels(of: images, named: name)
    try images.checkSize(for: views, named: name)
    let classes = network.head.classes
    let views = views
    let channels = views.channels(ofImagesWith: images.channels)
    let imagesPerBatch = max(1, settings.batchSize / 10)
    let count = (images.count + imagesPerBatch - 1) / imagesPerBatch
    let pipeline = OrderedPipeline(
      count: count, ahead: workers.threads + 1, threads: workers.threads
    ) {
      { number in
        let range = number * imagesPerBatch..<min((number + 1) * imagesPerBatch, images.count)
        var values = ViewValues(views.inputSize, channels, capacity: 10 * range.count)
        for index in range { for crop in views.tenCrops(images[index]) { values.append(crop) } }
        return ViewValues.tensor([values])
      }
    }
    var confusion = ConfusionMatrix(classes: classes, predictions: classes)
    var done = 0
    while let crops = try pipeline.next() {
      // [10 n, k] as [n, 10, k]: the mean over the crops is that of ten parts.
      let logits = network.logits(crops, on: workers)
      let count = logits.shape[0] / 10
      var sum = Tensor(shape: [count, classes])
      let byCrop = logits.reshaped(to: [count, 10, classes])
      for crop in 0..<10 { sum.add(byCrop.beforeLastAxis(crop), on: workers) }
      confusion.add(
        truth: Array(labels[done..<done + count]),
        prediction: sum.likeliest().map { UInt8($0) })
      done += count
      try observe(done)
    }
    return confusion
  }

  private static func labels(of images: ImageSet, named name: String) throws -> [UInt8] {
    guard let labels = images.labels else {
      throw ClassifyError(
        operation: "train on", path: name, reason: "its images have no labels",
        remedy: "use images sorted into a folder a class")
    }
    return labels
  }

  private static func batches(of order: [Int], size: Int) -> [[Int]] {
    stride(from: 0, to: order.count, by: size).map {
      Array(order[$0..<min($0 + size, order.count)])
    }.filter { $0.count > 1 }
  }
}
