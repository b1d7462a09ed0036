extension Recipe {
  /// The recipe, if its groups go together; throws an ``IICError`` naming what does not.
  public func checked() throws -> Recipe {
    try checkViews()
    try checkTurns()
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
    guard network.architecture.isSegmentation == (denseLoss != nil) else {
      throw Self.refusal(
        denseLoss == nil ? "`denseLoss` is missing" : "`denseLoss` is given",
        network.architecture.isSegmentation
          ? "give displacement and collapsed" : "leave it out for whole images")
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
