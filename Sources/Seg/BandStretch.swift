internal import IIC

/// What brings each band of a raster to about [0, 1]: the 1st percentile of its values goes to 0,
/// the 99th to 1. The values beyond keep their order beyond, as far as `BandScaling.limits` go.
///
/// For any range of values, 8-bit, 16-bit or float: the range is learned, never assumed.
public struct BandStretch: Sendable, Equatable {
  /// The stretch of one band: network input = (value − offset) / scale, cut to the limits.
  public struct Band: Sendable, Equatable {
    /// The value that goes to 0.
    public var offset: Float
    /// What is added to it goes to 1; neither 0 nor subnormal, and finite.
    public var scale: Float

    /// Creates a stretch. Traps on an offset that is not finite or a scale that is not normal.
    public init(offset: Float, scale: Float) {
      precondition(scale.isNormal && offset.isFinite, "\(offset), \(scale)")
      self.offset = offset
      self.scale = scale
    }
  }

  /// A stretch a band, in the order of the bands read.
  public var bands: [Band]

  /// Creates a stretch of known offsets and scales.
  public init(bands: [Band]) { self.bands = bands }

  /// The stretch between two percentiles of the samples of each band (linear between samples, as
  /// numpy has it); nil if there are no samples.
  ///
  /// Where the percentiles meet, because nearly all of a band is one value, the band is stretched
  /// between its least and greatest value; where those meet too, it is only shifted.
  public init?(
    of samples: BandSamples, lowerPercentile: Double = 1, upperPercentile: Double = 99
  ) {
    precondition(
      0 <= lowerPercentile && lowerPercentile < upperPercentile && upperPercentile <= 100,
      "percentiles \(lowerPercentile) and \(upperPercentile)")
    guard samples.count > 0 else { return nil }
    bands = samples.bands.map { values in
      let sorted = values.sorted()
      func percentile(_ percent: Double) -> Double {
        let position = percent / 100 * Double(sorted.count - 1)
        let below = Int(position)
        let above = min(below + 1, sorted.count - 1)
        let (lower, upper) = (Double(sorted[below]), Double(sorted[above]))
        return lower + (position - Double(below)) * (upper - lower)
      }
      let intervals = [
        (percentile(lowerPercentile), percentile(upperPercentile)),
        (percentile(0), percentile(100)),
      ]
      for (lower, upper) in intervals {
        let spread = Float(upper - lower)
        if spread.isNormal { return Band(offset: Float(lower), scale: spread) }
      }
      return Band(offset: Float(percentile(lowerPercentile)), scale: 1)
    }
  }

  /// Stretches pixel-interleaved values in place; pixels that are not valid become 0.
  ///
  /// Traps unless the counts of `values` and `valid` fit the bands.
  public func apply(to values: inout [Float], valid: [Bool]) {
    precondition(
      values.count == valid.count * bands.count,
      "\(values.count) values for \(valid.count) pixels of \(bands.count) bands")
    let limits = bands.map { BandScaling.limits(offset: $0.offset, scale: $0.scale) }
    var index = 0
    for isValid in valid {
      for (band, limits) in zip(bands, limits) {
        let scaled = (values[index] - band.offset) / band.scale
        values[index] = isValid ? min(max(scaled, limits.lowerBound), limits.upperBound) : 0
        index += 1
      }
    }
  }
}
