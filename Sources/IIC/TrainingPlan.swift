/// How an epoch is made up, and how the learning rate falls.
public struct TrainingPlan<Network: PairNetwork>: Sendable, Equatable {
  /// A part of an epoch: some heads learn in the same steps, for a number of passes over the data.
  public struct Part: Sendable, Equatable {
    /// What each step does.
    public var step: TrainingStep<Network>
    /// Passes over the data.
    public var passes: Int

    /// A part. Traps if there are no passes.
    public init(step: TrainingStep<Network>, passes: Int = 1) {
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

  /// All heads learn in each step, from one pass of the trunk a view.
  public static func together(
    _ objectives: [HeadObjective<Network.Loss>], grid: Network.Grid
  ) -> TrainingPlan {
    TrainingPlan(
      parts: [Part(step: TrainingStep(objectives: objectives, grid: grid))])
  }

  /// The heads learn in turn, whole passes over the data at a time, in the order given.
  public static func inTurn(
    _ heads: [(objective: HeadObjective<Network.Loss>, passes: Int)], grid: Network.Grid
  ) -> TrainingPlan {
    TrainingPlan(
      parts: heads.map { head in
        Part(
          step: TrainingStep(objectives: [head.objective], grid: grid), passes: head.passes)
      })
  }
}

extension TrainingPlan where Network == SegmentationNetwork {
  /// As published: the heads learn in turn, in the order given (A, then B), from maps stretched to
  /// the input's size.
  public static func inTurn(
    _ heads: [(objective: HeadObjective<DenseJointLoss>, passes: Int)]
  ) -> TrainingPlan {
    inTurn(heads, grid: .stretched)
  }
}

extension TrainingPlan where Network == ClusterNetwork {
  /// The turn of one head in an epoch of image clustering.
  public struct Turn: Sendable, Equatable {
    /// The head.
    public var head: HeadName
    /// λ of its loss.
    public var lambda: Double
    /// Passes over the data.
    public var passes: Int

    /// A turn; the defaults are the published ones.
    public init(_ head: HeadName, lambda: Double = 1, passes: Int = 1) {
      self.head = head
      self.lambda = lambda
      self.passes = passes
    }
  }

  /// Image clustering as published: the heads learn in turn, whole passes over the data at a time;
  /// by default head B, then head A.
  ///
  /// - Parameters:
  ///   - turns: the heads' turns, in order.
  ///   - withoutNamingHeads: repeats a slip of the published program for grey images, which calls
  ///     the network without naming the head and so is answered by head B in every turn: head B
  ///     learns in head A's turn too, by head A's λ and on head A's pairs, and head A never does.
  public static func clustering(
    _ turns: [Turn] = [Turn(.clustering), Turn(.overclustering)],
    withoutNamingHeads: Bool = false
  ) -> TrainingPlan {
    inTurn(
      turns.map { turn in
        (
          HeadObjective(
            head: withoutNamingHeads ? .clustering : turn.head,
            loss: JointLoss(lambda: turn.lambda)), turn.passes
        )
      }, grid: .wholeImage)
  }
}
