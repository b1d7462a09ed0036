import IIC
import Tensor
import Testing

@Suite struct MatchingTests {
  /// The least cost of all assignments, tried one by one; no more rows than columns.
  static func bruteForce(_ costs: [Double], rows: Int, columns: Int) -> Double {
    func least(from row: Int, taken: Set<Int>) -> Double {
      guard row < rows else { return 0 }
      return (0..<columns).filter { !taken.contains($0) }.map {
        costs[row * columns + $0] + least(from: row + 1, taken: taken.union([$0]))
      }.min()!
    }
    return least(from: 0, taken: [])
  }

  /// The cost of an assignment, checked for being one.
  static func cost(_ assignment: [Int?], _ costs: [Double], columns: Int) -> Double? {
    let given = assignment.compactMap(\.self)
    guard Set(given).count == given.count, given.count == min(assignment.count, columns),
      given.allSatisfy({ (0..<columns).contains($0) })
    else { return nil }
    return assignment.enumerated().reduce(0) { sum, match in
      sum + (match.element.map { costs[match.offset * columns + $0] } ?? 0)
    }
  }

  @Test(arguments: 1...6, 1...6)
  func leastCostIsThatOfBruteForce(rows: Int, columns: Int) {
    var generator = SeededGenerator(seed: UInt64(rows * 10 + columns))
    for round in 0..<40 {
      // Few different costs make ties, which must not mislead.
      let range = round.isMultiple(of: 2) ? -50...50 : 0...2
      let costs = (0..<rows * columns).map { _ in
        Double(Int.random(in: range, using: &generator))
      }
      let transposed = (0..<rows * columns).map { costs[$0 % rows * columns + $0 / rows] }
      let least =
        rows <= columns
        ? Self.bruteForce(costs, rows: rows, columns: columns)
        : Self.bruteForce(transposed, rows: columns, columns: rows)
      let found = HungarianAssignment.minimise(costs: costs, rows: rows, columns: columns)
      #expect(Self.cost(found, costs, columns: columns) == least)
    }
  }

  @Test func leastCostIsThatOfSciPy() throws {
    let golden = try GoldenClustering.read().assignments
    #expect(golden.count == 7)
    for case let problem in golden {
      let found = HungarianAssignment.minimise(
        costs: problem.costs, rows: problem.rows, columns: problem.columns)
      #expect(Self.cost(found, problem.costs, columns: problem.columns) == problem.least)
    }
  }

  @Test func fractionalAndLargeCosts() {
    #expect(
      HungarianAssignment.minimise(costs: [0.1, 0.2, 0.1, 0.3], rows: 2, columns: 2) == [1, 0])
    let large = 1e15
    #expect(
      HungarianAssignment.minimise(
        costs: [large, large + 1, large, large + 2], rows: 2, columns: 2) == [1, 0])
  }

  @Test func matchingsAreAsGoodAsPublished() throws {
    for scores in try GoldenClustering.read().scores {
      let confusion = scores.confusion
      func right(_ matching: [Int?]) -> Double {
        confusion.relabelled(by: matching).accuracy! * Double(confusion.total)
      }
      #expect(abs(right(Matching.oneToOne(confusion)) - Double(scores.matched)) < 1e-9)
      #expect(abs(right(Matching.manyToOne(confusion)) - Double(scores.matchedManyToOne)) < 1e-9)
    }
  }

  @Test func matchingsByHand() {
    // Prediction 1 is mostly class 0, 0 mostly class 1; 2 is nearly as often class 1; 3 never.
    let confusion = ConfusionMatrix(
      classes: 2, predictions: 4, counts: [1, 8, 2, 0, 9, 0, 7, 0])
    #expect(Matching.oneToOne(confusion) == [1, 0, nil, nil])
    #expect(Matching.manyToOne(confusion) == [1, 0, 1, 0])
    // Fewer predictions than classes: each still gets one of its own.
    let few = ConfusionMatrix(classes: 3, predictions: 2, counts: [5, 6, 0, 4, 1, 0])
    #expect(Matching.oneToOne(few) == [0, 1])
    #expect(Matching.manyToOne(few) == [0, 0])
  }
}
