/// Merges over-clusters into fewer classes by Ward's linkage (Ward, 1963): again and again the two
/// whose merging adds the least to the variance within clusters.
///
/// Unlike training, which pulls clusters towards equal areas, this lets many over-clusters of one
/// kind of ground become one large class beside small ones.
enum ClassMerging {
  /// Which class each over-cluster belongs to.
  ///
  /// - Parameters:
  ///   - means: a point for each over-cluster, all of one dimension.
  ///   - weights: how much each weighs, not negative; those that weigh nothing join first.
  ///   - classes: how many classes to end with, at most the over-clusters.
  /// - Returns: a number in `0 ..< classes` for each, classes in the order of their first member.
  static func assignment(means: [[Double]], weights: [Double], classes: Int) -> [Int] {
    precondition(
      means.count == weights.count && classes >= 1 && classes <= means.count,
      "\(classes) classes of \(means.count) over-clusters with \(weights.count) weights")
    var groups = means.indices.map { [$0] }
    var (means, weights) = (means, weights)
    while groups.count > classes {
      var best = (cost: Double.infinity, first: 0, second: 1)
      for second in 1..<groups.count {
        for first in 0..<second {
          let total = weights[first] + weights[second]
          let share = total > 0 ? weights[first] * weights[second] / total : 0
          let cost = share * squaredDistance(means[first], means[second])
          if cost < best.cost { best = (cost, first, second) }
        }
      }
      let (first, second) = (best.first, best.second)
      let total = weights[first] + weights[second]
      if total > 0 {
        means[first] = zip(means[first], means[second]).map {
          ($0 * weights[first] + $1 * weights[second]) / total
        }
      }
      weights[first] = total
      groups[first] += groups[second]
      groups.remove(at: second)
      means.remove(at: second)
      weights.remove(at: second)
    }
    var assignment = [Int](repeating: 0, count: groups.reduce(0) { $0 + $1.count })
    for (label, members) in groups.enumerated() {
      for member in members { assignment[member] = label }
    }
    return assignment
  }

  private static func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
}
