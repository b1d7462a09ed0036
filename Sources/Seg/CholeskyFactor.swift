/// A symmetric positive definite matrix as its Cholesky factor: A = L · Lᵀ, L lower triangular.
struct CholeskyFactor {
  /// How many rows.
  let size: Int
  /// L, [size, size] row-major, zero above the diagonal.
  let lower: [Double]

  /// Factors A [size, size], row-major, of which the lower triangle counts. Nil where it is not
  /// positive definite to rounding.
  init?(_ a: [Double], size: Int) {
    precondition(a.count == size * size, "\(a.count) numbers for \(size) × \(size)")
    var lower = [Double](repeating: 0, count: a.count)
    for row in 0..<size {
      for column in 0...row {
        var sum = a[row * size + column]
        for k in 0..<column { sum -= lower[row * size + k] * lower[column * size + k] }
        if row == column {
          guard sum > 0, sum.isFinite else { return nil }
          lower[row * size + row] = sum.squareRoot()
        } else {
          lower[row * size + column] = sum / lower[column * size + column]
        }
      }
    }
    self.size = size
    self.lower = lower
  }

  /// Of A with as much added to its diagonal as it takes to be positive definite, at least `ridge`:
  /// for covariances, which are so but for rounding and numbers that follow from others.
  init(_ a: [Double], size: Int, ridge: Double) {
    var ridge = ridge
    // A of numbers that are not finite has no factor, whatever is added: it counts as nothing.
    let a = a.allSatisfy(\.isFinite) ? a : [Double](repeating: 0, count: a.count)
    while true {
      var ridged = a
      for index in 0..<size { ridged[index * (size + 1)] += ridge }
      if let factor = CholeskyFactor(ridged, size: size) {
        self = factor
        return
      }
      ridge *= 10
    }
  }

  /// L⁻¹ b.
  func halfSolved(_ b: [Double]) -> [Double] {
    var x = b
    for row in 0..<size {
      for k in 0..<row { x[row] -= lower[row * size + k] * x[k] }
      x[row] /= lower[row * size + row]
    }
    return x
  }

  /// A⁻¹ b.
  func solved(_ b: [Double]) -> [Double] {
    var x = halfSolved(b)
    for row in (0..<size).reversed() {
      for k in row + 1..<size { x[row] -= lower[k * size + row] * x[k] }
      x[row] /= lower[row * size + row]
    }
    return x
  }
}
