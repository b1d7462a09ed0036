import Tensor
import Testing

@testable import Seg

@Suite struct ClassMergingTests {
  private func merged(_ points: [Double], _ weights: [Double], into classes: Int) -> [Int] {
    ClassMerging.assignment(means: points.map { [$0] }, weights: weights, classes: classes)
  }

  // Merging two adds w₁w₂ / (w₁ + w₂) · distance² to the sum of squares within.

  @Test func `equal weights join the nearest`() {
    let points: [Double] = [10, 0, 12, 1]
    let weights: [Double] = [1, 1, 1, 1]
    // 0 and 1 cost 1/2, 10 and 12 cost 2; then the pairs' means are 10.5 apart.
    #expect(merged(points, weights, into: 3) == [0, 1, 2, 1])
    #expect(merged(points, weights, into: 2) == [0, 1, 0, 1])
    #expect(merged(points, weights, into: 1) == [0, 0, 0, 0])
  }

  @Test func `two heavy neighbours stay apart longer than light ones far away`() {
    let points: [Double] = [0, 1, 5, 8]
    // 5 and 8 cost 0.05 · 9, and at 6.5 join 1 for 100 · 0.2 / 100.2 · 5.5² ≈ 6; 0 and 1 cost 50.
    #expect(merged(points, [100, 100, 0.1, 0.1], into: 2) == [0, 1, 1, 1])
    // Ten times as heavy they cost 4.5, and then 200 / 102 · 5.5² ≈ 59.
    #expect(merged(points, [100, 100, 1, 1], into: 2) == [0, 0, 1, 1])
  }

  @Test func `a joined cluster lies at its members' weighted mean and weighs their sum`() {
    // 0 and 1 join at 0.1 for 0.9. To take 4 in would cost 10 / 11 · 3.9² ≈ 13.8, while 4 and 9
    // cost 12.5. (At 0.5, their plain mean, it would cost 11.1.)
    #expect(merged([0, 1, 4, 9], [9, 1, 1, 1], into: 2) == [0, 0, 1, 1])
    // 0 and 1 join at 0.5 and weigh 18: 18 / 19 · 5.5² ≈ 28.7 for 6 to join, while 6 and 13.5
    // cost 28.1. (Weighing 9 still, 6 would join for 27.2.)
    #expect(merged([0, 1, 6, 13.5], [9, 9, 1, 1], into: 2) == [0, 0, 1, 1])
    #expect(merged([0, 1, 6, 13.6], [9, 9, 1, 1], into: 2) == [0, 0, 0, 1])
  }

  @Test func `distance counts every dimension`() {
    // Squared: 25 from the first to the second, 18 from the second to the third, 37 between them.
    let points: [[Double]] = [[0, 0], [3, 4], [6, 1]]
    #expect(ClassMerging.assignment(means: points, weights: [1, 1, 1], classes: 2) == [0, 1, 1])
  }

  @Test func `as many classes as clusters leave each its own`() {
    #expect(merged([3, 3, 1, 7], [1, 0, 0, 2], into: 4) == [0, 1, 2, 3])
    #expect(merged([5], [0], into: 1) == [0])
  }

  @Test func `clusters that weigh nothing join first and move nobody`() {
    let points: [Double] = [0, 4, 10, 15, 30]
    let weights: [Double] = [2, 1, 3, 1, 2]
    let places = [1, 3, 4, 6, 7]
    var allPoints = [Double](repeating: 0, count: 9)
    var allWeights = allPoints
    // The weightless lie where they would do most harm: far off, and between the others.
    for (place, point) in zip([0, 2, 5, 8], [1000, 7, 12.5, -50.0]) { allPoints[place] = point }
    for (index, place) in places.enumerated() {
      allPoints[place] = points[index]
      allWeights[place] = weights[index]
    }
    for classes in 1...5 {
      let expected = merged(points, weights, into: classes)
      let actual = merged(allPoints, allWeights, into: classes)
      #expect(Set(actual) == Set(0..<classes))
      #expect(samePartition(places.map { actual[$0] }, expected), "\(classes) classes")
    }
    #expect(Set(merged(allPoints, [Double](repeating: 0, count: 9), into: 3)) == [0, 1, 2])
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func `the order of the clusters changes only the classes' numbers`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let points = (0..<14).map { _ in (0..<3).map { _ in Double(generator.normal()) } }
    let weights = points.map { _ in Double(generator.uniform(0...5)) }
    let order = Array(0..<14).shuffled(using: &generator)
    for classes in [2, 5, 9] {
      let straight = ClassMerging.assignment(means: points, weights: weights, classes: classes)
      let permuted = ClassMerging.assignment(
        means: order.map { points[$0] }, weights: order.map { weights[$0] }, classes: classes)
      #expect(samePartition(permuted, order.map { straight[$0] }))
      for result in [straight, permuted] {
        // Numbered in the order of their first members.
        let firsts = (0..<classes).map { result.firstIndex(of: $0) }
        #expect(firsts.allSatisfy { $0 != nil })
        #expect(firsts.compactMap(\.self) == firsts.compactMap(\.self).sorted())
      }
    }
  }

  @Test(arguments: [UInt64(5), 6, 7])
  func `each joining adds the least to the sum of squares within`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let points = (0..<9).map { _ in (0..<2).map { _ in Double(generator.normal()) } }
    let weights = points.map { _ in Double(generator.uniform(0.1...4)) }
    /// The weighted sum of squared distances to the means of the groups.
    func squaresWithin(_ groups: [Int]) -> Double {
      Set(groups).reduce(0) { sum, group in
        let members = groups.indices.filter { groups[$0] == group }
        let weight = members.reduce(0) { $0 + weights[$1] }
        return (0..<2).reduce(sum) { sum, axis in
          let mean = members.reduce(0) { $0 + weights[$1] * points[$1][axis] } / weight
          return members.reduce(sum) {
            $0 + weights[$1] * (points[$1][axis] - mean) * (points[$1][axis] - mean)
          }
        }
      }
    }
    for classes in (1...8).reversed() {
      let before = ClassMerging.assignment(means: points, weights: weights, classes: classes + 1)
      let after = ClassMerging.assignment(means: points, weights: weights, classes: classes)
      var least = Double.infinity
      for second in 0...classes {
        for first in 0..<second {
          least = min(least, squaresWithin(before.map { $0 == second ? first : $0 }))
        }
      }
      #expect(abs(squaresWithin(after) - least) < 1e-9 * (1 + least))
    }
  }

  /// Whether two numberings put the same clusters together.
  private func samePartition(_ a: [Int], _ b: [Int]) -> Bool {
    a.count == b.count
      && a.indices.allSatisfy { i in a.indices.allSatisfy { (a[i] == a[$0]) == (b[i] == b[$0]) } }
  }
}
