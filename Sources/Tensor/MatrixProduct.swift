import COpenBLAS
import Kernels

/// Every matrix product of matrices as they lie in memory goes through here; nothing else calls
/// OpenBLAS.
///
/// Processors with AVX-512 use the product in `Kernels`, after packing the right factor: OpenBLAS
/// has slower ones, and where it takes such a processor for an older one, half as fast. Products of
/// a few rows are not worth the packing.
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
    if rows >= packedRows && kernels_product_is_fastest() != 0 {
      multiplyPacking(
        rows: rows, columns: columns, inner: inner, a, aTransposed ? 1 : aLeading,
        aTransposed ? aLeading : 1, b, bTransposed ? 1 : bLeading, bTransposed ? bLeading : 1,
        into: c, cLeading, adding: adding)
      return
    }
    cblas_sgemm(
      CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans,
      bTransposed ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns), blasint(inner), 1,
      a, blasint(aLeading), b, blasint(bLeading), adding ? 1 : 0, c, blasint(cLeading))
  }

  /// Rows of the left factor from which packing the right one pays.
  private static let packedRows = 8

  /// The product by `Kernels`, the right factor packed in parts that stay in the second-level
  /// cache.
  private static func multiplyPacking(
    rows: Int, columns: Int, inner: Int, _ a: UnsafePointer<Float>, _ aRow: Int, _ aInner: Int,
    _ b: UnsafePointer<Float>, _ bInner: Int, _ bColumn: Int,
    into c: UnsafeMutablePointer<Float>, _ cRow: Int, adding: Bool
  ) {
    let (mostColumns, mostInner) = (256, 512)
    let size = kernels_packed_count(min(inner, mostInner), min(columns, mostColumns))
    withUnsafeTemporaryAllocation(byteCount: max(size, 1) * 4, alignment: 64) { memory in
      let packed = memory.bindMemory(to: Float.self).baseAddress!
      for column in stride(from: 0, to: columns, by: mostColumns) {
        let width = min(mostColumns, columns - column)
        for first in stride(from: 0, to: max(inner, 1), by: mostInner) {
          let depth = min(mostInner, inner - first)
          kernels_pack(
            b + first * bInner + column * bColumn, bInner, bColumn, depth, width, packed)
          kernels_product(
            rows, width, depth, a + first * aInner, aRow, aInner, packed, c + column, cRow,
            KERNELS_PANEL, adding || first > 0 ? 1 : 0)
        }
      }
    }
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
      result.fill(with: 0, on: workers)
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
