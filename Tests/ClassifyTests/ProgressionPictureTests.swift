import Classify
import IIC
import Raster
import Tensor
import TestSupport
import Testing

@Suite struct ProgressionPictureTests {
  /// Views of 2 × 2 pixels that are plain.
  private func views(_ levels: [Float]) -> Tensor {
    Tensor(
      shape: [levels.count, 2, 2, 1], values: levels.flatMap { [Float](repeating: $0, count: 4) })
  }

  @Test func `the certain lie at corners and the undecided in the middle`() {
    let picture = ProgressionPicture(
      probabilities: Tensor(
        shape: [4, 4],
        values: [1, 0, 0, 0, 0, 1, 0, 0, 0.25, 0.25, 0.25, 0.25, 0, 0, 0.5, 0.5]),
      views: views([0, 0.2, 0.4, 0.6]), labels: [0, 1, 2, 0])
    let expected: [Float] = [0, -1, 1, 0, 0, 0, -0.5, 0.5]
    expectClose(picture.places.flatMap { [$0.x, $0.y] }, expected, absolute: 1e-6, relative: 0)
    // Equally probable clusters go to the first.
    #expect(picture.average(ofCluster: 0)?.pixels == [51, 51, 51, 51])
    #expect(picture.average(ofCluster: 1)?.pixels == [51, 51, 51, 51])
    #expect(picture.average(ofCluster: 2)?.pixels == [153, 153, 153, 153])
    #expect(picture.average(ofCluster: 3) == nil)
  }

  @Test func `points have their class's colour and averages their place`() {
    let picture = ProgressionPicture(
      probabilities: Tensor(shape: [2, 2], values: [0.9, 0.1, 0.1, 0.9]), views: views([0, 0.2]),
      labels: [1, 0]
    ).drawn(side: 200)
    #expect(picture.width == 200 && picture.height == 200 && picture.channels == 3)
    func count(_ colour: RGBColour, rows: Range<Int>, near tolerance: Int) -> Int {
      rows.reduce(0) { sum, row in
        sum
          + (0..<200).filter { column in
            let at = (row * 200 + column) * 3
            return zip(picture.pixels[at..<at + 3], [colour.red, colour.green, colour.blue])
              .allSatisfy { abs(Int($0) - Int($1)) <= tolerance }
          }.count
      }
    }
    // The average of the upper cluster is black, that of the lower one dark grey.
    #expect(count(RGBColour(red: 0, green: 0, blue: 0), rows: 0..<100, near: 0) > 300)
    #expect(count(RGBColour(red: 51, green: 51, blue: 51), rows: 100..<200, near: 0) > 300)
    let colours = ClassPalette.colours(count: 2)
    func mixed(_ colour: RGBColour) -> RGBColour {
      func channel(_ value: UInt8) -> UInt8 { UInt8((255 + 0.6 * (Double(value) - 255)).rounded()) }
      return RGBColour(
        red: channel(colour.red), green: channel(colour.green), blue: channel(colour.blue))
    }
    #expect(count(mixed(colours[1]), rows: 0..<100, near: 2) >= 1)
    #expect(count(mixed(colours[1]), rows: 100..<200, near: 2) == 0)
    #expect(count(mixed(colours[0]), rows: 100..<200, near: 2) >= 1)
  }

  @Test func `a network's images are placed batch by batch`() throws {
    let configuration = try ModelConfiguration(
      architecture: .clusterNet5gTwoHead, inputChannels: 2, inputSize: 32, classes: 3,
      overclusters: 5, subHeads: 2, width: 0.05, sobel: true, batchNormTracking: true)
    var generator = SeededGenerator(seed: 8)
    let network = try ClusterNetwork(configuration: configuration, generator: &generator)
    let images = ImageSet(
      (0..<9).map { DatasetFixture.image($0, height: 40, width: 40, channels: 3) })
    func picture(batchSize: Int) throws -> ProgressionPicture {
      try ProgressionPicture(
        of: images, named: "nine", by: network, head: .overclustering, subHead: 1,
        views: SobelViews(inputSize: 32, cropSize: 36), batchSize: batchSize,
        on: Workers(threads: 2))
    }
    let (one, two) = (try picture(batchSize: 9), try picture(batchSize: 4))
    #expect(one.places.count == 9 && one.clusters == 5 && one.labels == nil)
    expectClose(
      one.places.flatMap { [$0.x, $0.y] }, two.places.flatMap { [$0.x, $0.y] }, absolute: 1e-5,
      relative: 0)
    #expect(try !one.drawn(side: 150).encoded().isEmpty)
  }
}
