import IIC
import Seg
import Tensor
import Testing

@Suite struct BandStretchTests {
  private func stretch(_ bands: [[Float]]) -> BandStretch? {
    var samples = BandSamples(bandCount: bands.count)
    let count = bands[0].count
    samples.add(
      values: (0..<count).flatMap { pixel in bands.map { $0[pixel] } },
      valid: [Bool](repeating: true, count: count))
    return BandStretch(of: samples)
  }

  @Test func percentilesGoToZeroAndOne() throws {
    let ramp = (0...1000).map { Float($0) }
    let shuffled = (0...1000).map { Float($0 * 387 % 1001) * 60 - 500 }
    let result = try #require(stretch([ramp, shuffled]))
    #expect(result.bands[0] == .init(offset: 10, scale: 980))
    #expect(result.bands[1] == .init(offset: 100, scale: 58800))
    // Between samples: numpy.percentile([0, 10], [1, 99]) is 0.1 and 9.9.
    let two = try #require(stretch([[10, 0]]))
    #expect(abs(two.bands[0].offset - 0.1) < 1e-6 && abs(two.bands[0].scale - 9.8) < 1e-6)
  }

  @Test func bandsOfOneValueHaveAScale() throws {
    let constant = [Float](repeating: 7, count: 500)
    var sparse = constant
    sparse[3] = 27
    var enormous = constant
    enormous[5] = -.greatestFiniteMagnitude
    enormous[6] = .greatestFiniteMagnitude
    let result = try #require(
      stretch([constant, sparse, enormous, [Float](repeating: 0, count: 500)]))
    #expect(result.bands[0] == .init(offset: 7, scale: 1))
    #expect(result.bands[1] == .init(offset: 7, scale: 20))
    #expect(result.bands[2] == .init(offset: 7, scale: 1))
    #expect(result.bands[3] == .init(offset: 0, scale: 1))
    #expect(stretch([[]]) == nil)
  }

  @Test func invalidPixelsNeitherCountNorShow() throws {
    var samples = BandSamples(bandCount: 2)
    samples.add(
      values: [1, 2, 9999, 9999, .nan, 5, 3, .infinity, 5, 6],
      valid: [true, false, true, true, true])
    #expect(samples.bands == [[1, 5], [2, 6]])
    var values: [Float] = [3, 30, 100, 100, 2, 10]
    BandStretch(bands: [.init(offset: 1, scale: 2), .init(offset: 10, scale: 20)])
      .apply(to: &values, valid: [true, false, true])
    #expect(values == [1, 1, 0, 0, 0.5, 0])
  }

  @Test func absurdValuesEnd() throws {
    var values: [Float] = [-1e30, -1e30, 3e38, 3e38, 3, 3]
    let stretch = BandStretch(bands: [.init(offset: 1, scale: 2), .init(offset: 0, scale: 1)])
    stretch.apply(to: &values, valid: [true, true, true])
    // A band that is taken as it is has no end.
    #expect(values == [-10, -1e30, 11, 3e38, 1, 3])
    let scaling = try BandScaling(name: "red", offset: 1, scale: 2)
    #expect([-1e30, 3e38, 3].map { scaling.input(of: $0) } == [-10, 11, 1])
  }
}
