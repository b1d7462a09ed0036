import Kernels

extension DisplacedJointSpectra {
  /// The gradients of both maps for that of the joint.
  func inputGradients(_ jointGradient: Tensor, on workers: Workers) -> (x1: Tensor, x2: Tensor) {
    let columnwise = transformAlongRows(jointGradient, on: workers)
    let (rows, length) = (tiling.rows, tiling.columns.length)
    var gradients = Tensor(uninitialised: spectra.shape, on: workers)
    let target = gradients.mutableElements()
    let stored = self.stored
    let scratch = WorkerScratch(columnScratchCount, on: workers)
    workers.split(columns) { range, worker in
      let memory = columnMemory(scratch.of(worker))
      memory.line.update(repeating: 0, count: 2 * Self.lanes * frequencies)
      for column in range {
        for group in 0..<jointGroups {
          for u in -reach...reach {
            let from = ((column * jointGroups + group) * side + u + reach) * 2 * Self.lanes
            (memory.line + rows.place(of: u) * 2 * Self.lanes).update(
              from: columnwise.elements + from, count: 2 * Self.lanes)
          }
          let to = memory.joint + group * Self.lanes
          alongColumns.forward(
            memory.line, memory.line + Self.lanes, stride: 2 * Self.lanes, into: to,
            to + clusters * padded, stride: 2 * clusters * padded, scratch: memory.transform)
        }
        for first in stride(from: 0, to: tiling.pairs, by: Self.pairsAtOnce) {
          let (here, mirrored) = transformColumns(column, firstPair: first, memory)
          kernels_joint_spectrum_gradient(
            here, mirrored, atOnce.stride, atOnce.imaginary, frequencies,
            min(Self.pairsAtOnce, tiling.pairs - first), clusters, memory.joint, memory.products)
          let both = [(here, column), (mirrored, (length - column) % length)]
          for (source, number) in both.prefix(here == mirrored ? 1 : 2) {
            forEachGroup(firstPair: first) { group, local in
              let from = source + local * Self.lanes
              let to = target + number * frequencies * stored.stride + group * Self.lanes
              alongColumns.inverse(
                from, from + atOnce.imaginary, stride: atOnce.stride, into: to,
                to + stored.imaginary, stride: stored.stride, scratch: memory.transform)
            }
          }
        }
      }
    }
    return gradientsAlongRows(gradients, on: workers)
  }

  /// The joint's gradient [frequency along the row][group of the joint][vertical][real | imaginary].
  private func transformAlongRows(_ jointGradient: Tensor, on workers: Workers) -> Tensor {
    var columnwise = Tensor(
      uninitialised: [columns, jointGroups, side, 2 * Self.lanes], on: workers)
    let target = columnwise.mutableElements()
    let length = tiling.columns.length
    let lineCount = 2 * Self.lanes * length
    let scratch = WorkerScratch(2 * lineCount + alongRows.scratchCount, on: workers)
    // Products of twice the maps' spectra, and the inverse transforms' divisions.
    let scale = 0.5 / Float(length * frequencies)
    let perRow = padded / Self.lanes
    workers.split(side * jointGroups) { range, worker in
      let line = scratch.of(worker)
      let transformed = line + lineCount
      line.update(repeating: 0, count: lineCount)
      for unit in range {
        let (u, group) = unit.quotientAndRemainder(dividingBy: jointGroups)
        let (i, first) = (group / perRow, group % perRow * Self.lanes)
        for v in -reach...reach {
          let from = jointGradient.elements + ((u * side + v + reach) * clusters + i) * clusters
          let to = line + tiling.columns.place(of: v) * 2 * Self.lanes
          for lane in 0..<Self.lanes {
            to[lane] = first + lane < clusters ? scale * from[first + lane] : 0
          }
        }
        alongRows.forward(
          line, line + Self.lanes, stride: 2 * Self.lanes, into: transformed,
          transformed + Self.lanes, stride: 2 * Self.lanes, scratch: transformed + lineCount)
        for column in 0..<columns {
          (target + ((column * jointGroups + group) * side + u) * 2 * Self.lanes).update(
            from: transformed + column * 2 * Self.lanes, count: 2 * Self.lanes)
        }
      }
    }
    return columnwise
  }

