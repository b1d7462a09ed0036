import Kernels

/// Two maps transformed along their rows, for their joint by Fourier transform.
///
/// A correlation of maps is a product of spectra, and the sum over images and tiles is taken there,
/// so that only the joint itself is ever transformed back. Both maps are transformed as one,
/// x1 + i·x2, and held as [frequency along the row][row][real parts | imaginary parts of the
/// planes]. What follows is done column by column, a column with its mirror image, so that whole
/// spectra never leave the processor's cache.
struct DisplacedJointSpectra: Sendable {
  let tiling: FourierTiling
  let alongRows: FourierTransform
  let alongColumns: FourierTransform
  let spectra: Tensor
  /// √(Σ x1² + Σ x2²) of each cluster.
  private let norms: [Float]

  static let lanes = FourierTransform.lanes
  /// Pairs whose spectra a worker holds at once: as many as there are lanes, so that no group of
  /// planes is torn apart.
  static let pairsAtOnce = lanes
  /// A bound of the joint's rounding errors, in parts of the product of both clusters' norms.
  private static let rounding: Float = 0x1p-22

  var clusters: Int { tiling.clusters }
  var padded: Int { (clusters + Self.lanes - 1) / Self.lanes * Self.lanes }
  var reach: Int { tiling.rows.reach }
  var side: Int { 2 * reach + 1 }
  /// Groups of sixteen elements of the joint, its rows padded.
  var jointGroups: Int { clusters * padded / Self.lanes }
  /// Columns that are not the mirror image of one before.
  var columns: Int { tiling.columns.length / 2 + 1 }
  var frequencies: Int { tiling.rows.length }

  /// Where rows of planes lie: imaginary parts after the real ones and room for a vector's end, and
  /// rows an odd number of cache lines apart so that they do not crowd the same places of the cache.
  struct Rows {
    let imaginary: Int
    var stride: Int { 2 * imaginary + lanes }

    init(groups: Int) { imaginary = (groups + 1) * lanes }
  }

  var stored: Rows { Rows(groups: tiling.groups) }
  var atOnce: Rows { Rows(groups: min(tiling.groups, clusters)) }

  /// Transforms maps [n, h, w, k].
  init(_ x1: Tensor, _ x2: Tensor, tiling: FourierTiling, on workers: Workers) {
    self.tiling = tiling
    alongRows = FourierTransform(length: tiling.columns.length)
    alongColumns = FourierTransform(length: tiling.rows.length)
    norms = Self.norms(x1, x2, on: workers)
    let (rows, length, transform) = (tiling.rows, tiling.columns.length, alongRows)
    let stored = Rows(groups: tiling.groups)
    var spectra = Tensor(uninitialised: [length, rows.length, stored.stride], on: workers)
    let target = spectra.mutableElements()
    let line = WorkerScratch(2 * Self.lanes * length + transform.scratchCount, on: workers)
    workers.split(rows.length * tiling.groups) { range, worker in
      let line = line.of(worker)
      for unit in range {
        let (row, group) = unit.quotientAndRemainder(dividingBy: tiling.groups)
        line.update(repeating: 0, count: 2 * Self.lanes * length)
        tiling.forEachRun(ofGroup: group) { pair, cluster, count, lane in
          Self.gather(
            tiling, tiling.pair(pair), row: rows.offset(of: row), cluster, count, x1, x2,
            into: line + lane)
        }
        let out = target + row * stored.stride + group * Self.lanes
        transform.forward(
          line, line + Self.lanes, stride: 2 * Self.lanes, into: out, out + stored.imaginary,
          stride: rows.length * stored.stride, scratch: line + 2 * Self.lanes * length)
      }
    }
    self.spectra = spectra
  }

