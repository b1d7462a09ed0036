/// Random references, each the same on every run and machine.
///
/// Every value drawn is exactly representable as a Float, so that a tensor under test and its
/// reference start from the same numbers. The stream is one of its own (splitmix64), so that a
/// test of the engine's generator never rests on the engine's generator.
extension ReferenceTensor {
  /// Independent values, uniform in a range.
  public static func random(
    _ shape: [Int], seed: UInt64, in range: ClosedRange<Double> = -1...1
  ) -> ReferenceTensor {
    var stream = RandomStream(seed: seed)
    let values = (0..<shape.reduce(1, *)).map { _ in
      let fraction = Double(stream.next() >> 11) / 9_007_199_254_740_992  // 2⁵³
      return Double(Float(range.lowerBound + (range.upperBound - range.lowerBound) * fraction))
    }
    return ReferenceTensor(shape: shape, values: values)
  }

  /// Values that all differ by at least 1 / count, in a random order, within -1...1: for
  /// operations that compare values, such as a maximum, whose gradient jumps where two are equal.
  public static func randomDistinct(_ shape: [Int], seed: UInt64) -> ReferenceTensor {
    var stream = RandomStream(seed: seed)
    let count = shape.reduce(1, *)
    let order = Array(0..<count).shuffled(using: &stream)
    return ReferenceTensor(
      shape: shape,
      values: order.map { Double(Float((2 * Double($0) + 1) / Double(count) - 1)) })
  }

  /// Probabilities: positive values that sum to 1 over the last axis (up to Float's rounding), as
  /// a softmax leaves them.
  public static func randomProbabilities(
    _ shape: [Int], seed: UInt64, sharpness: Double = 2
  ) -> ReferenceTensor {
    let logits = random(shape, seed: seed, in: -sharpness...sharpness)
    return ReferenceSoftmax.forward(logits).map { Double(Float($0)) }
  }

  /// A mask of zeros and ones, each element one with the given probability.
  public static func randomMask(
    _ shape: [Int], seed: UInt64, probability: Double = 0.7
  ) -> ReferenceTensor {
    random(shape, seed: seed, in: 0...1).map { $0 < probability ? 1 : 0 }
  }
}

/// Steele, Lea and Flood's splitmix64.
private struct RandomStream: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
