import IIC
import Tensor

/// The published labelling of images by SegmentationNet10a, 4 bands and 6 classes.
struct SegmentationInference {
  private let network: SegmentationNetwork
  private let images: Tensor
  private let workers: Workers

  init(images: Int, side: Int, threads: Int) throws {
    var generator = SeededGenerator(seed: 0)
    workers = Workers(threads: threads)
    network = try SegmentationNetwork(
      configuration: ModelConfiguration(
        architecture: .segmentationNet10a, inputChannels: 4, inputSize: side, classes: 6,
        subHeads: 1, batchNormTracking: true), generator: &generator)
    self.images = .uniform(shape: [images, side, side, 4], using: &generator)
  }

  /// The index of each pixel's most probable class.
  @discardableResult
  func label() -> [UInt8] {
    let probabilities = network.publishedOutput(images, head: .clustering, on: workers)[0]
    let classes = probabilities.shape[3]
    return probabilities.withSpan { values in
      [UInt8](unsafeUninitializedCapacity: values.count / classes) { labels, count in
        for pixel in 0..<values.count / classes {
          var best = 0
          for index in 1..<classes
          where values[pixel * classes + index] > values[pixel * classes + best] { best = index }
          labels[pixel] = UInt8(best)
        }
        count = values.count / classes
      }
    }
  }
}
