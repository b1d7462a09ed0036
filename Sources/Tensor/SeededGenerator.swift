import Foundation

/// Random numbers that repeat for the same seed on every machine: xoshiro256** (Blackman and Vigna,
/// 2018), its state filled from the seed by SplitMix64. The state is codable, so that a run can be
/// continued.
public struct SeededGenerator: RandomNumberGenerator, Sendable, Codable, Equatable {
  private var state: [UInt64]

  /// The generator of a seed.
  public init(seed: UInt64) {
    var mixer = seed
    state = (0..<4).map { _ in
      mixer &+= 0x9E37_79B9_7F4A_7C15
      var mixed = mixer
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// Reads a state of four words, not all zero (from which every number would be zero).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    state = try container.decode([UInt64].self)
    guard state.count == 4, state.contains(where: { $0 != 0 }) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected four words, not all zero")
    }
  }

  /// Writes the four words of the state.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(state)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 { (word << bits) | (word >> (64 - bits)) }
    let result = rotate(state[1] &* 5, 7) &* 9
    let shifted = state[1] << 17
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = rotate(state[3], 45)
    return result
  }

  /// A generator of an independent stream; moves this one on.
  public mutating func split() -> SeededGenerator { SeededGenerator(seed: next()) }

  /// A number evenly distributed over the range.
  public mutating func uniform(_ range: ClosedRange<Float>) -> Float {
    let unit = Float(next() >> 40) * 0x1p-24
    return min(
      range.upperBound, range.lowerBound + (range.upperBound - range.lowerBound) * unit)
  }

  /// A number of the normal distribution with mean 0 and variance 1 (Box and Muller, 1958).
  public mutating func normal() -> Float {
    let radius = (Double(next() >> 11) + 1) * 0x1p-53
    let angle = Double(next() >> 11) * 0x1p-53
    return Float((-2 * log(radius)).squareRoot() * cos(2 * .pi * angle))
  }
}
