extension ModelFile {
  /// The sub-head of a head to use unless told otherwise, from 0 on: the one that training recorded,
  /// or the first.
  public func subHead(of head: HeadName) -> Int {
    head == .clustering ? subHead : overclusterSubHead
  }

  /// Whether training recorded which sub-head of a head to use.
  public func recordsSubHead(of head: HeadName) -> Bool {
    (head == .clustering ? recordedSubHead : recordedOverclusterSubHead) != nil
  }

  /// The sub-head asked for, from 0 on, or the one to use where none is.
  ///
  /// Throws an ``IICError`` where the network has no such head or sub-head.
  public func checkedSubHead(of head: HeadName, _ subHead: Int?) throws -> Int {
    guard configuration.heads.contains(head) else {
      throw Self.refusal(
        "\(configuration.architecture.rawValue) has no head \(head.rawValue)",
        "leave the head to the model")
    }
    let count = configuration.subHeads
    let chosen = subHead ?? self.subHead(of: head)
    guard (0..<count).contains(chosen) else {
      throw Self.refusal("it has no sub-head \(chosen + 1)", "give 1 to \(count)")
    }
    return chosen
  }
}
