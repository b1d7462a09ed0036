import Foundation
import IIC
import Tensor
import TestSupport
import Testing

@Suite struct TripletLossTests {
  let workers = Workers(threads: 2)

  private func loss(_ p: [ReferenceTensor]) -> Double {
    let sum = p[0].values.indices.reduce(0.0) { sum, index in
      let (q, a, b) = (p[0].values[index], p[1].values[index], p[2].values[index])
      return sum + a * (log(a) - log(q)) - b * (log(b) - log(q))
    }
    return sum / Double(p[0].count)
  }

  @Test func `gradients are the differences`() {
    let p = (0..<3).map {
      ReferenceSoftmax.forward(ReferenceTensor.random([4, 5], seed: UInt64(3 + $0), in: -2...2))
    }
    let result = TripletLoss.evaluate(p[0].tensor, positive: p[1].tensor, negative: p[2].tensor)
    expectClose(result.loss, loss(p), absolute: 1e-6, relative: 1e-5)
    for (place, gradient) in [
      result.gradient, result.positiveGradient, result.negativeGradient,
    ].enumerated() {
      let expected = CentralDifference.gradient(
        of: { moved in
          var p = p
          p[place] = moved
          return loss(p)
        }, at: p[place])
      expectClose(
        ReferenceTensor(gradient), expected, absolute: 1e-6, relative: 1e-4, "\(place)")
    }
  }

  @Test func `by hand, and at the edge of what is possible`() {
    // The copy is the same and the other image surely elsewhere.
    let half = Tensor(shape: [1, 2], values: [0.5, 0.5])
    let result = TripletLoss.evaluate(
      half, positive: half, negative: Tensor(shape: [1, 2], values: [0, 1]))
    expectClose(result.loss, -log(2.0) / 2, absolute: 1e-6, relative: 0)
    let sure = Tensor(shape: [1, 2], values: [1, 0])
    let edge = TripletLoss.evaluate(
      sure, positive: sure, negative: Tensor(shape: [1, 2], values: [0, 1]))
    #expect(edge.loss.isFinite && edge.gradient.values.allSatisfy(\.isFinite))
  }

  @Test func `a step lowers the loss of its own triplets`() throws {
    var generator = SeededGenerator(seed: 5)
    var network = try ClusterNetwork(
      configuration: ModelConfiguration(
        architecture: .clusterNet6c, inputChannels: 1, inputSize: 16, classes: 4, subHeads: 2,
        width: 0.05, batchNormTracking: false), generator: &generator)
    var optimiser = AdamOptimiser(learningRate: 1e-2)
    let images = ReferenceTensor.random([6, 16, 16, 1], seed: 1, in: 0...1).tensor
    let others = ReferenceTensor.random([6, 16, 16, 1], seed: 2, in: 0...1).tensor
    func step(_ first: Tensor) throws -> HeadLoss {
      let losses = try TripletStep().take(
        on: PairBatch(first: first, second: first, others: others), network: &network,
        optimiser: &optimiser, workers: workers)
      #expect(losses.count == 1 && losses[0].head == .clustering && losses[0].subHeads.count == 2)
      return losses[0]
    }
    let losses = try (0..<8).map { _ in try step(images).mean.value }
    #expect(losses[7] < losses[0], "\(losses)")
    var broken = images
    broken[0] = .nan
    let weights = network.parameters.map(\.value.values)
    #expect(throws: IICError.self) { try step(broken) }
    #expect(network.parameters.map(\.value.values) == weights)
  }
}
