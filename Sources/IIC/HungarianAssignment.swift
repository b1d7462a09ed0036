/// The assignment problem: give rows columns, one each, at the least total cost.
public enum HungarianAssignment {
  /// The column of each row in an assignment of least total cost; min(rows, columns) rows get one,
  /// the others nil. The same costs always give the same answer.
  ///
  /// Shortest augmenting paths with potentials (Kuhn 1955, Munkres 1957, in the form of Jonker and
  /// Volgenant 1987), O(rows² · columns) for no more rows than columns.
  ///
  /// - Parameters:
  ///   - costs: [rows, columns], row-major, finite. Traps otherwise.
  public static func minimise(costs: [Double], rows: Int, columns: Int) -> [Int?] {
    precondition(
      rows >= 1 && columns >= 1 && costs.count == rows * columns,
      "\(costs.count) costs of \(rows) rows and \(columns) columns")
    precondition(costs.allSatisfy(\.isFinite), "a cost is not finite")
    if rows <= columns {
      return rowOfEachColumn(rows: rows, columns: columns) { costs[$0 * columns + $1] }
        .enumerated().reduce(into: Array(repeating: nil, count: rows)) { result, match in
          if let row = match.element { result[row] = match.offset }
        }
    }
    return rowOfEachColumn(rows: columns, columns: rows) { costs[$1 * columns + $0] }
  }

  /// Which row each column is given to, for no more rows than columns.
  private static func rowOfEachColumn(
    rows: Int, columns: Int, cost: (_ row: Int, _ column: Int) -> Double
  ) -> [Int?] {
    var rowPotential = Array(repeating: 0.0, count: rows)
    var columnPotential = Array(repeating: 0.0, count: columns)
    var owner: [Int?] = Array(repeating: nil, count: columns)

    for newRow in 0..<rows {
      // Dijkstra's search from the new row to the nearest column that nobody owns, over reduced
      // costs; `previous` is the column before each on its path.
      var distance = Array(repeating: Double.infinity, count: columns)
      var previous: [Int?] = Array(repeating: nil, count: columns)
      var finished = Array(repeating: false, count: columns)
      var row = newRow
      var reached: Int?
      var length = 0.0
      while true {
        var nearest: Int?
        for column in 0..<columns where !finished[column] {
          let step = cost(row, column) - rowPotential[row] - columnPotential[column]
          if length + step < distance[column] {
            distance[column] = length + step
            previous[column] = reached
          }
          if nearest.map({ distance[column] < distance[$0] }) ?? true { nearest = column }
        }
        // As many columns as rows at least: there is always one left.
        let column = nearest!
        finished[column] = true
        reached = column
        length = distance[column]
        guard let next = owner[column] else { break }
        row = next
      }

      // Potentials move so that every reduced cost stays at least 0, and 0 along the path.
      rowPotential[newRow] += length
      for column in 0..<columns where finished[column] {
        let slack = length - distance[column]
        columnPotential[column] -= slack
        if let row = owner[column] { rowPotential[row] += slack }
      }
      // Columns along the path each pass to the row before them.
      var column = reached
      while let current = column {
        column = previous[current]
        owner[current] = column.map { owner[$0]! } ?? newRow
      }
    }
    return owner
  }
}
