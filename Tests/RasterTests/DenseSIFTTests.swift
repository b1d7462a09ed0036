import Foundation
import Raster
import TestSupport
import Testing

@Suite struct DenseSIFTTests {
  private let golden: GoldenFile
  private let image: ByteImage

  init() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(component: "Golden")
    golden = try GoldenFile("descriptors", in: folder)
    let grey = golden["image"]
    image = ByteImage(
      width: grey.shape[1], height: grey.shape[0], channels: 1,
      pixels: grey.values.map { UInt8($0) })
  }

  @Test(arguments: [("published", 10, 3), ("other", 4, 5)])
  func agreesWithTheDefinition(name: String, step: Int, binSize: Int) {
    let sift = DenseSIFT(step: step, binSize: binSize)
    let wanted = golden[name]
    #expect(
      wanted.shape
        == [sift.count(along: image.height), sift.count(along: image.width), DenseSIFT.dimensions])
    let found = sift.descriptors(of: image).map { Float($0) }
    // VLFeat's angles and roots are approximate, and levels are rounded down.
    let differences = zip(found, wanted.values).map { abs($0 - $1) }
    #expect((differences.max() ?? .infinity) < 3)
    #expect(differences.reduce(0, +) / Float(differences.count) < 0.75)
  }

  @Test func contrastAndBrightnessDoNotMatter() {
    let sift = DenseSIFT(step: 5, binSize: 3)
    let faint = ByteImage(
      width: image.width, height: image.height, channels: 1,
      pixels: image.pixels.map { 40 + $0 / 2 })
    let differences = zip(sift.descriptors(of: image), sift.descriptors(of: faint)).map {
      abs(Double($0) - Double($1))
    }
    // Half of the levels are lost.
    #expect(differences.reduce(0, +) / Double(differences.count) < 2)
    let flat = ByteImage(
      width: 12, height: 11, channels: 1, pixels: [UInt8](repeating: 7, count: 132))
    #expect(sift.descriptors(of: flat) == [UInt8](repeating: 0, count: 128))
  }

  @Test func everyPixelHasItsNearestDescriptor() {
    let published = DenseSIFT(step: 10, binSize: 3)
    #expect(published.count(along: 200) == 20 && published.count(along: 128) == 12)
    #expect(published.count(along: 9) == 0 && published.count(along: 10) == 1)
    #expect(published.nearest(along: 200) == (0..<200).map { $0 / 10 })
    // The last eight pixels have no descriptor of their own.
    #expect(published.nearest(along: 128) == (0..<128).map { min($0 / 10, 11) })
    for sift in [DenseSIFT(step: 4, binSize: 5), DenseSIFT(step: 3, binSize: 2)] {
      let nearest = sift.nearest(along: 50)
      let middles = (0..<sift.count(along: 50)).map {
        Double($0 * sift.step) + Double(sift.extent - 1) / 2
      }
      for (pixel, own) in nearest.enumerated() {
        let distances = middles.map { abs($0 - Double(pixel)) }
        #expect(distances[own] == distances.min())
      }
    }
  }
}
