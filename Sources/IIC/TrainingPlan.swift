/// How an epoch is made up, and how the learning rate falls.
public struct TrainingPlan<Network: TrainableNetwork>: Sendable {
  /// A part of an epoch: some heads learn in the same steps, for a number of passes over the data.
  public struct Part: Sendable {
    /// What each step does.
    public var step: any LearningStep<Network>
    /// Passes over the data.
    public var passes: Int

    /// A part. Traps if there are no passes.
    public init(step: some LearningStep<Network>, passes: Int = 1) {
      precondition(passes >= 1, "\(passes) passes over the data")
      self.step = step
      self.passes = passes
    }
  }

  /// The epoch's parts, in order.
  public var parts: [Part]
  /// The epochs, from 1, at whose start the learning rate falls.
  public var learningRateDrops: [Int]
  /// What it is multiplied by then.
  public var learningRateFactor: Double

  /// A plan of any parts.
  public init(
    parts: [Part], learningRateDrops: [Int] = [], learningRateFactor: Double = 0.1
  ) {
    self.parts = parts
    self.learningRateDrops = learningRateDrops
    self.learningRateFactor = learningRateFactor
  }
}

extension TrainingPlan {
  /// As a recipe says: its heads learn in turn, whole passes over the data at a time, and the
  /// learning rate falls at its epochs.
  ///
  /// With ``Recipe/TrainingSettings/headAUntrained``, a slip of the published program for grey images
  /// is repeated, which calls the network without naming the head and so is answered by head B in
  /// every turn: head B learns in head A's turn too, by head A's λ and on head A's pairs, and head A
  /// never does.
  ///
  /// - Parameter step: what a head learns by, with a λ.
  public init(
    _ settings: Recipe.TrainingSettings,
    step: (_ head: HeadName, _ lambda: Double) -> any LearningStep<Network>
  ) {
    self.init(
      parts: settings.turns.map { head, turn in
        let learning = settings.headAUntrained ? .clustering : head
        return Part(step: step(learning, turn.lambda), passes: turn.passes)
      }, learningRateDrops: settings.learningRateDrops,
      learningRateFactor: settings.learningRateFactor)
  }
}
