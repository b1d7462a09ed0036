import Classify
import IIC
import Raster
import Tensor
import Testing

@Suite struct SemiSupervisedTests {
  private let workers = Workers(threads: 2)

  private func model(seed: UInt64 = 4) throws -> ImageClassifier {
    let configuration = try ModelConfiguration(
      architecture: .clusterNet6c, inputChannels: 2, inputSize: 24, classes: 6, subHeads: 1,
      width: 0.06, sobel: true, batchNormTracking: true)
    var generator = SeededGenerator(seed: seed)
    let network = try ClusterNetwork(configuration: configuration, generator: &generator)
    return try ImageClassifier(
      ModelFile(
        configuration: configuration, tensors: network.tensors,
        bands: [BandScaling(name: "grey", offset: 0, scale: 255)],
        images: ImagePreparation(shortestSide: 32, cropSize: 24, greyFirst: false)))
  }

  /// Images of stripes: upright, lying or both, with noise.
  private func stripes(_ count: Int, seed: UInt64) -> ImageSet {
    var generator = SeededGenerator(seed: seed)
    let labels = (0..<count).map { UInt8($0 % 3) }
    let images = labels.map { label in
      let (phase, width) = (
        Int.random(in: 0..<8, using: &generator), Int.random(in: 32...36, using: &generator)
      )
      var pixels: [UInt8] = []
      for row in 0..<32 {
        for column in 0..<width {
          let upright = (column + phase) / 4 % 2 == 0
          let lying = (row + phase) / 4 % 2 == 0
          let isBright = label == 0 ? upright : label == 1 ? lying : upright == lying
          pixels.append((isBright ? 170 : 60) + UInt8.random(in: 0...25, using: &generator))
        }
      }
      return ByteImage(width: width, height: 32, channels: 1, pixels: pixels)
    }
    return ImageSet(images, labels: labels)
  }

  @Test func `labels teach what the images are, on new images too`() throws {
    var settings = SemiSupervisedTraining.Settings()
    settings.batchSize = 16
    settings.hiddenUnits = 32
    settings.trunkLearningRate = 1e-3
    var training = SemiSupervisedTraining(
      from: try model(), classes: 3, settings: settings, generator: SeededGenerator(seed: 2),
      on: workers)
    let (learned, scored) = (stripes(96, seed: 1), stripes(30, seed: 2))
    var epochs: [SemiSupervisedTraining.Epoch] = []
    var done: [Int] = []
    for _ in 0..<6 {
      epochs.append(
        try training.trainEpoch(on: learned, named: "stripes", workers: workers) { count, _ in
          done.append(count)
        })
    }
    #expect(epochs.map(\.epoch) == Array(1...6) && training.completedEpochs == 6)
    #expect(done.prefix(6) == [16, 32, 48, 64, 80, 96])
    #expect(epochs[5].loss < epochs[0].loss && epochs[5].accuracy > 0.8)
    let confusion = try training.evaluate(scored, named: "stripes", workers: workers)
    #expect(confusion.total == 30)
    #expect((confusion.accuracy ?? 0) > 0.85, "\(confusion)")
  }

  @Test func `a seed fixes every bit, and a value goes on as if never stopped`() throws {
    var settings = SemiSupervisedTraining.Settings()
    settings.batchSize = 9
    settings.hiddenUnits = 8
    func training(seed: UInt64) throws -> SemiSupervisedTraining {
      SemiSupervisedTraining(
        from: try model(), classes: 3, settings: settings, generator: SeededGenerator(seed: seed),
        on: workers)
    }
    // The last batch of one image, of nineteen, has no statistics and is left out.
    let images = stripes(19, seed: 1)
    var one = try training(seed: 7)
    var two = try training(seed: 7)
    var other = try training(seed: 8)
    var done = 0
    let first = try one.trainEpoch(on: images, named: "stripes", workers: workers) { count, _ in
      done = count
    }
    #expect(done == 18)
    #expect(try first == two.trainEpoch(on: images, named: "stripes", workers: workers))
    #expect(try first != other.trainEpoch(on: images, named: "stripes", workers: workers))
    let kept = one
    let second = try one.trainEpoch(on: images, named: "stripes", workers: workers)
    #expect(second != first)
    var resumed = kept
    #expect(try second == resumed.trainEpoch(on: images, named: "stripes", workers: workers))
    #expect(
      resumed.network.head.parameters.map(\.value.values)
        == one.network.head.parameters.map(\.value.values))
  }

  @Test func `images that cannot be learned from are refused`() throws {
    var training = SemiSupervisedTraining(
      from: try model(), classes: 3, generator: SeededGenerator(seed: 2), on: workers)
    let images = stripes(4, seed: 1)
    let unlabelled = ImageSet((0..<4).map { images[$0] })
    let small = ImageSet(
      [ByteImage(width: 9, height: 9, channels: 1, pixels: .init(repeating: 1, count: 81))],
      labels: [0])
    for set in [unlabelled, small, images.selecting([0])] {
      #expect(
        try refusal {
          try training.trainEpoch(on: set, named: "x", workers: workers)
        } != nil)
    }
    #expect(
      try refusal { _ = try training.evaluate(unlabelled, named: "x", workers: workers) } != nil)
  }
}
