extension Recipe {
  /// The recipe, if its groups go together; throws an ``IICError`` naming what does not.
  public func checked() throws -> Recipe {
    try checkArchitecture()
    try checkData()
    try checkColours()
    try checkViews()
    try checkViewValues()
    try checkTurns()
    try checkFineTuning()
    try checkTriplets()
    try checkPretext()
    guard training.pairs.isMultiple(of: training.repeats) else {
      throw Self.refusal(
        "`training.pairs` is \(training.pairs), not a multiple of `training.repeats`, "
          + "\(training.repeats)",
        "give \(training.pairs / training.repeats * training.repeats) or "
          + "another multiple of it")
    }
    if let overclusters = network.overclusters, overclusters < network.classes {
      throw Self.refusal(
        "`network.overclusters` is \(overclusters), fewer than the \(network.classes) of "
          + "`network.classes`", "give at least as many, five times as many for example")
    }
    return self
  }

  private func checkArchitecture() throws {
    if network.architecture == .supHead5 { throw Self.supervisedArchitecture }
  }

  /// What is said of a recipe whose network is one that learned from labels.
  static var supervisedArchitecture: IICError {
    let names = builtIn.filter { $0.kind == .fineTuning }.map(\.name).joined(separator: " or ")
    return refusal(
      "`network.architecture` is SupHead5, which learns from labels on a trained trunk",
      "train by \(names), or give one of the other architectures")
  }

  private func checkFineTuning() throws {
    guard fineTuning != nil else { return }
    guard views.sobel != nil else {
      throw Self.refusal(
        "`views` has no group sobel with `fineTuning`",
        "leave fineTuning out, or give the network and the views of ClusterNet5g with Sobel")
    }
    let fixed = [
      ("training.repeats", "\(training.repeats)", "1"),
      ("training.headB.passes", "\(training.headB.passes)", "1"),
      ("training.headB.lambda", RecipeRule.decimal(training.headB.lambda), "1"),
      ("evaluation.pictureEvery", "\(evaluation.pictureEvery)", "0"),
      ("evaluation.alsoByBatchStatistics", "\(evaluation.alsoByBatchStatistics)", "false"),
    ]
    if let (key, given, needed) = fixed.first(where: { $0.1 != $0.2 }) {
      throw Self.refusal(
        "`\(key)` is \(given) with `fineTuning`",
        "give \(needed): an epoch sees each labelled image once, and ten crops alone score")
    }
  }

  private func checkTriplets() throws {
    guard triplets != nil else { return }
    guard kind == .clustering else {
      throw Self.refusal(
        "`triplets` is given", "leave it out: it is for recipes that cluster whole images")
    }
    guard !network.architecture.hasTwoHeads else {
      throw Self.refusal(
        "`network.architecture` is \(network.architecture.rawValue) with `triplets`",
        "give ClusterNet5g or ClusterNet6c: triplets train one head")
    }
    guard training.repeats == 1 else {
      throw Self.refusal(
        "`training.repeats` is \(training.repeats) with `triplets`",
        "give 1: an image has one copy in a triplet")
    }
    guard training.headB.lambda == 1 else {
      throw Self.refusal(
        "`training.headB.lambda` is \(RecipeRule.decimal(training.headB.lambda)) with `triplets`",
        "give 1: their loss has no λ")
    }
  }

  private func checkPretext() throws {
    guard network.architecture.hasHeads == (pretext == nil) else {
      throw Self.refusal(
        pretext == nil ? "`pretext` is missing" : "`pretext` is given",
        pretext == nil
          ? "give task and patchSide: SegmentationNet10aTrunk learns by them"
          : "leave it out, or give SegmentationNet10aTrunk as `network.architecture`")
    }
    guard let pretext else { return }
    guard pretext.patchSide % 2 == 1, 4 * pretext.patchSide <= network.inputSize else {
      throw Self.refusal(
        "`pretext.patchSide` is \(pretext.patchSide)",
        "give an odd number, at most a quarter of `network.inputSize`, \(network.inputSize)")
    }
    guard training.repeats == 1, training.headB.lambda == 1 else {
      throw Self.refusal(
        "`training.repeats` is \(training.repeats) and `training.headB.lambda` "
          + "\(RecipeRule.decimal(training.headB.lambda)) with `pretext`",
        "give 1: an image is seen once, and the loss has no λ")
    }
    guard evaluation.pictureEvery == 0, !evaluation.alsoByBatchStatistics else {
      throw Self.refusal(
        "`evaluation` asks for more than scores with `pretext`",
        "give 0 for pictureEvery and false for alsoByBatchStatistics: there is no head to draw or "
          + "score")
    }
  }

  private func checkViews() throws {
    let groups: [(name: String, isThere: Bool)] = [
      ("greyscale", views.greyscale != nil), ("sobel", views.sobel != nil),
      ("patches", views.patches != nil),
    ]
    let there = groups.filter(\.isThere).map(\.name)
    guard there.count == 1 else {
      throw Self.refusal(
        there.isEmpty
          ? "`views` is empty" : "`views` has the groups \(there.joined(separator: " and "))",
        "give one of \(groups.map(\.name).joined(separator: ", "))"
          + (there.isEmpty ? "" : ", and null for the others"))
    }
    let needed =
      network.architecture.isSegmentation ? "patches" : network.sobel ? "sobel" : "greyscale"
    guard there == [needed] else {
      throw Self.refusal(
        "`views` has the group \(there[0])",
        "give \(needed) for \(network.architecture.rawValue) "
          + (network.sobel ? "with" : "without") + " Sobel")
    }
    let needsLoss = network.architecture.isSegmentation && network.architecture.hasHeads
    guard needsLoss == (denseLoss != nil) else {
      throw Self.refusal(
        denseLoss == nil ? "`denseLoss` is missing" : "`denseLoss` is given",
        needsLoss
          ? "give displacement and collapsed"
          : "leave it out for \(network.architecture.rawValue)")
    }
  }

  private func checkTurns() throws {
    let hasTwoHeads = network.architecture.hasTwoHeads
    guard hasTwoHeads == (training.headA != nil) else {
      throw Self.refusal(
        hasTwoHeads ? "`training.headA` is missing" : "`training.headA` is given",
        hasTwoHeads
          ? "\(network.architecture.rawValue) has two heads: give passes and lambda"
          : "\(network.architecture.rawValue) has one head: leave it out")
    }
    guard hasTwoHeads || training.firstHead == .clustering else {
      throw Self.refusal(
        "`training.firstHead` is A", "\(network.architecture.rawValue) has one head: give B")
    }
    guard hasTwoHeads || !training.headAUntrained else {
      throw Self.refusal(
        "`training.headAUntrained` is true",
        "\(network.architecture.rawValue) has one head: give false")
    }
  }
}
