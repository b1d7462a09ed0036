internal import Foundation

/// Merges the over-clusters of a network into fewer classes by the agglomerative information
/// bottleneck (Slonim and Tishby, 2000): again and again the two whose merging loses the least of
/// the mutual information between a place's cluster and its neighbours' in another view, the very
/// quantity that training raised. Unlike training itself, it does not pull towards equal areas.
enum ClassMerging {
  /// Which class each over-cluster belongs to.
  ///
  /// - Parameters:
  ///   - joint: [k, k], symmetric and not negative: how often two over-clusters meet.
  ///   - classes: How many classes to end with, at most k.
  /// - Returns: k numbers in `0 ..< classes`, classes in the order of their first over-cluster.
  static func assignment(joint: [[Double]], classes: Int) -> [Int] {
    precondition(classes >= 1 && classes <= joint.count, "\(classes) classes of \(joint.count)")
    var groups = joint.indices.map { [$0] }
    var joint = joint
    while groups.count > classes {
      var best = (loss: Double.infinity, first: 0, second: 1)
      for second in 1..<groups.count {
        for first in 0..<second {
          let loss = informationLoss(joint, first, second)
          if loss < best.loss { best = (loss, first, second) }
        }
      }
      merge(&joint, best.first, best.second)
      groups[best.first] += groups[best.second]
      groups.remove(at: best.second)
    }
    var assignment = [Int](repeating: 0, count: groups.reduce(0) { $0 + $1.count })
    for (label, members) in groups.enumerated() {
      for member in members { assignment[member] = label }
    }
    return assignment
  }

  /// How much mutual information goes when two rows, and the same columns, become one.
  private static func informationLoss(_ joint: [[Double]], _ first: Int, _ second: Int) -> Double {
    // With P ln P summed over rows a and b minus over their sum, twice for rows and columns (the
    // joint is symmetric), and the four cells where they cross counted once.
    var loss = 0.0
    for other in joint.indices where other != first && other != second {
      let (a, b) = (joint[first][other], joint[second][other])
      loss += 2 * (entropyTerm(a) + entropyTerm(b) - entropyTerm(a + b))
    }
    let crossing = [
      joint[first][first], joint[first][second], joint[second][first], joint[second][second],
    ]
    loss += crossing.reduce(0) { $0 + entropyTerm($1) } - entropyTerm(crossing.reduce(0, +))
    let (a, b) = (joint[first].reduce(0, +), joint[second].reduce(0, +))
    return loss - 2 * (entropyTerm(a) + entropyTerm(b) - entropyTerm(a + b))
  }

  private static func entropyTerm(_ p: Double) -> Double { p > 0 ? p * log(p) : 0 }

  private static func merge(_ joint: inout [[Double]], _ first: Int, _ second: Int) {
    for row in joint.indices {
      joint[row][first] += joint[row][second]
      joint[row].remove(at: second)
    }
    let removed = joint.remove(at: second)
    for column in removed.indices { joint[first][column] += removed[column] }
  }
}
