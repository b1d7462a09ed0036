import IIC
import Tensor
import TestSupport
import Testing

/// SegmentationNet10a's training pass and a step's loss in Double, from named tensors.
private struct ReferenceNetwork {
  var tensors: [String: ReferenceTensor]

  func features(_ x: ReferenceTensor) -> ReferenceTensor {
    var activation = x
    for (place, dilation) in [(0, 1), (3, 1), (7, 1), (10, 1), (13, 2), (16, 2)] {
      if place == 7 { activation = ReferencePooling(size: 2, stride: 2).maximum(activation) }
      activation = ReferenceConvolution(padding: 1, dilation: dilation)
        .forward(activation, weight: tensors["trunk.features.\(place).weight"]!)
      activation = ReferenceBatchNormalisation.forward(
        activation, scale: tensors["trunk.features.\(place + 1).weight"]!,
        shift: tensors["trunk.features.\(place + 1).bias"]!, rectified: true)
    }
    return activation
  }

  /// A sub-head's probabilities, stretched to `size` pixels a side or on the trunk's cells.
  func maps(
    _ features: ReferenceTensor, head: String, subHead: Int, grid: MapGrid, size: Int
  ) -> ReferenceTensor {
    let logits = ReferenceConvolution(padding: grid == .stretched ? 1 : 0)
      .forward(features, weight: tensors["\(head).heads.\(subHead).0.weight"]!)
    let maps = ReferenceSoftmax.forward(logits)
    guard grid == .stretched else { return maps }
    return ReferenceResize.forward(maps, height: size, width: size)
  }
}

@Suite struct NetworkGradientTests {
  /// Each element tried of each tensor: enough to meet every layer's channels and taps.
  static let tried = 5
  static let headNames: [HeadName: String] = [.overclustering: "head_A", .clustering: "head_B"]

  @Test(arguments: MapGrid.allCases)
  func everyParametersGradientIsTheDifference(grid: MapGrid) throws {
    let configuration = try ModelConfiguration(
      architecture: .segmentationNet10aTwoHead, inputChannels: 2, inputSize: 16, classes: 2,
      overclusters: 3, subHeads: 2, width: 0.03, batchNormTracking: true)
    var generator = SeededGenerator(seed: 5)
    var network = try SegmentationNetwork(configuration: configuration, generator: &generator)
    // γ and β that differ from channel to channel, and heads that are sure of something.
    network.forEachParameter { parameter in
      if parameter.value.shape.count == 1 {
        for index in 0..<parameter.value.count {
          parameter.value[index] += generator.uniform(-0.3...0.3)
        }
      } else if parameter.name.hasPrefix("head") {
        for index in 0..<parameter.value.count { parameter.value[index] *= 2 }
      }
    }
    let side = grid == .stretched ? 16 : 4
    let first = ReferenceTensor.random([2, 16, 16, 2], seed: 6, in: 0...1)
    let second = ReferenceTensor.random([2, 16, 16, 2], seed: 7, in: 0...1)
      .plus(first, scaledBy: 2)
    let matrices = ReferenceTensor(
      shape: [2, 2, 3], values: [-1, 0, 0, 0, 1, 0, 0.9, -0.17, 0.05, 0.15, 0.92, 0])
    let mask = ReferenceTensor.randomMask([2, side, side], seed: 8, probability: 0.9)
    let step = TrainingStep<SegmentationNetwork>(
      objectives: [
        HeadObjective(
          head: .overclustering,
          loss: DenseJointLoss(lambda: 1.2, halfSide: 1, form: .uncollapsed)),
        HeadObjective(
          head: .clustering, loss: DenseJointLoss(halfSide: 1, form: .collapsed), weight: 0.5),
      ], grid: grid)

    func lossOfStep(_ tensors: [String: ReferenceTensor]) -> Double {
      let network = ReferenceNetwork(tensors: tensors)
      let features = [first, second].map { network.features($0) }
      var sum = 0.0
      for objective in step.objectives {
        for subHead in 0..<2 {
          let views = features.map {
            network.maps(
              $0, head: Self.headNames[objective.head]!, subHead: subHead, grid: grid,
              size: 16)
          }
          sum +=
            objective.weight / 2
            * ReferenceLoss.ofMaps(
              views[0], views[1], matrices: matrices, mask: mask, lambda: objective.loss.lambda,
              halfSide: objective.loss.halfSide, collapsed: objective.loss.form == .collapsed)
        }
      }
      return sum
    }

    let batch = PairBatch(
      first: first.tensor, second: second.tensor, matrices: matrices.tensor,
      mask: mask.reshaped(to: [2, side, side, 1]).tensor)
    let losses = try step.addGradients(of: batch, to: &network, on: Workers(threads: 2))
    let tensors = network.tensors.mapValues { ReferenceTensor($0) }
    expectClose(
      losses[0].mean.value + 0.5 * losses[1].mean.value, lossOfStep(tensors), absolute: 1e-6,
      relative: 1e-5)
    for parameter in network.parameters {
      let count = parameter.value.count
      let elements = (0..<Self.tried).map { ($0 * count) / Self.tried + $0 % 2 }
        .filter { $0 < count }
      let expected = CentralDifference.gradient(
        of: { moved in
          var tensors = tensors
          tensors[parameter.name] = moved
          return lossOfStep(tensors)
        }, at: tensors[parameter.name]!, elements: elements, step: 1e-6)
      let largest = ReferenceTensor(parameter.gradient).largestMagnitude
      #expect(largest > 1e-6)
      for element in elements {
        expectClose(
          Double(parameter.gradient[element]), expected.values[element],
          absolute: 1e-4 * largest, relative: 1e-4, "\(parameter.name)[\(element)]")
      }
    }
  }

  @Test func gradientsAddUpUntilTheyAreZeroed() throws {
    let workers = Workers(threads: 2)
    let step = TrainingStep<SegmentationNetwork>(
      objectives: [
        HeadObjective(
          head: .clustering, loss: DenseJointLoss(halfSide: 1, form: .uncollapsed))
      ], grid: .trunkCells)
    var batch = try GoldenNetwork.batch(0)
    batch.mask = nil
    var network = try GoldenNetwork.network()
    _ = try step.addGradients(of: batch, to: &network, on: workers)
    let once = network.parameters.map(\.gradient)
    _ = try step.addGradients(of: batch, to: &network, on: workers)
    for (parameter, once) in zip(network.parameters, once) {
      expectClose(
        parameter.gradient, ReferenceTensor(once).map { 2 * $0 },
        absolute: 1e-5 * ReferenceTensor(once).largestMagnitude, relative: 1e-5, parameter.name)
      #expect(parameter.hasGradient == !parameter.name.hasPrefix("head_A"))
    }
    network.zeroGradients(on: workers)
    #expect(network.parameters.allSatisfy { !$0.hasGradient })
    #expect(network.parameters.allSatisfy { $0.gradient.values.allSatisfy { $0 == 0 } })
  }
}
