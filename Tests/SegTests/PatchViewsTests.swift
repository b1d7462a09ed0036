import Seg
import Tensor
import Testing

@Suite struct PatchViewsTests {
  private func patch(side: Int, bands: Int = 3, invalid: Set<Int> = []) -> Patch {
    var generator = SeededGenerator(seed: 9)
    var values = (0..<side * side * bands).map { _ in generator.uniform(0...1) }
    for pixel in invalid { for band in 0..<bands { values[pixel * bands + band] = 0 } }
    return Patch(
      side: side, bandCount: bands, values: values,
      valid: (0..<side * side).map { !invalid.contains($0) })
  }

  /// View 2 brought into view 1's frame by the engine's own sampling.
  private func warpedBack(_ pair: PatchPair) -> [Float] {
    let side = pair.second.side
    return AffineSampling.forward(
      Tensor(shape: [1, side, side, pair.second.bandCount], values: pair.second.values),
      matrices: Tensor(shape: [1, 2, 3], values: pair.matrix), on: Workers(threads: 1)
    ).values
  }

  /// View 2's pixels at the places that the matrix names, as whole pixels.
  private func movedBack(_ pair: PatchPair) -> [Float] {
    let side = pair.first.side
    let matrix = pair.matrix
    var values: [Float] = []
    for row in 0..<side {
      for column in 0..<side {
        // Twice the distance from the centre is whole.
        let x = Float(2 * column - side + 1)
        let y = Float(2 * row - side + 1)
        let source = (
          column: (Int(matrix[0] * x + matrix[1] * y) + side - 1) / 2,
          row: (Int(matrix[3] * x + matrix[4] * y) + side - 1) / 2
        )
        let first = (source.row * side + source.column) * pair.second.bandCount
        values += pair.second.values[first..<first + pair.second.bandCount]
      }
    }
    return values
  }

  private func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).map { abs($0 - $1) }.max() ?? 0
  }

  @Test(arguments: [PatchViews.Symmetry.horizontal, .square], [8, 9])
  func flipsAndTurnsComeBackExactly(symmetry: PatchViews.Symmetry, side: Int) {
    let patch = patch(side: side)
    let views = PatchViews(jitter: nil, symmetry: symmetry)
    var generator = SeededGenerator(seed: 4)
    var seen = Set<[Float]>()
    for _ in 0..<60 {
      let pair = views.pair(of: patch, using: &generator)
      seen.insert(pair.matrix)
      #expect(pair.first == patch)
      #expect(largestDifference(warpedBack(pair), patch.values) < 1e-5)
      #expect(movedBack(pair) == patch.values)
      #expect(pair.mask.allSatisfy { $0 == 1 })
    }
    #expect(seen.count == (symmetry == .square ? 8 : 2))
    if symmetry == .horizontal { #expect(seen.contains([-1, 0, 0, 0, 1, 0])) }
  }

  @Test func invalidPixelsAreMaskedWhereverTheyGo() {
    let invalid: Set<Int> = [0, 7, 20, 21, 62]
    let patch = patch(side: 8, invalid: invalid)
    let views = PatchViews(jitter: nil, symmetry: .square)
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<20 {
      let pair = views.pair(of: patch, using: &generator)
      #expect(pair.mask == (0..<64).map { invalid.contains($0) ? 0 : 1 })
      #expect(pair.second.valid.count { !$0 } == invalid.count)
    }
  }

  /// A smooth patch warped and brought back is itself where the mask says so, and a large part
  /// is.
  @Test func affineMapsComeBackWhereTheMaskHolds() {
    let side = 33
    var values: [Float] = []
    for row in 0..<side { for column in 0..<side { values += [Float(column), Float(row)] } }
    let patch = Patch(
      side: side, bandCount: 2, values: values,
      valid: [Bool](repeating: true, count: side * side))
    let views = PatchViews(jitter: nil, affine: .init(), symmetry: .square)
    var generator = SeededGenerator(seed: 10)
    var matrices = Set<[Float]>()
    for _ in 0..<20 {
      let pair = views.pair(of: patch, using: &generator)
      matrices.insert(pair.matrix)
      let back = warpedBack(pair)
      let kept = pair.mask.reduce(0, +)
      #expect(kept > 0.4 * Float(side * side) && kept < Float(side * side) + 1)
      for pixel in 0..<side * side where pair.mask[pixel] == 1 {
        #expect(abs(back[2 * pixel] - values[2 * pixel]) < 1e-3)
        #expect(abs(back[2 * pixel + 1] - values[2 * pixel + 1]) < 1e-3)
      }
    }
    #expect(matrices.count == 20)
  }

  @Test func jitterChangesTheSecondViewAlone() {
    let patch = patch(side: 8)
    let views = PatchViews(
      jitter: PhotometricJitter(bands: .visible(red: 0, green: 1, blue: 2)), symmetry: .horizontal)
    var generator = SeededGenerator(seed: 11)
    let pair = views.pair(of: patch, using: &generator)
    #expect(pair.first == patch)
    #expect(largestDifference(warpedBack(pair), patch.values) > 1e-3)
    var again = SeededGenerator(seed: 11)
    #expect(views.pair(of: patch, using: &again).second == pair.second)
  }
}
