import Tensor
import TestSupport
import Testing

@testable import Seg

@Suite struct GroundClassesTests {
  private let workers = Workers(threads: 2)

  /// Cells of two kinds, one three times as frequent, that differ by 1 in the first of three bands;
  /// the second and third scatter widely and alike, and say nothing. Each cell's surroundings look
  /// as it does. Four over-clusters, two a kind.
  private func cells(_ count: Int) -> (appearance: [[Float]], kinds: [Int], overclusters: [Int]) {
    var generator = SeededGenerator(seed: 1)
    let kinds = (0..<count).map { $0 % 4 == 0 ? 1 : 0 }
    let appearance = kinds.map { kind -> [Float] in
      let light = 5 * generator.normal()
      let own = [
        Float(kind) + 0.1 * generator.normal(), light + generator.normal(),
        light + generator.normal(),
      ]
      return own + own.map { $0 + 0.02 * generator.normal() }
    }
    return (appearance, kinds, kinds.enumerated().map { 2 * $0.element + $0.offset / 4 % 2 })
  }

  private func found(
    _ appearance: [[Float]], _ overclusters: [Int], names: [Int] = [0, 1, 2, 3], seed: UInt64 = 5
  ) -> GroundClasses {
    var generator = SeededGenerator(seed: seed)
    let (count, dimensions) = (appearance.count, appearance[0].count)
    let probabilities = Tensor(
      shape: [count, 4],
      values: overclusters.flatMap { cluster in
        (0..<4).map { names[$0] == cluster ? 0.97 : 0.01 }
      })
    return GroundClasses(
      Tensor(shape: [count, dimensions], values: appearance.flatMap(\.self)),
      blocks: [dimensions / 2, dimensions / 2], overclusters: probabilities,
      surroundings: probabilities, classes: 2, generator: &generator, on: workers)
  }

  /// The share of cells whose class is that of their kind, whichever class that is.
  private func agreement(_ classes: GroundClasses, _ kinds: [Int]) -> Double {
    let values = classes.probabilities.values
    let same = kinds.indices.count { (values[2 * $0] < 0.5) == (kinds[$0] == 1) }
    return Double(max(same, kinds.count - same)) / Double(kinds.count)
  }

  @Test func `what scatters inside over-clusters counts little, what sets them apart a lot`() {
    let (appearance, kinds, overclusters) = cells(1600)
    let classes = found(appearance, overclusters)
    #expect(agreement(classes, kinds) > 0.99)
  }

  @Test func `neither the bands' units nor the over-clusters' order matter`() {
    let (appearance, kinds, overclusters) = cells(800)
    let usual = found(appearance, overclusters)
    let scaled = found(
      appearance.map { row in row.enumerated().map { $1 * ($0 % 3 == 0 ? 4096 : 7) + 300 } },
      overclusters)
    #expect(agreement(scaled, kinds) == agreement(usual, kinds))
    let renamed = found(appearance, overclusters, names: [2, 0, 3, 1])
    expectClose(
      renamed.probabilities.values, usual.probabilities.values.map(Double.init), absolute: 1e-3,
      relative: 0)
  }

  @Test func `a seed fixes every bit`() {
    let (appearance, _, overclusters) = cells(400)
    #expect(
      found(appearance, overclusters).probabilities.values
        == found(appearance, overclusters).probabilities.values)
  }

  @Test func `cells that all look alike are borne`() {
    let alike = [[Float]](repeating: [3, 3, 3, 3], count: 50)
    let classes = found(alike, alike.indices.map { $0 % 4 })
    #expect(classes.probabilities.values.allSatisfy { $0.isFinite })
  }
}
