// Shapes: convolution weights are OIHW [out, in, k, k] in a file, HWIO [k, k, in, out] in memory.

/// One tensor that a network has: its name in the published state dict, and its shape.
public struct ModelTensor: Sendable, Equatable {
  /// What a tensor is to the network.
  public enum Role: Sendable, Equatable {
    /// A convolution's weights, learned.
    case convolutionWeight
    /// A batch normalisation's γ, learned.
    case scale
    /// A batch normalisation's β, learned.
    case shift
    /// The running mean of a batch normalisation, a buffer.
    case runningMean
    /// The running variance of a batch normalisation, a buffer.
    case runningVariance
  }

  /// The published name, such as `trunk.features.0.weight`.
  public let name: String
  /// What it is.
  public let role: Role
  /// Its shape in a file.
  public let fileShape: [Int]

  /// Its shape in memory.
  public var shape: [Int] {
    fileShape.count == 4 ? [2, 3, 1, 0].map { fileShape[$0] } : fileShape
  }
}

extension ModelConfiguration {
  /// Every tensor of the network, from the input to the heads, A before B; in each block the
  /// weight, then γ, β and, with ``batchNormTracking``, the running mean and variance.
  ///
  /// Throws an ``IICError`` for an architecture that labels whole images.
  public func tensorDescriptions() throws -> [ModelTensor] {
    guard architecture.isSegmentation else {
      throw Self.refusal(
        "\(architecture.rawValue) labels whole images, not pixels",
        "use a SegmentationNet10a or SegmentationNet10aTwoHead model")
    }
    var descriptions: [ModelTensor] = []
    // Places in the published sequence: three a block (convolution, normalisation, ReLU), one for
    // the pooling.
    var place = 0
    var channels = inputChannels
    for published in [64, 128, nil, 256, 256, 512, 512] as [Int?] {
      guard let published else {
        place += 1
        continue
      }
      let outputs = scaledChannels(published)
      descriptions += block(at: place, from: channels, to: outputs)
      channels = outputs
      place += 3
    }
    let heads =
      overclusters.map { [("head_A", $0), ("head_B", classes)] } ?? [("head", classes)]
    for (head, clusters) in heads {
      for subHead in 0..<subHeads {
        descriptions.append(
          ModelTensor(
            name: "\(head).heads.\(subHead).0.weight", role: .convolutionWeight,
            fileShape: [clusters, channels, 1, 1]))
      }
    }
    return descriptions
  }

  private func block(at place: Int, from inputs: Int, to outputs: Int) -> [ModelTensor] {
    let normalisation = "trunk.features.\(place + 1)"
    var block = [
      ModelTensor(
        name: "trunk.features.\(place).weight", role: .convolutionWeight,
        fileShape: [outputs, inputs, 3, 3]),
      ModelTensor(name: "\(normalisation).weight", role: .scale, fileShape: [outputs]),
      ModelTensor(name: "\(normalisation).bias", role: .shift, fileShape: [outputs]),
    ]
    if batchNormTracking {
      block += [
        ModelTensor(
          name: "\(normalisation).running_mean", role: .runningMean, fileShape: [outputs]),
        ModelTensor(
          name: "\(normalisation).running_var", role: .runningVariance, fileShape: [outputs]),
      ]
    }
    return block
  }
}