  /// A pair's row of both maps, as the real and imaginary parts of a line.
  private static func gather(
    _ tiling: FourierTiling, _ pair: FourierTiling.Pair, row: Int, _ cluster: Int, _ count: Int,
    _ x1: Tensor, _ x2: Tensor, into line: UnsafeMutablePointer<Float>
  ) {
    let (rows, columns, clusters) = (tiling.rows, tiling.columns, tiling.clusters)
    let first =
      ((pair.image * rows.extent + pair.row * rows.step + row) * columns.extent
        + pair.column * columns.step) * clusters + cluster
    func copy(_ x: Tensor, _ offsets: Range<Int>, part: Int) {
      guard !offsets.isEmpty else { return }
      kernels_copy_runs(
        x.elements + first + offsets.lowerBound * clusters, clusters,
        line + (columns.place(of: offsets.lowerBound) * 2 + part) * lanes, 2 * lanes, count,
        offsets.count)
    }
    if rows.own(pair.row).contains(row) { copy(x1, columns.own(pair.column), part: 0) }
    if rows.met(pair.row).contains(row) {
      let met = columns.met(pair.column)
      copy(x2, min(met.lowerBound, 0)..<0, part: 1)
      copy(x2, 0..<met.upperBound, part: 1)
    }
  }

  private static func norms(_ x1: Tensor, _ x2: Tensor, on workers: Workers) -> [Float] {
    let (_, _, _, clusters) = x1.imageExtents
    let (pixels, parts) = (x1.count / clusters, workers.threads)
    let centre = [Float](repeating: 0, count: clusters)
    let sums = UnsafeMutableBufferPointer<Double>.allocate(capacity: 2 * parts * clusters)
    defer { sums.deallocate() }
    sums.initialize(repeating: 0)
    let base = sums.baseAddress!
    workers.split(pixels) { range, worker in
      let at = range.lowerBound * clusters
      let (sum, square) = (
        base + worker * clusters, base + (parts + worker) * clusters
      )
      for x in [x1, x2] {
        kernels_channel_sums(x.elements + at, centre, range.count, clusters, sum, square)
      }
    }
    return (0..<clusters).map { cluster in
      let square = (parts..<2 * parts).reduce(0) { $0 + base[$1 * clusters + cluster] }
      return Float(square.squareRoot())
    }
  }

  // MARK: - The joint

  /// P [2T + 1, 2T + 1, k, k]. What is no more than a rounding error is zero.
  func joint(on workers: Workers) -> Tensor {
    // Columns transformed back along the displacement's vertical part:
    // [vertical][group of the joint][frequency along the row][real | imaginary].
    var columnwise = Tensor(
      uninitialised: [side, jointGroups, columns, 2 * Self.lanes], on: workers)
    let vertical = columnwise.mutableElements()
    let scratch = WorkerScratch(columnScratchCount, on: workers)
    workers.split(columns) { range, worker in
      let memory = columnMemory(scratch.of(worker))
      for column in range {
        for first in stride(from: 0, to: tiling.pairs, by: Self.pairsAtOnce) {
          let (here, mirrored) = transformColumns(column, firstPair: first, memory)
          kernels_joint_spectrum(
            here, mirrored, atOnce.stride, atOnce.imaginary, frequencies,
            min(Self.pairsAtOnce, tiling.pairs - first), clusters, memory.joint,
            first > 0 ? 1 : 0, memory.products)
        }
        for group in 0..<jointGroups {
          let from = memory.joint + group * Self.lanes
          alongColumns.inverse(
            from, from + clusters * padded, stride: 2 * clusters * padded, into: memory.line,
            memory.line + Self.lanes, stride: 2 * Self.lanes, scratch: memory.transform)
          for u in -reach...reach {
            let to = (((u + reach) * jointGroups + group) * columns + column) * 2 * Self.lanes
            (vertical + to).update(
              from: memory.line + tiling.rows.place(of: u) * 2 * Self.lanes,
              count: 2 * Self.lanes)
          }
        }
      }
    }
    return alongRows(columnwise, on: workers)
  }

