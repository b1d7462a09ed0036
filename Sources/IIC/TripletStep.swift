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
    var passes = [batch.first, batch.second, others].map {
      network.forward($0, heads: [.clustering], on: workers)
    }
    let count = network.configuration.subHeads
    let results = (0..<count).map { subHead in
      TripletLoss.evaluate(
        passes[0].outputs[0].subHead(subHead), positive: passes[1].outputs[0].subHead(subHead),
        negative: passes[2].outputs[0].subHead(subHead))
    }
    guard results.allSatisfy(\.loss.isFinite), passes.allSatisfy({ $0.tape.isFinite }) else {
      throw IICError.notFinite("the loss of triplets")
    }
    for (index, part) in [\TripletLoss.Result.gradient, \.positiveGradient, \.negativeGradient]
      .enumerated()
    {
      var gradient = Tensor(subHeads: results.map { $0[keyPath: part] })
      gradient.scale(by: 1 / Float(count), on: workers)
      network.backward([gradient], through: &passes[index].tape, on: workers)
    }
    optimiser.step(&network, on: workers)
    return [
      HeadLoss(
        head: .clustering,
        subHeads: results.map { LossValue(value: $0.loss, withoutLambda: $0.loss) })
    ]
  }
}
