import IIC
import Tensor
import TestSupport
import Testing

@Suite struct TrainingStepTests {
  let workers = Workers(threads: 2)

  static func step(
    _ heads: [HeadName], lambda: Double = 1, halfSide: Int = 1,
    form: DenseJointLoss.Form = .uncollapsed
  ) -> TrainingStep<SegmentationNetwork> {
    let loss = DenseJointLoss(lambda: lambda, halfSide: halfSide, form: form)
    return TrainingStep(
      objectives: heads.map { HeadObjective(head: $0, loss: loss) }, grid: .stretched)
  }

  /// How far a series of losses may be off after so many steps. Adam magnifies rounding wherever a
  /// gradient is near zero, more with each step.
  static func tolerance(after steps: Int) -> Double { steps < 6 ? 3e-5 : 1e-4 }

  @Test(arguments: DenseJointLoss.Form.allCases)
  func oneStepAgreesWithAnotherImplementation(form: DenseJointLoss.Form) throws {
    let name = form.rawValue
    let summary = try GoldenFile("network_steps")
    let step = Self.step(
      [.overclustering], lambda: Double(summary["\(name).lambda"].scalar),
      halfSide: Int(summary["\(name).half_side"].scalar), form: form)
    var network = try GoldenNetwork.network()
    var optimiser = AdamOptimiser(learningRate: 1e-3)
    let losses = try step.take(
      on: GoldenNetwork.batch(form == .uncollapsed ? 0 : 1), network: &network,
      optimiser: &optimiser, workers: workers)

    #expect(losses.count == 1 && losses[0].subHeads.count == 2)
    expectClose(
      losses[0].mean.value, Double(summary["\(name).loss"].scalar), absolute: 1e-6,
      relative: 1e-6)
    expectClose(
      losses[0].mean.withoutLambda, Double(summary["\(name).loss_no_lambda"].scalar),
      absolute: 1e-6, relative: 1e-6)

    let gradients = GoldenNetwork.tensors(of: try GoldenFile("network_\(name)_gradients"))
    #expect(gradients.count == 20)
    for parameter in network.parameters {
      #expect(parameter.hasGradient == (gradients[parameter.name] != nil))
      guard let gradient = gradients[parameter.name] else { continue }
      expectWithin(5e-5, of: gradient, parameter.gradient, parameter.name)
    }
    let updated = GoldenNetwork.tensors(of: try GoldenFile("network_\(name)_updated"))
    #expect(!updated.isEmpty)
    for (tensor, expected) in updated {
      let actual = try #require(network.tensors[tensor])
      let allowed = Self.allowedDifference(
        ofUpdated: expected, gradient: gradients[tensor], optimiser: optimiser)
      #expect(actual.shape == expected.shape)
      for (index, (value, wanted)) in zip(actual.values, expected.values).enumerated() {
        #expect(
          abs(Double(value) - Double(wanted)) <= allowed[index], "\(tensor), element \(index)")
      }
    }
  }

  /// How far a tensor may be off after Adam's first step, lr · g / (|g| + ε / √(1 − β₂)).
  ///
  /// That divides a gradient by its own size: where nearly nothing is left of it, what is left is
  /// the rounding of the terms that cancel, 3e-6 of the tensor's largest gradient, and moves the
  /// value by up to as much times the step's slope.
  static func allowedDifference(
    ofUpdated expected: Tensor, gradient: Tensor?, optimiser: AdamOptimiser
  ) -> [Double] {
    let plain = expected.values.map { 6e-5 + 1e-5 * abs(Double($0)) }
    guard let gradient else { return plain }
    let rounding = 3e-6 * ReferenceTensor(gradient).largestMagnitude
    let epsilon = optimiser.epsilon / (1 - optimiser.beta2).squareRoot()
    return zip(plain, gradient.values).map { allowed, gradient in
      let denominator = abs(Double(gradient)) + epsilon
      return allowed + rounding * optimiser.learningRate * epsilon / (denominator * denominator)
    }
  }

  @Test(arguments: AdamOptimiser.EpsilonPlacement.allCases)
  func tenStepsOfTheHeadsInTurn(placement: AdamOptimiser.EpsilonPlacement) throws {
    let suffix = placement == .beforeCorrection ? "" : "_current_adam"
    let expected = try GoldenFile("network_steps")["alternating.losses\(suffix)"]
    var network = try GoldenNetwork.network()
    var optimiser = AdamOptimiser(learningRate: 1e-3, epsilonPlacement: placement)
    for index in 0..<10 {
      let head = [HeadName.overclustering, .clustering][index / 2 % 2]
      let losses = try Self.step([head]).take(
        on: GoldenNetwork.batch(index % 2), network: &network, optimiser: &optimiser,
        workers: workers)
      expectClose(
        losses[0].mean.value, Double(expected.values[index]),
        absolute: Self.tolerance(after: index), relative: 3e-5,
        "step \(index)")
    }
  }

  @Test(arguments: AdamOptimiser.EpsilonPlacement.allCases)
  func tenStepsOfBothHeadsTogether(placement: AdamOptimiser.EpsilonPlacement) throws {
    let suffix = placement == .beforeCorrection ? "" : "_current_adam"
    let expected = try GoldenFile("network_steps")["together.losses\(suffix)"]
    var network = try GoldenNetwork.network()
    var optimiser = AdamOptimiser(learningRate: 1e-3, epsilonPlacement: placement)
    for index in 0..<10 {
      let losses = try Self.step([.overclustering, .clustering]).take(
        on: GoldenNetwork.batch(index % 2), network: &network, optimiser: &optimiser,
        workers: workers)
      for head in 0..<2 {
        expectClose(
          losses[head].mean.value, Double(expected.values[index * 2 + head]),
          absolute: Self.tolerance(after: index), relative: 3e-5, "step \(index), head \(head)")
      }
    }
  }

  @Test func sameThreadsSameBits() throws {
    func trained() throws -> [[Float]] {
      var network = try GoldenNetwork.network()
      var optimiser = AdamOptimiser(learningRate: 1e-3)
      for index in 0..<2 {
        _ = try Self.step([.overclustering, .clustering]).take(
          on: GoldenNetwork.batch(index), network: &network, optimiser: &optimiser,
          workers: workers)
      }
      return network.parameters.map(\.value.values) + network.buffers.map(\.value.values)
    }
    #expect(try trained() == trained())
  }

  @Test func aLossThatIsNotFiniteStopsBeforeTheWeights() throws {
    var network = try GoldenNetwork.network()
    let before = network.parameters.map(\.value.values)
    var optimiser = AdamOptimiser(learningRate: 1e-3)
    var batch = try GoldenNetwork.batch(0)
    batch.first[0] = .infinity
    #expect(throws: IICError.self) {
      try Self.step([.clustering]).take(
        on: batch, network: &network, optimiser: &optimiser, workers: workers)
    }
    #expect(network.parameters.map(\.value.values) == before)
  }

  @Test func theSubHeadWithTheLowestLossIsNamed() {
    let losses = HeadLoss(
      head: .clustering,
      subHeads: [
        LossValue(value: -3, withoutLambda: -0.5), LossValue(value: -1, withoutLambda: -0.9),
        LossValue(value: -2, withoutLambda: -0.9),
      ])
    #expect(losses.lowest == 1)
    #expect(losses.mean.value == -2)
  }
}
