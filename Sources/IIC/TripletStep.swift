public import Tensor

/// One step of training by triplets (paper table 1, "Triplets"): a batch's images, transformed
/// copies of them, and other images, n of each. Three passes of statistics, as published; the mean of
/// the sub-heads' losses is trained.
public struct TripletStep: LearningStep {
  /// A step.
  public init() {}

  /// Takes the step; the losses, which have no λ, are those of the only head. Traps on a batch
  /// without other images.
  public func take(
    on batch: PairBatch, network: inout ClusterNetwork, optimiser: inout AdamOptimiser,
    workers: Workers
  ) throws -> [HeadLoss] {
    guard let others = batch.others else { preconditionFailure("triplets without other images") }
    network.zeroGradients(on: workers)
    let (outputs, pass) = network.forward(
      [batch.first, batch.second, others].map { ViewBatch($0) }, heads: [.clustering], on: workers)
    var tape = consume pass
    let count = network.configuration.subHeads
    let results = (0..<count).map { subHead in
      TripletLoss.evaluate(
        outputs[0][0].subHead(subHead), positive: outputs[1][0].subHead(subHead),
        negative: outputs[2][0].subHead(subHead))
    }
    guard results.allSatisfy(\.loss.isFinite), tape.isFinite else {
      throw IICError.notFinite("the loss of triplets")
    }
    let parts = [\TripletLoss.Result.gradient, \.positiveGradient, \.negativeGradient]
    let gradients = parts.map { part in
      var gradient = Tensor(subHeads: results.map { $0[keyPath: part] })
      gradient.scale(by: 1 / Float(count), on: workers)
      return [gradient]
    }
    network.backward(gradients, through: &tape, on: workers)
    optimiser.step(&network, on: workers)
    return [
      HeadLoss(
        head: .clustering,
        subHeads: results.map { LossValue(value: $0.loss, withoutLambda: $0.loss) })
    ]
  }
}
