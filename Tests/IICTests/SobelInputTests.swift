import Tensor
import TestSupport
import Testing

@testable import IIC

@Suite struct SobelInputTests {
  let workers = Workers(threads: 2)

  static func grey(_ bands: ReferenceTensor) -> ReferenceTensor {
    let count = bands.shape[3]
    let pixels = bands.count / count
    return ReferenceTensor(
      shape: Array(bands.shape.dropLast()) + [1],
      values: (0..<pixels).map { pixel in
        0.299 * bands.values[pixel * count] + 0.587 * bands.values[pixel * count + 1]
          + 0.114 * bands.values[pixel * count + 2]
      })
  }

  /// Channel columns of [n, h, w, c] tensors, side by side.
  static func joined(_ parts: [(ReferenceTensor, Range<Int>)]) -> ReferenceTensor {
    let pixels = parts[0].0.count / parts[0].0.shape[3]
    let channels = parts.reduce(0) { $0 + $1.1.count }
    var values: [Double] = []
    for pixel in 0..<pixels {
      for (tensor, range) in parts {
        values += range.map { tensor.values[pixel * tensor.shape[3] + $0] }
      }
    }
    return ReferenceTensor(
      shape: Array(parts[0].0.shape.dropLast()) + [channels], values: values)
  }

  @Test(arguments: [3, 4], [false, true])
  func coloursGradientsAndInfraRedInPublishedOrder(bandCount: Int, includeRGB: Bool) {
    let bands = ReferenceTensor.random([2, 5, 6, bandCount], seed: 1, in: 0...1)
    let gradients = ReferenceSobel.forward(Self.grey(bands))
    let expected = Self.joined(
      (includeRGB ? [(bands, 0..<3)] : []) + [(gradients, 0..<2), (bands, 3..<bandCount)])
    expectClose(
      SobelInput(includeRGB: includeRGB).channels(of: bands.tensor, on: workers), expected,
      absolute: 2e-6, relative: 0)
  }

  @Test func greyAloneBecomesItsGradients() {
    let grey = ReferenceTensor.random([1, 4, 5, 1], seed: 2, in: 0...1)
    expectClose(
      SobelInput(includeRGB: false).channels(of: grey.tensor, on: workers),
      ReferenceSobel.forward(grey), absolute: 2e-6, relative: 0)
  }

  @Test func networksOfGradientsTakeBands() throws {
    let configuration = try ModelConfiguration(
      architecture: .segmentationNet10a, inputChannels: 6, inputSize: 16, classes: 2, subHeads: 1,
      width: 0.05, sobel: true, includeRGB: true, batchNormTracking: true)
    var generator = SeededGenerator(seed: 1)
    let network = try SegmentationNetwork(configuration: configuration, generator: &generator)
    let bands = try #require(configuration.possibleBandCounts.first)
    let x = ReferenceTensor.random([1, 16, 18, bands], seed: 3, in: 0...1).tensor
    #expect(
      network.probabilities(x, head: .clustering, subHead: 0, on: workers).shape == [1, 4, 5, 2])
  }
}
