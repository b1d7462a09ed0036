import IIC
import Tensor

/// Steps of training a network on one batch of random pairs.
struct TrainingRun<Network: PairNetwork> {
  private var network: Network
  private var optimiser = AdamOptimiser(learningRate: 1e-4)
  private let training: TrainingStep<Network>
  private let batch: PairBatch
  private let workers: Workers

  mutating func step() throws {
    _ = try training.take(
      on: batch, network: &network, optimiser: &optimiser, workers: workers)
  }
}

extension TrainingRun<SegmentationNetwork> {
  /// SegmentationNet10a as published: one head of one sub-head, the uncollapsed loss with T = 10 on
  /// maps stretched to the input's size, every other pair flipped.
  init(segmentationInto clusters: Int, pairs: Int, threads: Int) throws {
    var generator = SeededGenerator(seed: 0)
    let side = 200
    workers = Workers(threads: threads)
    network = try SegmentationNetwork(
      configuration: ModelConfiguration(
        architecture: .segmentationNet10a, inputChannels: 4, inputSize: side, classes: clusters,
        subHeads: 1, batchNormTracking: true), generator: &generator)
    training = TrainingStep(
      objectives: [
        HeadObjective(
          head: .clustering, loss: DenseJointLoss(halfSide: 10, form: .uncollapsed))
      ], grid: .stretched)
    batch = PairBatch(
      first: .uniform(shape: [pairs, side, side, 4], using: &generator),
      second: .uniform(shape: [pairs, side, side, 4], using: &generator),
      matrices: Tensor(
        shape: [pairs, 2, 3],
        values: (0..<pairs).flatMap { [$0 % 2 == 0 ? -1 : 1, 0, 0, 0, 1, 0] as [Float] }),
      mask: Tensor(shape: [pairs, side, side, 1], repeating: 1))
  }
}

extension TrainingRun<ClusterNetwork> {
  /// ClusterNet5g or ClusterNet6c: one head of five sub-heads of ten clusters.
  init(
    clustering architecture: ModelArchitecture, pairs: Int, channels: Int, side: Int, threads: Int
  ) throws {
    var generator = SeededGenerator(seed: 0)
    workers = Workers(threads: threads)
    network = try ClusterNetwork(
      configuration: ModelConfiguration(
        architecture: architecture, inputChannels: channels, inputSize: side, classes: 10,
        subHeads: 5, batchNormTracking: true), generator: &generator)
    training = TrainingStep(objectives: [HeadObjective(head: .clustering, loss: JointLoss())])
    batch = PairBatch(
      first: .uniform(shape: [pairs, side, side, channels], using: &generator),
      second: .uniform(shape: [pairs, side, side, channels], using: &generator))
  }
}

extension Tensor {
  /// Values drawn evenly from 0 to 1.
  static func uniform(shape: [Int], using generator: inout SeededGenerator) -> Tensor {
    Tensor(
      shape: shape,
      values: (0..<shape.reduce(1, *)).map { _ in generator.uniform(0...1) })
  }
}