  /// The maps' gradients from their spectra along the rows. The second map's tiles overlap, so that
  /// each is first written by itself, with its border, and then added to those around it.
  private func gradientsAlongRows(
    _ gradients: Tensor, on workers: Workers
  ) -> (x1: Tensor, x2: Tensor) {
    let (rows, columns, stored) = (tiling.rows, tiling.columns, self.stored)
    var x1 = Tensor(
      uninitialised: [tiling.images, rows.extent, columns.extent, clusters], on: workers)
    var bordered = Tensor(
      uninitialised: [
        tiling.pairs, rows.step + 2 * reach, columns.step + 2 * reach, clusters,
      ], on: workers)
    let (first, second) = (x1.mutableElements(), bordered.mutableElements())
    let lineCount = 2 * Self.lanes * columns.length
    let scratch = WorkerScratch(lineCount + alongRows.scratchCount, on: workers)
    workers.split(rows.length * tiling.groups) { range, worker in
      let line = scratch.of(worker)
      for unit in range {
        let (place, group) = unit.quotientAndRemainder(dividingBy: tiling.groups)
        let row = rows.offset(of: place)
        guard row < rows.step + reach else { continue }
        let from = gradients.elements + place * stored.stride + group * Self.lanes
        alongRows.inverse(
          from, from + stored.imaginary, stride: frequencies * stored.stride, into: line,
          line + Self.lanes, stride: 2 * Self.lanes, scratch: line + lineCount)
        tiling.forEachRun(ofGroup: group) { pair, cluster, count, lane in
          let tile = tiling.pair(pair)
          if rows.own(tile.row).contains(row) {
            let at =
              (tile.image * rows.extent + tile.row * rows.step + row) * columns.extent
              + tile.column * columns.step
            kernels_copy_runs(
              line + lane, 2 * Self.lanes, first + at * clusters + cluster, clusters, count,
              columns.own(tile.column).count)
          }
          guard rows.met(tile.row).contains(row) else { return }
          let at =
            (pair * (rows.step + 2 * reach) + row + reach) * (columns.step + 2 * reach) + reach
          let met = columns.met(tile.column)
          for offsets in [min(met.lowerBound, 0)..<0, 0..<met.upperBound] where !offsets.isEmpty {
            kernels_copy_runs(
              line + (columns.place(of: offsets.lowerBound) * 2 + 1) * Self.lanes + lane,
              2 * Self.lanes, second + (at + offsets.lowerBound) * clusters + cluster, clusters,
              count, offsets.count)
          }
        }
      }
    }
    return (x1, joinTiles(bordered, on: workers))
  }

  /// The sum [n, h, w, k] of the pairs' tiles with their borders.
  private func joinTiles(_ bordered: Tensor, on workers: Workers) -> Tensor {
    let (rows, columns) = (tiling.rows, tiling.columns)
    var sum = Tensor(
      uninitialised: [tiling.images, rows.extent, columns.extent, clusters], on: workers)
    let target = sum.mutableElements()
    workers.split(tiling.images * rows.extent) { range, _ in
      for line in range {
        let (image, y) = line.quotientAndRemainder(dividingBy: rows.extent)
        let out = target + line * columns.extent * clusters
        out.update(repeating: 0, count: columns.extent * clusters)
        for row in 0..<rows.tiles where rows.met(row).contains(y - row * rows.step) {
          for column in 0..<columns.tiles {
            let pair = (image * rows.tiles + row) * columns.tiles + column
            let met = columns.met(column)
            let at =
              (pair * (rows.step + 2 * reach) + y - row * rows.step + reach)
              * (columns.step + 2 * reach) + reach + met.lowerBound
            kernels_add_scaled(
              out + (column * columns.step + met.lowerBound) * clusters,
              bordered.elements + at * clusters, 1, met.count * clusters)
          }
        }
      }
    }
    return sum
  }
}
