import Classify
import IIC
import Raster
import Tensor
import Testing

@Suite struct SemiSupervisedTests {
  private let workers = Workers(threads: 2)

  private func model(seed: UInt64 = 4, includeRGB: Bool = false) throws -> ImageClassifier {
    let configuration = try ModelConfiguration(
      architecture: .clusterNet5g, inputChannels: includeRGB ? 5 : 2, inputSize: 24, classes: 6,
      subHeads: 1, width: 0.06, sobel: true, includeRGB: includeRGB, batchNormTracking: true)
    var generator = SeededGenerator(seed: seed)
    let network = try ClusterNetwork(configuration: configuration, generator: &generator)
    return try ImageClassifier(
      ModelFile(
        configuration: configuration, tensors: network.tensors,
        bands: (includeRGB ? ["red", "green", "blue"] : ["grey"]).map {
          try BandScaling(name: $0, offset: 0, scale: 255)
        },
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

  private func settings(batchSize: Int) -> SemiSupervisedTraining.Settings {
    var settings = SemiSupervisedTraining.Settings(
      views: SobelViews(inputSize: 24, cropSize: 24))
    settings.batchSize = batchSize
    return settings
  }

  private func training(batchSize: Int, seed: UInt64) throws -> SemiSupervisedTraining {
    try SemiSupervisedTraining(
      trunkOf: model().clusterNetwork(), classes: 3, settings: settings(batchSize: batchSize),
      generator: SeededGenerator(seed: seed))
  }

  @Test func `labels teach what the images are, on new images too`() throws {
    var settings = settings(batchSize: 16)
    settings.trunkLearningRate = 1e-3
    settings.learningRateDrops = [10]
    var training = try SemiSupervisedTraining(
      trunkOf: model().clusterNetwork(), classes: 3, settings: settings,
      generator: SeededGenerator(seed: 2))
    let (learned, scored) = (stripes(96, seed: 1), stripes(30, seed: 2))
    var epochs: [SemiSupervisedTraining.Epoch] = []
    var done: [Int] = []
    for _ in 0..<12 {
      epochs.append(
        try training.trainEpoch(on: learned, named: "stripes", workers: workers) { count, _ in
          done.append(count)
        })
    }
    #expect(epochs.map(\.epoch) == Array(1...12) && training.completedEpochs == 12)
    #expect(epochs.prefix(9).allSatisfy { $0.learningRate == 1e-3 })
    #expect(epochs.dropFirst(9).allSatisfy { $0.learningRate == 5e-4 })
    #expect(done.prefix(6) == [16, 32, 48, 64, 80, 96])
    #expect(epochs[11].loss < epochs[0].loss && epochs[11].accuracy > 0.8, "\(epochs)")
    let evaluation = try TenCropEvaluation(
      of: training.network, on: scored, named: "stripes", views: settings.views,
      imagesPerBatch: 7, workers: workers)
    #expect(evaluation.confusion.total == 30)
    #expect(evaluation.accuracy > 0.85, "\(evaluation)")
  }

  @Test func `a seed fixes every bit, and a state goes on as if never left`() throws {
    // The last batch of one image, of nineteen, has no statistics and is left out.
    let images = stripes(19, seed: 1)
    var one = try training(batchSize: 9, seed: 7)
    var two = try training(batchSize: 9, seed: 7)
    var other = try training(batchSize: 9, seed: 8)
    let first = try one.trainEpoch(on: images, named: "stripes", workers: workers)
    #expect(first.images == 18)
    #expect(try first == two.trainEpoch(on: images, named: "stripes", workers: workers))
    #expect(try first != other.trainEpoch(on: images, named: "stripes", workers: workers))
    let state = one.state(seed: 7, threads: 2, lowestLoss: nil, highestAccuracy: nil)
    let second = try one.trainEpoch(on: images, named: "stripes", workers: workers)
    #expect(second.loss != first.loss)
    var resumed = try SemiSupervisedTraining(
      resuming: state, configuration: one.network.configuration, settings: settings(batchSize: 9))
    #expect(try second == resumed.trainEpoch(on: images, named: "stripes", workers: workers))
    #expect(
      resumed.network.parameters.map(\.value.values)
        == one.network.parameters.map(\.value.values))
  }

  @Test func `a network of colours learns from grey images as from the same in colour`() throws {
    let grey = stripes(18, seed: 1)
    let coloured = ImageSet((0..<18).map { grey[$0].inColour() }, labels: grey.labels)
    var settings = settings(batchSize: 9)
    settings.views.includesRGB = true
    var epochs: [SemiSupervisedTraining.Epoch] = []
    var evaluations: [TenCropEvaluation] = []
    for images in [grey, coloured] {
      var training = try SemiSupervisedTraining(
        trunkOf: model(includeRGB: true).clusterNetwork(), classes: 3, settings: settings,
        generator: SeededGenerator(seed: 3))
      epochs.append(try training.trainEpoch(on: images, named: "stripes", workers: workers))
      evaluations.append(
        try TenCropEvaluation(
          of: training.network, on: images, named: "stripes", views: settings.views,
          workers: workers))
    }
    #expect(epochs[0] == epochs[1] && evaluations[0] == evaluations[1])
    #expect(epochs[0].images == 18 && evaluations[0].confusion.total == 18)
  }

  @Test func `images that cannot be learned from are refused`() throws {
    var training = try training(batchSize: 9, seed: 2)
    let images = stripes(4, seed: 1)
    let unlabelled = ImageSet((0..<4).map { images[$0] })
    let small = ImageSet(
      [ByteImage(width: 9, height: 9, channels: 1, pixels: .init(repeating: 1, count: 81))],
      labels: [0])
    for set in [unlabelled, small, images.selecting([0])] {
      #expect(
        try refusal { try training.trainEpoch(on: set, named: "x", workers: workers) } != nil)
    }
    #expect(
      try refusal {
        _ = try TenCropEvaluation(
          of: training.network, on: unlabelled, named: "x",
          views: SobelViews(inputSize: 24, cropSize: 24), workers: workers)
      } != nil)
  }
}
