/// What a recipe's key may be given.
enum RecipeRule: Sendable, Equatable {
  /// One line of text.
  case text
  /// `true` or `false`.
  case flag
  /// A whole number of a range.
  case whole(ClosedRange<Int>)
  /// A number of a range.
  case number(ClosedRange<Double>)
  /// A list of whole numbers of a range.
  case wholes(ClosedRange<Int>)
  /// One of several words.
  case choice([String])

  /// The legal values, as they complete "give …".
  var legalValues: String {
    switch self {
    case .text: "one line of text"
    case .flag: "true or false"
    case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      "a number from \(Self.decimal(range.lowerBound)) to \(Self.decimal(range.upperBound))"
    case .wholes(let range):
      "a list such as [\(range.lowerBound), \(min(range.lowerBound + 1, range.upperBound))], of "
        + "whole numbers from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let words): "one of \(words.joined(separator: ", "))"
    }
  }

  /// A number without an exponent, as people write it.
  static func decimal(_ number: Double) -> String {
    let shortest = "\(number)"
    guard let exponent = shortest.firstIndex(of: "e") else {
      return shortest.hasSuffix(".0") ? String(shortest.dropLast(2)) : shortest
    }
    guard let power = Int(shortest[shortest.index(after: exponent)...]), power < 0 else {
      return shortest
    }
    var digits = shortest[..<exponent].filter { $0 != "." && $0 != "-" }
    if shortest[..<exponent].hasSuffix(".0") { digits.removeLast() }
    return (number < 0 ? "-0." : "0.") + String(repeating: "0", count: -power - 1) + digits
  }
}

extension Recipe {
  /// A key of a recipe, the groups it lies in before it with dots between, and what it may be given.
  struct Field: Sendable, Equatable {
    let key: String
    let rule: RecipeRule

    init(_ key: String, _ rule: RecipeRule) {
      self.key = key
      self.rule = rule
    }

    /// The key without its groups.
    var lastName: Substring { key.split(separator: ".").last ?? "" }
    /// The groups that the key lies in; empty for none.
    var group: Substring { key.dropLast(lastName.count + 1) }
  }

  /// All keys there are.
  static let fields: [Field] =
    [
      Field("name", .text),
      Field("about.title", .text),
      Field("about.publishedRun", .whole(0...1_000_000)),
      Field("about.publishedPerCent", .number(0...100)),
      Field("about.source", .text),
      Field("about.hardware", .text),
      Field("about.differences", .text),
      Field("data.dataset", .text),
      Field("data.mode", .choice(ClusteringMode.allCases.map(\.rawValue))),
      Field("data.trueClasses", .whole(1...256)),
      Field(
        "data.unlabelled", .choice(DataSettings.Unlabelled.allCases.map(\.rawValue))),
      Field("data.coarseLabels", .flag),
      Field("data.curatedVersion", .whole(1...100)),
      Field("data.shortestSide", side),
      Field("network.architecture", .choice(ModelArchitecture.allCases.map(\.rawValue))),
      Field("network.inputChannels", .whole(1...1024)),
      Field("network.inputSize", .whole(8...8192)),
      Field("network.classes", .whole(2...4096)),
      Field("network.overclusters", .whole(2...4096)),
      Field("network.subHeads", .whole(1...64)),
      Field("network.width", .number(0.001...16)),
      Field("network.sobel", .flag),
      Field("network.includeRGB", .flag),
      Field("network.batchNormTracking", .flag),
      Field("training.epochs", .whole(1...largestEpochCount)),
      Field("training.pairs", .whole(1...100_000)),
      Field("training.repeats", .whole(1...1000)),
      Field("training.learningRate", .number(1e-12...1)),
      Field("training.learningRateDrops", .wholes(1...1_000_000)),
      Field("training.learningRateFactor", .number(0...1)),
      Field("training.firstHead", .choice(HeadName.allCases.map(\.rawValue))),
      Field("training.headA.passes", .whole(1...1000)),
      Field("training.headA.lambda", .number(0...1000)),
      Field("training.headB.passes", .whole(1...1000)),
      Field("training.headB.lambda", .number(0...1000)),
      Field("training.headAUntrained", .flag),
      Field("denseLoss.displacement", .whole(0...100)),
      Field("denseLoss.collapsed", .flag),
      Field("fineTuning.trunk", .text),
      Field(
        "fineTuning.head", .choice(FineTuningSettings.Head.allCases.map(\.rawValue))),
      Field("fineTuning.trunkLearningRate", .number(0...1)),
      Field("fineTuning.penultimateFeatures", .flag),
      Field("triplets.kMeans", .flag),
      Field("pretext.task", .choice(PretextTask.allCases.map(\.rawValue))),
      Field("pretext.patchSide", .whole(3...255)),
      Field("views.greyscale.firstCrop", crop),
      Field("views.greyscale.firstCropSize", side),
      Field("views.greyscale.secondCrop", crop),
      Field("views.greyscale.secondCropSizes", sides),
      Field("views.greyscale.rotation", .number(0...180)),
      Field("views.greyscale.alwaysRotates", .flag),
      Field("views.greyscale.flips", .flag),
    ] + jitter("views.greyscale.jitter") + [
      Field("views.sobel.cropSize", side),
      Field("views.sobel.fluidWarp.rotation", .number(0...180)),
      Field("views.sobel.fluidWarp.cropSizes", sides),
      Field("views.sobel.affine.probability", probability),
      Field("views.sobel.cutout.probability", probability),
      Field("views.sobel.cutout.largestPart", .number(0.2...0.9)),
    ] + jitter("views.sobel.jitter") + [
      Field("views.patches.preScale", .number(0.01...10))
    ] + jitter("views.patches.jitter") + [
      Field("views.patches.flipProbability", probability),
      Field("views.patches.affine.rotation", .number(0...180)),
      Field("views.patches.affine.shear", .number(0...80)),
      Field("views.patches.affine.leastScale", .number(0.05...20)),
      Field("views.patches.affine.greatestScale", .number(0.05...20)),
      Field("evaluation.alsoByBatchStatistics", .flag),
      Field("evaluation.pictureEvery", .whole(0...1_000_000_000)),
    ]

  /// Epochs of a training at most.
  static let largestEpochCount = 1_000_000

  private static let crop = RecipeRule.choice(GreyscaleViewSettings.Crop.allCases.map(\.rawValue))
  private static let side = RecipeRule.whole(1...8192)
  private static let sides = RecipeRule.wholes(1...8192)
  private static let probability = RecipeRule.number(0...1)

  private static func jitter(_ group: String) -> [Field] {
    [
      Field("\(group).brightness", .number(0...10)), Field("\(group).contrast", .number(0...10)),
      Field("\(group).saturation", .number(0...10)), Field("\(group).hue", .number(0...0.5)),
    ]
  }
}
