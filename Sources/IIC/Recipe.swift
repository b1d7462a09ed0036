/// Everything that fixes a training but the data themselves and the seed: a published experiment, or
/// one of one's own. Written as YAML, with a mapping a group.
///
/// A value of this type that was read (``init(yaml:file:)``, ``setting(_:)``) has legal values
/// throughout, and its groups go together; of one put together in code, ``checked()`` tells.
public struct Recipe: Codable, Equatable, Sendable {
  /// The name that `iic train` knows it by.
  public var name: String
  /// What it is for, and what was published of it.
  public var about: About
  /// The data, and which of them train, name clusters and score.
  public var data: DataSettings
  /// The network.
  public var network: ModelConfiguration
  /// How it is trained.
  public var training: TrainingSettings
  /// The dense loss of networks that label pixels; nil for whole images.
  public var denseLoss: DenseLossSettings?
  /// Training of a new head on a trained trunk, with labels; nil for clustering.
  public var fineTuning: FineTuningSettings?
  /// Training by the loss of triplets, a baseline; nil for the method's own loss.
  public var triplets: TripletSettings?
  /// Training of features of pixels by a question about patches, a baseline; nil for the method's own
  /// loss.
  public var pretext: PretextSettings?
  /// How views are made: exactly one of its groups is there.
  public var views: ViewSettings
  /// How it is scored.
  public var evaluation: EvaluationSettings

  /// A recipe of all its groups.
  public init(
    name: String, about: About, data: DataSettings, network: ModelConfiguration,
    training: TrainingSettings, denseLoss: DenseLossSettings? = nil,
    fineTuning: FineTuningSettings? = nil, triplets: TripletSettings? = nil,
    pretext: PretextSettings? = nil, views: ViewSettings,
    evaluation: EvaluationSettings = EvaluationSettings()
  ) {
    self.name = name
    self.about = about
    self.data = data
    self.network = network
    self.training = training
    self.denseLoss = denseLoss
    self.fineTuning = fineTuning
    self.triplets = triplets
    self.pretext = pretext
    self.views = views
    self.evaluation = evaluation
  }

  /// What kind of training a recipe is for.
  public enum Kind: String, Sendable, Equatable {
    /// Clusters of whole images.
    case clustering
    /// A class for each pixel.
    case segmentation
    /// Features of pixels, by a pretext.
    case pretext
    /// A head on a trained trunk, with labels.
    case fineTuning
  }

  /// What kind of training it is for.
  public var kind: Kind {
    if fineTuning != nil { return .fineTuning }
    guard network.architecture.isSegmentation else { return .clustering }
    return network.architecture.hasHeads ? .segmentation : .pretext
  }
}

extension Recipe {
  /// What a recipe is for, and what was published of it.
  public struct About: Codable, Equatable, Sendable {
    /// What it does, in a line.
    public var title: String
    /// The number of the published run, where there is one.
    public var publishedRun: Int?
    /// The published accuracy, in per cent, where there is one.
    public var publishedPerCent: Double?
    /// Where the published accuracy is found.
    public var source: String?
    /// What the published run was computed on.
    public var hardware: String?
    /// Where the published program and the paper differ, and which of them this follows.
    public var differences: String?

    /// A title, and what was published.
    public init(
      title: String, publishedRun: Int? = nil, publishedPerCent: Double? = nil,
      source: String? = nil, hardware: String? = nil, differences: String? = nil
    ) {
      self.title = title
      self.publishedRun = publishedRun
      self.publishedPerCent = publishedPerCent
      self.source = source
      self.hardware = hardware
      self.differences = differences
    }
  }

  /// The data, and which of them train, name clusters and score.
  public struct DataSettings: Codable, Equatable, Sendable {
    /// What becomes of images without labels that come with the labelled ones.
    public enum Unlabelled: String, Codable, Equatable, Sendable, CaseIterable {
      /// They train too, spread evenly among the labelled ones, in the same order each time.
      case mixed
      /// They are left out.
      case omitted
    }

    /// The dataset's name, such as `mnist`; `images` for a folder of one's own.
    public var dataset: String
    /// Whether test images train.
    public var mode: ClusteringMode
    /// How many classes the labels tell apart; nil where the data themselves say.
    public var trueClasses: Int?
    /// What becomes of unlabelled images; nil for datasets without.
    public var unlabelled: Unlabelled?
    /// Whether labels are gathered into the dataset's coarse classes; nil for datasets without.
    public var coarseLabels: Bool?
    /// Which version of COCO-Stuff's curated lists of images; nil for other datasets.
    public var curatedVersion: Int?
    /// Pixels of the shorter side that images of any sizes are scaled to; nil for datasets whose
    /// images have one size.
    public var shortestSide: Int?

    /// A dataset and how it is divided.
    public init(
      dataset: String, mode: ClusteringMode, trueClasses: Int? = nil,
      unlabelled: Unlabelled? = nil, coarseLabels: Bool? = nil, curatedVersion: Int? = nil,
      shortestSide: Int? = nil
    ) {
      self.dataset = dataset
      self.mode = mode
      self.trueClasses = trueClasses
      self.unlabelled = unlabelled
      self.coarseLabels = coarseLabels
      self.curatedVersion = curatedVersion
      self.shortestSide = shortestSide
    }
  }

  /// How a network is trained.
  public struct TrainingSettings: Codable, Equatable, Sendable {
    /// A head's part of an epoch.
    public struct Turn: Codable, Equatable, Sendable {
      /// Passes over the data.
      public var passes: Int
      /// λ of its loss.
      public var lambda: Double

