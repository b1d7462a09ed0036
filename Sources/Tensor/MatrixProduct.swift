import COpenBLAS

/// Every matrix product goes through here; nothing else calls OpenBLAS.
///
/// Matrices are row-major with a leading dimension: the distance between rows in elements, which
/// may be less than the row's length where rows overlap on purpose (read-only).
enum MatrixProduct {
  /// c = alpha · op(a) · op(b) + beta · c on the calling thread. op(a) is [rows, inner], op(b) is
  /// [inner, columns], c is [rows, columns].
  @inline(__always)
  static func multiply(
    rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Float>, leading aLeading: Int, transposed aTransposed: Bool = false,
    _ b: UnsafePointer<Float>, leading bLeading: Int, transposed bTransposed: Bool = false,
    into c: UnsafeMutablePointer<Float>, leading cLeading: Int, adding: Bool = false
  ) {
    guard rows > 0, columns > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans,
      bTransposed ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns), blasint(inner), 1,
      a, blasint(aLeading), b, blasint(bLeading), adding ? 1 : 0, c, blasint(cLeading))
  }
}

extension Tensor {
  /// op(a) · op(b) of two matrices, op the transposition where asked for: [rows, inner] times
  /// [inner, columns] gives [rows, columns]. Traps where the shapes do not fit.
  public static func product(
    _ a: Tensor, transposed aTransposed: Bool = false, _ b: Tensor,
    transposed bTransposed: Bool = false, on workers: Workers
  ) -> Tensor {
    precondition(a.shape.count == 2 && b.shape.count == 2, "\(a.shape) times \(b.shape)")
    let rows = a.shape[aTransposed ? 1 : 0]
    let inner = a.shape[aTransposed ? 0 : 1]
    let columns = b.shape[bTransposed ? 0 : 1]
    precondition(
      b.shape[bTransposed ? 1 : 0] == inner,
      "\(a.shape)\(aTransposed ? "ᵀ" : "") times \(b.shape)\(bTransposed ? "ᵀ" : "")")
    var result = Tensor(uninitialised: [rows, columns], on: workers)
    guard inner > 0 else {
      result.fill(with: 0)
      return result
    }
    let c = result.mutableElements()
    workers.split(rows) { range, _ in
      MatrixProduct.multiply(
        rows: range.count, columns: columns, inner: inner,
        a.elements + range.lowerBound * (aTransposed ? 1 : inner), leading: a.shape[1],
        transposed: aTransposed, b.elements, leading: b.shape[1], transposed: bTransposed,
        into: c + range.lowerBound * columns, leading: columns)
    }
    return result
  }
}
