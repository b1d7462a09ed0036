internal import IIC
internal import Tensor

extension PatchSampler {
  /// Patches spread evenly over all imagery, those without data left out: side by side, so that
  /// their cells cover it, where about `most` suffice for that; farther apart where not.
  func gridPatches(most: Int) -> [Patch] {
    let spacing = 2 * TrunkGeometry.cells(along: side)
    // A patch has no cells along its rim.
    let rim = side - spacing
    func fitting(_ extent: Int) -> Int { max(1, (extent - rim + spacing - 1) / spacing) }
    let needed = imagery.blocks.reduce(0) { $0 + fitting($1.width) * fitting($1.height) }
    let thinning = min(1, (Double(most) / Double(needed)).squareRoot())
    // First pixels; a block smaller than a patch lies in its middle.
    func starts(_ extent: Int) -> [Int] {
      let room = extent - side
      let count = max(1, Int((Double(fitting(extent)) * thinning).rounded()))
      if room <= 0 || count == 1 { return [room / 2] }
      return (0..<count).map { $0 * room / (count - 1) }
    }
    return imagery.blocks.flatMap { block in
      starts(block.height).flatMap { top in
        starts(block.width).map { patch(of: block, left: $0, top: top) }
      }
    }.filter { $0.valid.contains(true) }
  }
}