  /// The joint from its columns: a real sequence's transform is known from its first half.
  private func alongRows(_ columnwise: Tensor, on workers: Workers) -> Tensor {
    var joint = Tensor(uninitialised: [side, side, clusters, clusters], on: workers)
    let out = joint.mutableElements()
    let length = tiling.columns.length
    let lineCount = 2 * Self.lanes * length
    let scratch = WorkerScratch(lineCount + alongRows.scratchCount, on: workers)
    // z's spectrum splits into twice those of the maps.
    let scale = 0.25 / Float(length * frequencies)
    let perRow = padded / Self.lanes
    workers.split(side * jointGroups) { range, worker in
      let line = scratch.of(worker)
      for unit in range {
        let (u, group) = unit.quotientAndRemainder(dividingBy: jointGroups)
        let (i, first) = (group / perRow, group % perRow * Self.lanes)
        line.update(
          from: columnwise.elements + unit * columns * 2 * Self.lanes,
          count: columns * 2 * Self.lanes)
        for column in columns..<length {
          let (from, to) = (
            line + (length - column) * 2 * Self.lanes, line + column * 2 * Self.lanes
          )
          for lane in 0..<Self.lanes {
            to[lane] = from[lane]
            to[Self.lanes + lane] = -from[Self.lanes + lane]
          }
        }
        alongRows.inverse(
          line, line + Self.lanes, stride: 2 * Self.lanes, into: line, line + Self.lanes,
          stride: 2 * Self.lanes, scratch: line + lineCount)
        for v in -reach...reach {
          let from = line + tiling.columns.place(of: v) * 2 * Self.lanes
          let to = out + ((u * side + v + reach) * clusters + i) * clusters
          for j in first..<min(clusters, first + Self.lanes) {
            let value = scale * from[j - first]
            to[j] = abs(value) <= Self.rounding * norms[i] * norms[j] ? 0 : value
          }
        }
      }
    }
    return joint
  }

  // MARK: - A column at a time

  /// A worker's memory for a column and its mirror image.
  struct ColumnMemory {
    let here: UnsafeMutablePointer<Float>
    let mirrored: UnsafeMutablePointer<Float>
    /// The joint's spectrum along the column: [frequency][real | imaginary][k][padded].
    let joint: UnsafeMutablePointer<Float>
    let line: UnsafeMutablePointer<Float>
    let products: UnsafeMutablePointer<Float>
    let transform: UnsafeMutablePointer<Float>
  }

  private var productScratchCount: Int {
    (8 * Self.pairsAtOnce + 2 * clusters + 1) * padded
  }

  var columnScratchCount: Int {
    2 * frequencies * (atOnce.stride + clusters * padded + Self.lanes) + productScratchCount
      + alongColumns.scratchCount
  }

  func columnMemory(_ start: UnsafeMutablePointer<Float>) -> ColumnMemory {
    let mirrored = start + frequencies * atOnce.stride
    let joint = mirrored + frequencies * atOnce.stride
    let line = joint + 2 * frequencies * clusters * padded
    let products = line + 2 * frequencies * Self.lanes
    return ColumnMemory(
      here: start, mirrored: mirrored, joint: joint, line: line, products: products,
      transform: products + productScratchCount)
  }

  /// Transforms a column and its mirror image of the pairs from `firstPair` on; they are the same
  /// memory where the column is its own mirror image.
  func transformColumns(
    _ column: Int, firstPair: Int, _ memory: ColumnMemory
  ) -> (here: UnsafeMutablePointer<Float>, mirrored: UnsafeMutablePointer<Float>) {
    let other = (tiling.columns.length - column) % tiling.columns.length
    let stored = self.stored
    for (number, target) in [(column, memory.here), (other, memory.mirrored)] {
      if target == memory.mirrored && number == column { return (memory.here, memory.here) }
      forEachGroup(firstPair: firstPair) { group, local in
        let from =
          spectra.elements + number * frequencies * stored.stride + group * Self.lanes
        let to = target + local * Self.lanes
        alongColumns.forward(
          from, from + stored.imaginary, stride: stored.stride, into: to, to + atOnce.imaginary,
          stride: atOnce.stride, scratch: memory.transform)
      }
    }
    return (memory.here, memory.mirrored)
  }

  /// Calls `body` with the groups of planes of the pairs from `firstPair` on: the number among all,
  /// and among these.
  func forEachGroup(firstPair: Int, _ body: (_ group: Int, _ local: Int) -> Void) {
    let first = firstPair * clusters / Self.lanes
    for group in first..<min(tiling.groups, first + clusters) { body(group, group - first) }
  }
}

/// A piece of memory a worker, whole cache lines each.
struct WorkerScratch {
  private let memory: Tensor
  private let start: UnsafeMutablePointer<Float>
  private let count: Int

  init(_ count: Int, on workers: Workers) {
    self.count = (count + 15) / 16 * 16
    var memory = Tensor(uninitialised: [workers.threads, self.count], on: workers)
    start = memory.mutableElements()
    self.memory = memory
  }

  func of(_ worker: Int) -> UnsafeMutablePointer<Float> { start + worker * count }
}
