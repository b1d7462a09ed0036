internal import IIC
internal import Raster

extension TrainingImagery {
  /// Scales every block in place so that each band's 1st percentile becomes 0 and its 99th 1, and
  /// returns the scaling. Values beyond lie outside [0, 1], as far as `BandScaling.limits` go.
  mutating func stretch() throws -> [BandScaling] {
    guard let stretch = BandStretch(of: samples) else { throw noData }
    for number in blocks.indices { apply(stretch, toBlock: number) }
    return try zip(bandNames, stretch.bands).map { name, band in
      try BandScaling(name: name, offset: band.offset, scale: band.scale)
    }
  }

  /// Pixels with data, evenly spread, and as many as percentiles need.
  private var samples: BandSamples {
    var samples = BandSamples(bandCount: bandCount)
    let step = max(1, blocks.reduce(0) { $0 + $1.valid.count } / 200_000)
    for block in blocks {
      for pixel in stride(from: 0, to: block.valid.count, by: step) where block.valid[pixel] {
        let first = pixel * bandCount
        samples.add(values: Array(block.values[first..<first + bandCount]), valid: [true])
      }
    }
    return samples
  }

  /// A value that more than a hundredth of the pixels have in every band, several of them, and that
  /// no pixel goes beyond: mostly one that marks missing data and is not declared.
  func repeatedExtreme() -> SelfTraining.Notice? {
    guard bandCount > 1 else { return nil }
    let samples = samples
    let (first, others) = (samples.bands[0], samples.bands.dropFirst())
    let least = samples.bands.compactMap { $0.min() }.min()
    let most = samples.bands.compactMap { $0.max() }.max()
    return [least, most].lazy.compactMap(\.self).compactMap { value -> SelfTraining.Notice? in
      let uniform = first.indices.count { pixel in
        first[pixel] == value && others.allSatisfy { $0[pixel] == value }
      }
      let share = Double(uniform) / Double(max(1, samples.count))
      // Where nearly all is one value, that is what the raster shows.
      return (0.01..<0.99).contains(share) ? .repeatedExtreme(value: value, share: share) : nil
    }.first
  }

  /// The visible bands for the jitter, as far as the file names them. Rasters of three or four
  /// bands without names are taken for red, green, blue and infra-red, the usual order.
  var jitter: PhotometricJitter {
    func index(_ colour: ColourInterpretation) -> Int? { interpretations.firstIndex(of: colour) }
    if let red = index(.red), let green = index(.green), let blue = index(.blue) {
      return PhotometricJitter(bands: .visible(red: red, green: green, blue: blue))
    }
    let isNamed = interpretations.contains { $0 != .undefined && $0 != .grey }
    if (3...4).contains(bandCount) && !isNamed {
      return PhotometricJitter(bands: .visible(red: 0, green: 1, blue: 2))
    }
    return PhotometricJitter(bands: .separate(Array(0..<bandCount)))
  }
}
