/// Scores of a network, with whatever else is known of it after an epoch.
public struct NetworkScores: Sendable, Equatable {
  /// As it labels.
  public var evaluation: HeadEvaluation
  /// Normalised by each batch's statistics, where that was asked for.
  public var byBatchStatistics: HeadEvaluation?

  /// Scores.
  public init(_ evaluation: HeadEvaluation, byBatchStatistics: HeadEvaluation? = nil) {
    self.evaluation = evaluation
    self.byBatchStatistics = byBatchStatistics
  }
}

/// How pixels become a network's input, as model files record it.
public struct ModelInput: Sendable, Equatable {
  /// A scaling a band.
  public var bands: [BandScaling]
  /// How whole images are prepared; nil for networks that label pixels.
  public var images: ImagePreparation?

  /// Bands, and how images are prepared.
  public init(bands: [BandScaling], images: ImagePreparation? = nil) {
    self.bands = bands
    self.images = images
  }
}

/// What happens in a run.
public enum RunEvent: Sendable {
  /// The network is about to be scored after an epoch; 0 before training.
  case evaluationBegan(epoch: Int)
  /// A step of an epoch is over: how many of its pairs have been trained on, and the losses before.
  case step(epoch: Int, pairs: Int, of: Int, losses: [HeadLoss])
  /// An epoch is over and its files are written.
  case epochEnded(TrainingRecord)
}

/// What a run calls while it goes on.
public struct RunActions<Network: TrainableNetwork> {
  /// Scores the network; nil where there are no labels.
  public var evaluate: (Network) throws -> NetworkScores?
  /// Makes the page `report.html` after each epoch; nil for none.
  public var report: (MetricsTable) throws -> String?
  /// Makes a picture of the network after so many batches, every `evaluation.pictureEvery` of the
  /// recipe; 0 before training.
  public var picture: (_ network: Network, _ batches: Int) throws -> Void
  /// Is told what happens.
  public var observe: (RunEvent) throws -> Void

  /// Actions; those left out do nothing.
  public init(
    evaluate: @escaping (Network) throws -> NetworkScores? = { _ in nil },
    report: @escaping (MetricsTable) throws -> String? = { _ in nil },
    picture: @escaping (_ network: Network, _ batches: Int) throws -> Void = { _, _ in },
    observe: @escaping (RunEvent) throws -> Void = { _ in }
  ) {
    self.evaluate = evaluate
    self.report = report
    self.picture = picture
    self.observe = observe
  }
}
