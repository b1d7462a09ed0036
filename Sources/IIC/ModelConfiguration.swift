/// A published network.
public enum ModelArchitecture: String, Sendable, Codable, CaseIterable {
  case segmentationNet10a = "SegmentationNet10a"
  case segmentationNet10aTwoHead = "SegmentationNet10aTwoHead"
  /// SegmentationNet10a's trunk alone: features of pixels, no clusters.
  case segmentationNet10aTrunk = "SegmentationNet10aTrunk"
  case clusterNet5g = "ClusterNet5g"
  case clusterNet5gTwoHead = "ClusterNet5gTwoHead"
  case clusterNet6c = "ClusterNet6c"
  case clusterNet6cTwoHead = "ClusterNet6cTwoHead"
  /// ClusterNet5g's trunk with a head that learned from labels.
  case supHead5 = "SupHead5"

  /// Whether the network has an over-clustering head (A) beside the clustering head (B).
  public var hasTwoHeads: Bool {
    switch self {
    case .segmentationNet10a, .segmentationNet10aTrunk, .clusterNet5g, .clusterNet6c, .supHead5:
      false
    case .segmentationNet10aTwoHead, .clusterNet5gTwoHead, .clusterNet6cTwoHead: true
    }
  }

  /// Whether the network has a head of clusters, or learned one from labels.
  public var hasHeads: Bool { self != .segmentationNet10aTrunk }

  /// Whether the network is about every pixel rather than the whole image.
  public var isSegmentation: Bool {
    switch self {
    case .segmentationNet10a, .segmentationNet10aTwoHead, .segmentationNet10aTrunk: true
    default: false
    }
  }

  /// Whether the trunk is ClusterNet5g's, of residual blocks.
  var isResidual: Bool {
    switch self {
    case .clusterNet5g, .clusterNet5gTwoHead, .supHead5: true
    default: false
    }
  }
}

/// Everything that fixes a network's tensors and what it computes, but for the weights.
///
/// Coded as JSON with one key a property. In a model file the architecture has a key of its own
/// (`iic.architecture`) and `iic.config` holds the rest: see ``init(architecture:json:)`` and
/// ``json``.
public struct ModelConfiguration: Sendable, Equatable {
  /// The published network.
  public let architecture: ModelArchitecture
  /// Channels that the first convolution reads, 1…1024: after Sobel, where that is on.
  public let inputChannels: Int
  /// Side of the square the network was trained on, in pixels, 8…8192. Networks that tell whole
  /// images apart read images of this size alone.
  public let inputSize: Int
  /// Clusters of head B, or of the only head; without a head those that k-means is to find: 2…255 of networks that label pixels, whose label maps
  /// are of bytes, 2…4096 of those that tell whole images apart.
  public let classes: Int
  /// Clusters of the over-clustering head A, 2…4096; nil in a network with one head.
  public let overclusters: Int?
  /// Independently initialised copies of each head, 1…64.
  public let subHeads: Int
  /// Multiplier of the trunk's published channel counts, above 0 up to 16; 1 as published.
  public let width: Double
  /// Whether bands become grey and its two gradients before the first convolution.
  public let sobel: Bool
  /// Whether red, green and blue are kept beside the gradients; without ``sobel`` they always are.
  public let includeRGB: Bool
  /// Whether running statistics normalise in inference; else each batch's own do, as published.
  public let batchNormTracking: Bool

  /// Makes a configuration, or throws an ``IICError`` naming the first value out of range.
  ///
  /// `overclusters` must be given exactly where the architecture has two heads. With `sobel`,
  /// `inputChannels` is 2 (5 with `includeRGB`), one more with infra-red.
  public init(
    architecture: ModelArchitecture, inputChannels: Int, inputSize: Int, classes: Int,
    overclusters: Int? = nil, subHeads: Int, width: Double = 1, sobel: Bool = false,
    includeRGB: Bool = false, batchNormTracking: Bool
  ) throws {
    self.architecture = architecture
    self.inputChannels = try Self.checked(inputChannels, .inputChannels, in: 1...1024)
    self.inputSize = try Self.checked(inputSize, .inputSize, in: 8...8192)
    self.classes = try Self.checked(
      classes, .classes, in: 2...(architecture.isSegmentation ? 255 : 4096))
    self.overclusters = try overclusters.map { try Self.checked($0, .overclusters, in: 2...4096) }
    self.subHeads = try Self.checked(subHeads, .subHeads, in: 1...64)
    self.width = width
    self.sobel = sobel
    self.includeRGB = includeRGB
    self.batchNormTracking = batchNormTracking

    guard width > 0, width <= 16 else {
      throw Self.refusal("`width` is \(width)", "give a number above 0, at most 16")
    }
    guard architecture != .supHead5 && architecture.hasHeads || subHeads == 1 else {
      throw Self.refusal(
        "`subHeads` is \(subHeads)",
        "give 1: \(architecture.rawValue) has \(architecture.hasHeads ? "one" : "no heads")")
    }
    guard architecture.hasTwoHeads == (overclusters != nil) else {
      throw architecture.hasTwoHeads
        ? Self.refusal(
          "`overclusters` is missing", "\(architecture.rawValue) has two heads: give its number")
        : Self.refusal(
          "`overclusters` is given", "\(architecture.rawValue) has one head: leave it out")
    }
    guard !sobel || inputChannels == gradientChannels || inputChannels == gradientChannels + 1
    else {
      throw Self.refusal(
        "`inputChannels` is \(inputChannels) with `sobel`",
        "give \(gradientChannels), or \(gradientChannels + 1) with infra-red")
    }
  }

  /// The same network, normalising by each batch's own statistics.
  public func withoutTracking() -> ModelConfiguration {
    // What is legal with running statistics is so without.
    try! ModelConfiguration(
      architecture: architecture, inputChannels: inputChannels, inputSize: inputSize,
      classes: classes, overclusters: overclusters, subHeads: subHeads, width: width, sobel: sobel,
      includeRGB: includeRGB, batchNormTracking: false)
  }

  /// The published channel count `published` times `width`, at least 1.
  public func scaledChannels(_ published: Int) -> Int {
    max(1, Int((Double(published) * width).rounded()))
  }

  /// The raster bands the model may read: `inputChannels` of them without Sobel; with it, red,
  /// green and blue (or grey alone, where the colours are not kept), and infra-red if there is
  /// one channel more than the colours and gradients take.
  public var possibleBandCounts: [Int] {
    guard sobel else { return [inputChannels] }
    let infrared = inputChannels - gradientChannels
    return includeRGB || infrared > 0 ? [3 + infrared] : [1, 3]
  }

  /// Channels made of the visible bands: the two gradients, after the three colours if kept.
  private var gradientChannels: Int { includeRGB ? 5 : 2 }

  static let operation = "use the model's configuration"

  static func refusal(_ reason: String, _ remedy: String) -> IICError {
    IICError(operation: operation, reason: reason, remedy: remedy)
  }

  private static func checked(_ value: Int, _ key: Key, in range: ClosedRange<Int>) throws -> Int {
    guard range.contains(value) else {
      throw refusal(
        "`\(key.rawValue)` is \(value)", "give \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// The JSON keys, those of `iic.config` and the architecture.
  enum Key: String, CodingKey, CaseIterable {
    case architecture, inputChannels, inputSize, classes, overclusters, subHeads, width, sobel
    case includeRGB, batchNormTracking
  }
}
