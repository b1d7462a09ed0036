/// How an epoch is made up, and how the learning rate falls.
public struct TrainingPlan: Sendable, Equatable {
  /// A part of an epoch: some heads learn in the same steps, for a number of passes over the data.
  public struct Part: Sendable, Equatable {
    /// What each step does.
    public var step: TrainingStep
    /// Passes over the data.
    public var passes: Int

    /// A part. Traps if there are no passes.
    public init(step: TrainingStep, passes: Int = 1) {
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

  /// As published: the heads learn in turn, whole passes over the data at a time, in the order
  /// given (for segmentation A, then B), from maps stretched to the input's size.
  public static func inTurn(_ heads: [(objective: HeadObjective, passes: Int)]) -> TrainingPlan {
    TrainingPlan(
      parts: heads.map { head in
        Part(
          step: TrainingStep(objectives: [head.objective], grid: .stretched), passes: head.passes)
      })
  }

  /// All heads learn in each step, from one pass of the trunk a view.
  public static func together(_ objectives: [HeadObjective], grid: MapGrid) -> TrainingPlan {
    TrainingPlan(parts: [Part(step: TrainingStep(objectives: objectives, grid: grid))])
  }
}
