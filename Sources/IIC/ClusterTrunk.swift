internal import Tensor

/// How deep into a trunk of ClusterNet5g or ClusterNet6c to go.
public enum FeatureDepth: Sendable {
  /// What the heads read: [n, 1, 1, 512] of ClusterNet5g, [n, h/8, w/8, 512] of ClusterNet6c.
  case trunk
  /// ClusterNet5g's map before its last group of residual blocks, [n, h', w', 256]: what the
  /// published semi-supervised experiments learn from. ClusterNet6c has none.
  case penultimate
}

/// The trunk of ClusterNet5g or of ClusterNet6c (paper section 4.1 and its supplement).
///
/// ClusterNet6c: four blocks of 5×5 convolution, batch normalisation and ReLU, with a max-pool after
/// each but the last. ClusterNet5g: one block with 3×3 convolution and a max-pool that pads by one;
/// 3, 4, 6 and 3 residual blocks as in ResNet-34; and the mean over the last map.
struct ClusterTrunk: Sendable {
  /// What backward needs of a forward pass.
  struct Tape: Sendable {
    fileprivate(set) var stem: ConvolutionSequence.Tape
    /// Each group's blocks, as far as the pass went.
    let groups: [[ResidualBlock.Tape]]
    /// The shapes of what was averaged, a view each; nil where nothing was.
    let averagedShapes: [[Int]]?

    /// Whether the pass came to numbers throughout.
    var isFinite: Bool {
      stem.isFinite && groups.allSatisfy { $0.allSatisfy(\.isFinite) }
    }
  }

  private(set) var stem: ConvolutionSequence
  private(set) var groups: [[ResidualBlock]]

  /// ClusterNet6c's trunk of the tensors described, each made by `value`.
  init(deep descriptions: [ModelTensor], value: (ModelTensor) throws -> Tensor) rethrows {
    var rest = descriptions[...]
    var blocks: [ConvolutionBlock] = []
    while !rest.isEmpty {
      var block = try ConvolutionBlock(takenFrom: &rest, padding: 2, value: value)
      if !rest.isEmpty { block.pooling = MaxPooling(size: 2, stride: 2) }
      blocks.append(block)
    }
    stem = ConvolutionSequence(blocks: blocks)
    groups = []
  }

  /// ClusterNet5g's trunk of the tensors described, each made by `value`.
  init(residual descriptions: [ModelTensor], value: (ModelTensor) throws -> Tensor) rethrows {
    var rest = descriptions[...]
    stem = ConvolutionSequence(
      blocks: [
        try ConvolutionBlock(
          takenFrom: &rest, padding: 1, pooling: MaxPooling(size: 2, stride: 2, padding: 1),
          value: value)
      ])
    groups = try ModelConfiguration.residualGroups.map { group in
      try (0..<group.blocks).map { number in
        try ResidualBlock(
          takenFrom: &rest, stride: number == 0 ? group.stride : 1, value: value)
      }
    }
    precondition(rest.isEmpty, "\(rest.count) tensors beside the trunk's")
  }

  /// One training pass: views [n, h, w, in] → features [n, h', w', c] of each.
  mutating func forward(
    _ views: [ViewBatch], to depth: FeatureDepth, on workers: Workers
  ) -> (features: [Tensor], tape: Tape) {
    let repeats = views.map(\.repeats)
    var (activations, stemTape) = stem.forward(views, on: workers)
    var tapes: [[ResidualBlock.Tape]] = []
    for group in groupsUsed(for: depth) {
      var groupTapes: [ResidualBlock.Tape] = []
      for index in groups[group].indices {
        let (outputs, tape) = groups[group][index].forward(
          activations, repeats: repeats, on: workers)
        activations = outputs
        groupTapes.append(tape)
      }
      tapes.append(groupTapes)
    }
    let isAveraged = averages(at: depth)
    let tape = Tape(
      stem: stemTape, groups: tapes, averagedShapes: isAveraged ? activations.map(\.shape) : nil)
    return (isAveraged ? activations.map { averaged($0, on: workers) } : activations, tape)
  }

  /// Adds the parameters' gradients for those of the features. The tape is used up.
  mutating func backward(
    _ featureGradients: [Tensor], through tape: inout Tape, on workers: Workers
  ) {
    var gradients = featureGradients
    if let shapes = tape.averagedShapes {
      gradients = zip(gradients, shapes).map { gradient, shape in
        AveragePooling(size: shape[1], stride: 1).inputGradient(
          gradient, inputShape: shape, on: workers)
      }
    }
    if !tape.groups.isEmpty {
      let stemOutputs = stem.outputs(from: tape.stem, on: workers)
      // The outputs of a group serve the group after it too, as its input.
      var outputs = groupOutputs(tape.groups.count - 1, tape, stemOutputs, on: workers)
      for group in tape.groups.indices.reversed() {
        let before =
          group > 0 ? groupOutputs(group - 1, tape, stemOutputs, on: workers) : [stemOutputs]
        for index in groups[group].indices.reversed() {
          gradients = groups[group][index].backward(
            gradients, through: tape.groups[group][index],
            inputs: index > 0 ? outputs[index - 1] : before[before.count - 1],
            outputs: outputs[index], on: workers)
          outputs.removeLast()
        }
        outputs = before
      }
    }
    stem.backward(gradients, through: &tape.stem, on: workers)
  }

  /// The features in inference.
  func infer(_ x: Tensor, to depth: FeatureDepth, on workers: Workers) -> Tensor {
    var activation = stem.infer(x, on: workers)
    for group in groupsUsed(for: depth) {
      for block in groups[group] { activation = block.infer(activation, on: workers) }
    }
    return averages(at: depth) ? averaged(activation, on: workers) : activation
  }

  mutating func forEachParameter(_ body: (inout Parameter) throws -> Void) rethrows {
    try stem.forEachParameter(body)
    for group in groups.indices {
      for index in groups[group].indices { try groups[group][index].forEachParameter(body) }
    }
  }

  mutating func forEachBuffer(_ body: (inout Buffer) throws -> Void) rethrows {
    try stem.forEachBuffer(body)
    for group in groups.indices {
      for index in groups[group].indices { try groups[group][index].forEachBuffer(body) }
    }
  }

  /// The outputs of a group's blocks in the pass of `tape`, computed again, a view each.
  private func groupOutputs(
    _ group: Int, _ tape: Tape, _ stemOutputs: [Tensor], on workers: Workers
  ) -> [[Tensor]] {
    precondition(
      group == 0 || groups[group][0].hasProjection, "group \(group) begins with an identity")
    var outputs: [[Tensor]] = []
    for (block, blockTape) in zip(groups[group], tape.groups[group]) {
      let inputs = outputs.last ?? (group == 0 ? stemOutputs : nil)
      outputs.append(block.outputs(from: blockTape, inputs: inputs, on: workers))
    }
    return outputs
  }

  func groupsUsed(for depth: FeatureDepth) -> Range<Int> {
    precondition(
      depth == .trunk || !groups.isEmpty, "ClusterNet6c has no penultimate features")
    return 0..<(depth == .penultimate ? groups.count - 1 : groups.count)
  }

  func averages(at depth: FeatureDepth) -> Bool { depth == .trunk && !groups.isEmpty }

  /// The mean over a square map: 7, 5 or 3 cells wide for inputs of 96, 64 or 32 pixels.
  private func averaged(_ map: Tensor, on workers: Workers) -> Tensor {
    AveragePooling(size: map.shape[1], stride: 1).forward(map, on: workers)
  }
}
