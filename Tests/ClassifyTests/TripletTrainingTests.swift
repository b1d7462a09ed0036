import Classify
import IIC
import Raster
import Tensor
import Testing

@Suite struct TripletTrainingTests {
  @Test func `images are gone through once an epoch, bit for bit from a seed`() throws {
    let images = ImageSet(
      (0..<11).map { DatasetFixture.image($0, height: 28, width: 28, channels: 1) })
    func trained(seed: UInt64) throws -> ([Double], [Int], [[Float]]) {
      var generator = SeededGenerator(seed: 4)
      let network = try ClusterNetwork(
        configuration: ModelConfiguration(
          architecture: .clusterNet6c, inputChannels: 1, inputSize: 24, classes: 3, subHeads: 1,
          width: 0.04, batchNormTracking: false), generator: &generator)
      var training = TripletTraining(
        of: network, learningRate: 1e-3, batchSize: 4, generator: SeededGenerator(seed: seed))
      var done: [Int] = []
      let losses = try (0..<2).map { _ in
        try training.trainEpoch(
          on: images, named: "images", views: GreyscaleViews(), workers: Workers(threads: 2)
        ) { count, _ in done.append(count) }
      }
      #expect(training.completedEpochs == 2)
      return (losses, done, training.network.parameters.map(\.value.values))
    }
    let (one, two, other) = (try trained(seed: 1), try trained(seed: 1), try trained(seed: 2))
    #expect(one.1 == [4, 8, 11, 4, 8, 11])
    #expect(one.0 == two.0 && one.2 == two.2)
    #expect(one.0 != other.0 && one.2 != other.2)
  }
}
