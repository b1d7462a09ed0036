public import IIC
public import Tensor

/// The paper's triplet baseline (table 1): a network with one head learns that an image and its
/// transformed copy belong together, and an image and another do not.
///
/// As published the images come in their own order, once an epoch, the others in an order drawn anew.
/// Its clusters are scored as those of any network (``ClusterEvaluation``), or its features by
/// k-means (``KMeansBaseline``).
public struct TripletTraining: Sendable {
  /// The network as it stands.
  public private(set) var network: ClusterNetwork
  /// How many epochs are over.
  public private(set) var completedEpochs = 0
  private var optimiser: AdamOptimiser
  private var generator: SeededGenerator
  private let batchSize: Int

  /// Begins training of a network.
  ///
  /// - Parameters:
  ///   - learningRate: Adam's step size.
  ///   - batchSize: images a step, at least 2.
  public init(
    of network: ClusterNetwork, learningRate: Double, batchSize: Int, generator: SeededGenerator
  ) {
    precondition(batchSize >= 2, "batches of \(batchSize)")
    self.network = network
    self.batchSize = batchSize
    self.generator = generator
    optimiser = AdamOptimiser(learningRate: learningRate)
  }

  /// Trains on every image once, and returns the mean loss of the steps.
  ///
  /// - Parameters:
  ///   - name: what to call the images in errors.
  ///   - views: the first views are of images and of others, the second ones of their copies.
  ///   - observe: called after each step with how many images are done and the step's loss.
  /// - Throws: ``ClassifyError`` where an image is smaller than the views' crops, `IICError` where a
  ///   loss is not finite, and whatever `observe` throws.
  @discardableResult
  public mutating func trainEpoch(
    on images: ImageSet, named name: String, views: some ImageViews, workers: Workers,
    observe: (_ done: Int, _ loss: Double) throws -> Void = { _, _ in }
  ) throws -> Double {
    let others = images.selecting((0..<images.count).shuffled(using: &generator))
    func source(_ images: ImageSet, seededBy generator: inout SeededGenerator) throws
      -> ImagePairSource
    {
      var source = try ImagePairSource(
        [images], named: name, views: views, pairs: batchSize, repeats: 1,
        threads: workers.threads, generator: generator.split())
      source.beginPass(part: 0)
      return source
    }
    var (pairs, negatives) = (
      try source(images, seededBy: &generator), try source(others, seededBy: &generator)
    )
    var (sum, steps, done) = (0.0, 0, 0)
    while let pair = try pairs.nextBatch(), let negative = try negatives.nextBatch() {
      let loss = try network.tripletStep(
        pair.first, positive: pair.second, negative: negative.first, optimiser: &optimiser,
        on: workers)
      sum += loss
      steps += 1
      done += pair.pairs
      try observe(done, loss)
    }
    completedEpochs += 1
    return sum / Double(max(steps, 1))
  }
}
