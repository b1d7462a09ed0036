internal import Tensor

extension ModelFile {
  /// The parts beside the tensors agree with the configuration.
  func checkDescription() throws {
    let bandCounts = configuration.possibleBandCounts
    guard bandCounts.contains(bands.count) else {
      throw Self.refusal(
        "it describes \(bands.count) bands and its network reads "
          + bandCounts.map(String.init).joined(separator: " or "),
        "correct iic.bands or iic.config")
    }
    if let classes, classes.count != configuration.classes {
      throw Self.refusal(
        "it names \(classes.count) classes and its network has \(configuration.classes)",
        "correct iic.classes or iic.config")
    }
    try checkSubHead(subHead, .subHead)
    try checkSubHead(overclusterSubHead, .overclusterSubHead)
    if images != nil, configuration.architecture.isSegmentation {
      throw Self.refusal(
        "it says how whole images are prepared and its network labels pixels", "remove iic.images")
    }
    if let key = otherMetadata.keys.sorted().first(where: { MetadataKey(rawValue: $0) != nil }) {
      throw Self.refusal("\(key) is given as unknown metadata", "give it by its own property")
    }
  }

  private func checkSubHead(_ index: Int, _ key: MetadataKey) throws {
    guard (0..<configuration.subHeads).contains(index) else {
      throw Self.refusal(
        "its \(key.rawValue) is \(index)", "give 0 to \(configuration.subHeads - 1)")
    }
  }

  /// The tensors are those of the configuration, finite, and variances not negative.
  func checkTensors() throws {
    let expected = configuration.tensorDescriptions
    let names = Set(expected.map(\.name))
    for description in expected {
      guard let tensor = tensors[description.name] else {
        throw missing(description)
      }
      guard tensor.shape == description.shape else {
        throw Self.misshapen(description, Self.inFile(tensor.shape))
      }
      try Self.checkValues(of: tensor, description)
    }
    for name in tensors.keys.sorted() where !names.contains(name) {
      throw unexpected(name)
    }
    for name in batchCounts.keys.sorted() {
      guard name.hasSuffix(Self.batchCountSuffix),
        names.contains(name.dropLast(Self.batchCountSuffix.count) + ".running_mean")
      else { throw unexpected(name) }
    }
  }

  private static func checkValues(of tensor: Tensor, _ description: ModelTensor) throws {
    let least: Float = description.role == .runningVariance ? 0 : -.greatestFiniteMagnitude
    let sound = tensor.withSpan { values in
      // One comparison refuses NaN too.
      values.indices.allSatisfy { values[$0] >= least && values[$0] < .infinity }
    }
    guard sound else {
      throw refusal(
        "its tensor `\(description.name)` has values that are not finite"
          + (least == 0 ? " or are negative" : ""),
        "train it again: the training that made it diverged")
    }
  }

  /// The refusal of a tensor that has another shape in its file.
  static func misshapen(_ description: ModelTensor, _ fileShape: [Int]) -> IICError {
    refusal(
      "its tensor `\(description.name)` has the shape \(fileShape), not \(description.fileShape)",
      "correct iic.config, or convert the weights again")
  }

  private func missing(_ description: ModelTensor) -> IICError {
    if tensors["module.\(description.name)"] != nil {
      return Self.refusal(
        "its tensors' names begin with `module.`", "save it with that prefix removed")
    }
    switch description.role {
    case .runningMean, .runningVariance:
      return Self.refusal(
        "its tensor `\(description.name)` is missing",
        "set batchNormTracking to false in iic.config, or keep the running statistics")
    default:
      return Self.refusal(
        "its tensor `\(description.name)` is missing",
        "correct iic.architecture or iic.config, or convert the weights again")
    }
  }

  private func unexpected(_ name: String) -> IICError {
    let isStatistic =
      name.hasSuffix(".running_mean") || name.hasSuffix(".running_var")
      || name.hasSuffix(Self.batchCountSuffix)
    return Self.refusal(
      "its tensor \(IICError.quoted(name)) does not belong to its network",
      isStatistic && !configuration.batchNormTracking
        ? "set batchNormTracking to true in iic.config, or leave the running statistics out"
        : "correct iic.architecture or iic.config, or leave the tensor out")
  }

  /// A shape in memory as it stands in the file.
  private static func inFile(_ shape: [Int]) -> [Int] {
    shape.count == 4 ? [3, 2, 0, 1].map { shape[$0] } : shape
  }
}
