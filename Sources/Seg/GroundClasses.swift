internal import IIC
internal import Tensor

// n cells, d numbers of appearance, k over-clusters.

/// Finds classes among cells by what they look like and by which over-clusters lie around them.
///
/// Over-clusters hold together what is the same ground to the network: how much appearance varies
/// inside them is no difference of kind, and how much it varies between them may be. So appearance
/// is measured in units of its variation inside over-clusters (relevant component analysis:
/// Bar-Hillel, Hertz, Shental and Weinshall, 2003), and k-means in these units begins a mixture of
/// classes (``ClassMixture``).
struct GroundClasses {
  /// [n, classes]: the probability of each class at each cell.
  let probabilities: Tensor

  /// How much of the correlation between bands inside over-clusters is left out of the units: all
  /// of it would let what hardly varies inside count too much.
  private static let shrinkage = 0.25

  /// - Parameters:
  ///   - appearance: [n, d].
  ///   - blocks: How many numbers belong together, in order; together d. Correlation is seen
  ///     between the numbers of a block.
  ///   - overclusters: [n, k], the over-clusters' probabilities.
  ///   - surroundings: [n, k], the same in the mean over the cells around.
  init(
    _ appearance: Tensor, blocks: [Int], overclusters: Tensor, surroundings: Tensor, classes: Int,
    generator: inout SeededGenerator, on workers: Workers
  ) {
    let (count, dimensions) = (appearance.shape[0], appearance.shape[1])
    let points = Tensor(
      shape: appearance.shape,
      values: KMeans.standardised(appearance.values, dimensions: dimensions))
    let total = GroupMoments.covariance(of: points, on: workers)
    let moments = GroupMoments(points, by: overclusters, total: total, on: workers)
    let units = Self.units(within: moments.within, dimensions: dimensions, blocks: blocks)
    let measured = Tensor.product(points, units, on: workers)
    let means = KMeans.fit(
      rows: measured.values, dimensions: dimensions, clusters: classes, restarts: 12,
      sampleLimit: 16_384, generator: &generator, on: workers)
    var start = [Float](repeating: 0, count: count * classes)
    for (cell, label) in means.assign(measured.values, on: workers).enumerated() {
      start[cell * classes + Int(label)] = 1
    }
    probabilities =
      ClassMixture(
        appearance: points, surroundings: surroundings,
        start: Tensor(shape: [count, classes], values: start), on: workers
      ).probabilities
  }

  /// [d, d]: what brings points, rows, into units of their variation inside over-clusters:
  /// D⁻¹ L⁻ᵀ a block, D the deviations and L Lᵀ the correlations inside, these less the shrinkage.
  private static func units(within: [Double], dimensions: Int, blocks: [Int]) -> Tensor {
    precondition(blocks.reduce(0, +) == dimensions, "blocks \(blocks) of \(dimensions)")
    var values = [Float](repeating: 0, count: dimensions * dimensions)
    var first = 0
    for size in blocks {
      func variance(_ index: Int) -> Double {
        // Points have variance 1: never less than a thousandth of it.
        max(within[(first + index) * (dimensions + 1)], 0) + 1e-3
      }
      var correlations = [Double](repeating: 0, count: size * size)
      for row in 0..<size {
        for column in 0...row {
          correlations[row * size + column] =
            row == column
            ? 1
            : (1 - shrinkage) * within[(first + row) * dimensions + first + column]
              / (variance(row) * variance(column)).squareRoot()
        }
      }
      let factor = CholeskyFactor(correlations, size: size, ridge: 1e-9)
      for index in 0..<size {
        var unit = [Double](repeating: 0, count: size)
        unit[index] = 1 / variance(index).squareRoot()
        for (place, value) in factor.halfSolved(unit).enumerated() {
          values[(first + index) * dimensions + first + place] = Float(value)
        }
      }
      first += size
    }
    return Tensor(shape: [dimensions, dimensions], values: values)
  }
}