      /// A part of an epoch; the defaults are the published ones.
      public init(passes: Int = 1, lambda: Double = 1) {
        self.passes = passes
        self.lambda = lambda
      }
    }

    /// How often all of the data are gone through, every head's passes counting as one epoch.
    public var epochs: Int
    /// Pairs of views a batch; with repeats, of so many times fewer images.
    public var pairs: Int
    /// Second views that each first view of a batch is paired with.
    public var repeats: Int
    /// Adam's step size; of the new head, where one is fine-tuned.
    public var learningRate: Double
    /// Epochs, from 1, at whose start the learning rate falls.
    public var learningRateDrops: [Int]
    /// What it is multiplied by then.
    public var learningRateFactor: Double
    /// Which head learns first in an epoch.
    public var firstHead: HeadName
    /// Head A's part of an epoch; nil in networks with one head.
    public var headA: Turn?
    /// The part of head B, or of the only head.
    public var headB: Turn
    /// Repeats a slip of the published program for grey images, which trains head B in head A's turn
    /// too and head A never.
    public var headAUntrained: Bool

    /// The heads' turns in an epoch, in order.
    public var turns: [(head: HeadName, turn: Turn)] {
      let turnB = (head: HeadName.clustering, turn: headB)
      guard let headA else { return [turnB] }
      let turnA = (head: HeadName.overclustering, turn: headA)
      return firstHead == .overclustering ? [turnA, turnB] : [turnB, turnA]
    }

    /// How to train; the defaults are the published ones.
    public init(
      epochs: Int, pairs: Int, repeats: Int = 3, learningRate: Double,
      learningRateDrops: [Int] = [], learningRateFactor: Double = 0.1,
      firstHead: HeadName = .clustering, headA: Turn? = nil, headB: Turn = Turn(),
      headAUntrained: Bool = false
    ) {
      self.epochs = epochs
      self.pairs = pairs
      self.repeats = repeats
      self.learningRate = learningRate
      self.learningRateDrops = learningRateDrops
      self.learningRateFactor = learningRateFactor
      self.firstHead = firstHead
      self.headA = headA
      self.headB = headB
      self.headAUntrained = headAUntrained
    }
  }

  /// The dense loss (paper section 3.3).
  public struct DenseLossSettings: Codable, Equatable, Sendable {
    /// T: the views are compared at every displacement of up to so many pixels.
    public var displacement: Int
    /// Whether the displacements' joint distributions are summed before they are scored, rather than
    /// scored one by one and averaged.
    public var collapsed: Bool

    /// A dense loss.
    public init(displacement: Int, collapsed: Bool) {
      self.displacement = displacement
      self.collapsed = collapsed
    }
  }

  /// Training of a new head on a trained trunk, with labels (paper section 4.1).
  public struct FineTuningSettings: Codable, Equatable, Sendable {
    /// A head that is trained with labels.
    public enum Head: String, Codable, Equatable, Sendable, CaseIterable {
      /// Linear to 2048 units, batch normalisation, ReLU, linear to the classes.
      case supHead5 = "SupHead5"
    }

    /// The recipe that the trunk is trained by.
    public var trunk: String
    /// The new head.
    public var head: Head
    /// Adam's step size for the trunk.
    public var trunkLearningRate: Double
    /// Whether features are those before the trunk's last group of residual blocks.
    public var penultimateFeatures: Bool

    /// What to train a new head on.
    public init(trunk: String, head: Head, trunkLearningRate: Double, penultimateFeatures: Bool) {
      self.trunk = trunk
      self.head = head
      self.trunkLearningRate = trunkLearningRate
      self.penultimateFeatures = penultimateFeatures
    }
  }

  /// Training by triplets of images, their copies and other images, in place of the method's own loss:
  /// the baseline of the paper's table 1.
  public struct TripletSettings: Codable, Equatable, Sendable {
    /// Whether k-means of what the head puts out before the softmax makes the clusters that are
    /// scored, as many as classes, as published; else the most probable output is the cluster.
    public var kMeans: Bool

    /// Training by triplets.
    public init(kMeans: Bool) { self.kMeans = kMeans }
  }

  /// Training of features by a question about two patches of an image: the baselines "Isola 2016" and
  /// "Doersch 2015" of the paper's table 4.
  public struct PretextSettings: Codable, Equatable, Sendable {
    /// What is asked.
    public var task: PretextTask
    /// Side of a patch, in pixels; odd.
    public var patchSide: Int

    /// A question; the side is the published one.
    public init(task: PretextTask, patchSide: Int = 11) {
      self.task = task
      self.patchSide = patchSide
    }
  }

  /// How a network is scored. Clusters are given classes one-to-one where there are no more of them
  /// than classes, and many-to-one where there are.
  public struct EvaluationSettings: Codable, Equatable, Sendable {
    /// Whether to score a second time, normalising by each batch's statistics in place of the
    /// running ones.
    public var alsoByBatchStatistics: Bool
    /// A picture of where every image stands among the clusters is made every so many batches; 0 for
    /// none.
    public var pictureEvery: Int

    /// How to score; the defaults are the published ones.
    public init(alsoByBatchStatistics: Bool = false, pictureEvery: Int = 0) {
      self.alsoByBatchStatistics = alsoByBatchStatistics
      self.pictureEvery = pictureEvery
    }
  }
}
