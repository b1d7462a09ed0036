internal import IIC
internal import Tensor

extension PairBatch {
  /// Pairs of patches of one size, masks at the trunk's cells.
  init(_ pairs: [PatchPair]) {
    let side = pairs[0].first.side
    let shape = [pairs.count, side, side, pairs[0].first.bandCount]
    let cells = TrunkGeometry.cells(along: side)
    func joined(_ values: (PatchPair) -> [Float]) -> [Float] {
      var all: [Float] = []
      for pair in pairs {
        let own = values(pair)
        if all.isEmpty { all.reserveCapacity(pairs.count * own.count) }
        all.append(contentsOf: own)
      }
      return all
    }
    self.init(
      first: Tensor(shape: shape, values: joined(\.first.values)),
      second: Tensor(shape: shape, values: joined(\.second.values)),
      matrices: Tensor(shape: [pairs.count, 2, 3], values: joined(\.matrix)),
      mask: Tensor(
        shape: [pairs.count, cells, cells, 1],
        values: joined { Self.cellMask($0.mask, side: side, cells: cells) }))
  }

  /// A cell lies between four pixels, and counts where all of them do.
  static func cellMask(_ mask: [Float], side: Int, cells: Int) -> [Float] {
    (0..<cells * cells).map { cell in
      let corner = (2 * (cell / cells) + 4) * side + 2 * (cell % cells) + 4
      return min(mask[corner], mask[corner + 1], mask[corner + side], mask[corner + side + 1])
    }
  }
}
