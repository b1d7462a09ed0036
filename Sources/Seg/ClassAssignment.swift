internal import IIC
internal import Tensor

/// Gives a trained network its classes: head B's labelling sub-head is fitted to the classes that
/// ``GroundClasses`` finds among cells, and the classes put in the order of falling area.
///
/// Training pulls head B's own clusters towards equal areas, and the ground does not oblige.
enum ClassAssignment {
  /// Patches looked at, about; they hold a scene of 1600 pixels a side whole.
  private static let patches = 192
  /// The most cells that classes are fitted to.
  private static let cells = 32_768

  /// Whether any of the cells that are looked at has data.
  static func findsCells(_ sampler: PatchSampler) -> Bool {
    sampler.gridPatches(most: patches).contains { !CellSample.cellsWithData(of: $0).isEmpty }
  }

  /// Changes the weights of one sub-head of head B. Some cells must have data.
  ///
  /// - Parameters:
  ///   - subHead: The sub-head to use of each head.
  static func apply(
    to network: inout SegmentationNetwork, subHead: (HeadName) -> Int, _ sampler: PatchSampler,
    using generator: inout SeededGenerator, on workers: Workers
  ) {
    let sample = CellSample(
      network, overclusterSubHead: subHead(.overclustering), sampler, patches: patches,
      most: cells, on: workers)
    let name = "head_B.heads.\(subHead(.clustering)).0.weight"
    network.forEachParameter { parameter in
      guard parameter.name == name else { return }
      let shape = parameter.value.shape
      let classes = shape[3]
      let found = GroundClasses(
        sample.appearance, blocks: sample.blocks, overclusters: sample.overclusters,
        surroundings: sample.surroundings, classes: classes, generator: &generator, on: workers)
      let weights = HeadFit.weights(
        sample.features, targets: found.probabilities, on: workers)
      let scores = Tensor.product(sample.features, weights, on: workers)
      parameter.value = columns(of: weights, in: orderByArea(scores)).reshaped(to: shape)
    }
  }

  /// The classes by how many rows of `scores` [n, classes] they win, most first.
  private static func orderByArea(_ scores: Tensor) -> [Int] {
    let classes = scores.shape[1]
    var areas = [Int](repeating: 0, count: classes)
    scores.withSpan { values in
      for first in stride(from: 0, to: values.count, by: classes) {
        var best = 0
        for label in 1..<classes where values[first + label] > values[first + best] {
          best = label
        }
        areas[best] += 1
      }
    }
    return areas.indices.sorted { (areas[$0], $1) > (areas[$1], $0) }
  }

  private static func columns(of matrix: Tensor, in order: [Int]) -> Tensor {
    let values = matrix.values
    return Tensor(
      shape: matrix.shape,
      values: (0..<matrix.shape[0]).flatMap { row in
        order.map { values[row * order.count + $0] }
      })
  }
}
