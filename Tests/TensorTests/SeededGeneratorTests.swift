import Foundation
import Tensor
import TestSupport
import Testing

@Suite struct SeededGeneratorTests {
  /// The first numbers for a seed, from an independent implementation.
  struct KnownNumbers: Sendable {
    let seed: UInt64
    let numbers: [UInt64]
  }

  static let known = [
    KnownNumbers(
      seed: 0,
      numbers: [
        0x99ec_5f36_cb75_f2b4, 0xbf6e_1f78_4956_452a, 0x1a5f_849d_4933_e6e0, 0x6aa5_94f1_262d_2d2c,
        0xbba5_ad4a_1f84_2e59,
      ]),
    KnownNumbers(
      seed: 42,
      numbers: [
        0x1578_0b2e_0c2e_c716, 0x6104_d986_6d11_3a7e, 0xae17_5332_39e4_99a1, 0xecb8_ad47_03b3_60a1,
        0xfde6_dc7f_e2ec_5e64,
      ]),
    KnownNumbers(
      seed: UInt64.max,
      numbers: [
        0x8f55_20d5_2a7e_ad08, 0xc476_a018_caa1_802d, 0x81de_31c0_d260_469e, 0xbf65_8d7e_065f_3c2f,
        0x9135_93fd_a1bc_a32a,
      ]),
  ]

  @Test(arguments: known)
  func `gives xoshiro256**'s numbers`(_ known: KnownNumbers) {
    var generator = SeededGenerator(seed: known.seed)
    let numbers = known.numbers.map { _ in generator.next() }
    #expect(numbers == known.numbers)
  }

  @Test func `gives xoshiro256**'s thousandth number`() {
    var generator = SeededGenerator(seed: 7)
    for _ in 1..<1000 { _ = generator.next() }
    #expect(generator.next() == 0xd8df_721a_b427_1195)
  }

  @Test func `a copy and a decoded copy continue alike`() throws {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<17 { _ = generator.normal() }
    var copy = generator
    var decoded = try JSONDecoder().decode(
      SeededGenerator.self, from: JSONEncoder().encode(generator))
    #expect(decoded == generator)
    let expected = (0..<20).map { _ in generator.normal() }
    #expect((0..<20).map { _ in copy.normal() } == expected)
    #expect((0..<20).map { _ in decoded.normal() } == expected)
    #expect(decoded != SeededGenerator(seed: 3))
  }

  @Test(arguments: ["[1, 2, 3]", "[0, 0, 0, 0]", "[1, 2, 3, 4, 5]", "{}", "[1, 2, 3, -4]"])
  func `no other state is decoded`(_ json: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(SeededGenerator.self, from: Data(json.utf8))
    }
  }

  @Test func `uniform numbers fill their range evenly`() {
    var generator = SeededGenerator(seed: 11)
    let count = 100_000
    var bins = [Int](repeating: 0, count: 50)
    for _ in 0..<count {
      let value = generator.uniform(-3...7)
      #expect(value >= -3 && value <= 7)
      bins[min(49, Int((value + 3) * 5))] += 1
    }
    // χ² with 49 degrees of freedom: mean 49, deviation √98; five deviations.
    let each = Double(count) / 50
    let chiSquare = bins.reduce(0) { $0 + pow(Double($1) - each, 2) / each }
    #expect(chiSquare < 49 + 5 * 98.0.squareRoot(), "χ² = \(chiSquare)")
  }

  @Test func `uniform numbers keep to a narrow range and a single value`() {
    var generator = SeededGenerator(seed: 12)
    let range: ClosedRange<Float> = 1...Float(1).nextUp
    for _ in 0..<1000 {
      #expect(range.contains(generator.uniform(range)))
      #expect(generator.uniform(0.3...0.3) == 0.3)
    }
  }

  @Test func `normal numbers have the normal distribution's moments and tails`() {
    var generator = SeededGenerator(seed: 13)
    let count = 200_000
    let values = (0..<count).map { _ in Double(generator.normal()) }
    let mean = values.reduce(0, +) / Double(count)
    func moment(_ power: Double) -> Double {
      values.reduce(0) { $0 + pow($1 - mean, power) } / Double(count)
    }
    // Five deviations of each estimate: √(1/n), √(2/n), √(6/n), √(96/n).
    let root = Double(count).squareRoot()
    expectClose(mean, 0.0, absolute: 5 / root, relative: 0, "mean")
    expectClose(moment(2), 1.0, absolute: 5 * 2.0.squareRoot() / root, relative: 0, "variance")
    expectClose(moment(3), 0.0, absolute: 5 * 6.0.squareRoot() / root, relative: 0, "skew")
    expectClose(moment(4), 3.0, absolute: 5 * 96.0.squareRoot() / root, relative: 0, "kurtosis")
    let beyondTwo = Double(values.count { abs($0) > 2 }) / Double(count)
    expectClose(beyondTwo, 0.0455, absolute: 5 * 0.21 / root, relative: 0, "beyond two deviations")
    #expect(values.allSatisfy { $0.isFinite })
    // Numbers drawn one after the other are not alike.
    let following = zip(values, values.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / Double(count)
    expectClose(following, 0.0, absolute: 5 / root, relative: 0, "correlation")
  }

  @Test func `split streams repeat, and differ from each other and from their parent`() {
    var (parent, twin) = (SeededGenerator(seed: 14), SeededGenerator(seed: 14))
    var (first, firstTwin) = (parent.split(), twin.split())
    var (second, secondTwin) = (parent.split(), twin.split())
    #expect(first == firstTwin && second == secondTwin && parent == twin)
    #expect(
      (0..<100).map { _ in first.next() } == (0..<100).map { _ in firstTwin.next() })
    #expect(
      (0..<100).map { _ in second.next() } == (0..<100).map { _ in secondTwin.next() })
    var streams = [parent, first, second]
    let numbers = streams.indices.flatMap { stream in
      (0..<1000).map { _ in streams[stream].next() }
    }
    #expect(Set(numbers).count == 3000)
  }
}
