public import IIC
internal import Tensor

/// Training of a recipe that labels pixels: network, plan and pairs as it says, on the published
/// paths (paper section 3.3).
public struct SegmentationTraining: Sendable {
  /// A training in a folder.
  public typealias Run = TrainingRun<SegmentationNetwork, PatchPairSource>

  /// The recipe.
  public let recipe: Recipe
  /// The images.
  public let dataset: PatchDataset

  /// Training of a recipe on a dataset's images.
  ///
  /// - Throws: ``SegError`` where the images are not those that the recipe asks for.
  public init(_ recipe: Recipe, on dataset: PatchDataset) throws {
    precondition(recipe.kind == .segmentation, "a recipe of \(recipe.kind)")
    try dataset.check(for: recipe)
    self.recipe = recipe
    self.dataset = dataset
  }

  /// A run from its beginning, drawn from a seed.
  ///
  /// - Throws: `IICError` where the recipe's network is none that labels pixels.
  public func begin(in folder: RunFolder, seed: UInt64, threads: Int) throws -> Run {
    var generator = SeededGenerator(seed: seed)
    var networkGenerator = generator.split()
    let network = try SegmentationNetwork(
      configuration: recipe.network, generator: &networkGenerator)
    return Run(
      in: folder, recipe: recipe, network: network, plan: plan,
      source: source(generator.split(), threads: threads), input: try dataset.modelInput(),
      seed: seed)
  }

  /// A run that goes on from a state.
  ///
  /// - Throws: `IICError` where the folder's files do not go together.
  public func resume(_ state: TrainingState, in folder: RunFolder, threads: Int) throws -> Run {
    try Run(
      resuming: state, in: folder, recipe: recipe,
      network: SegmentationNetwork(configuration: recipe.network, tensors: state.tensors),
      plan: plan, source: source(state.generator, threads: threads), input: dataset.modelInput())
  }

  /// The heads learn in turn, from maps stretched to the input's size.
  private var plan: TrainingPlan<SegmentationNetwork> {
    guard let dense = recipe.denseLoss else { preconditionFailure("no dense loss") }
    return TrainingPlan(recipe.training) { head, lambda in
      let loss = DenseJointLoss(
        lambda: lambda, halfSide: dense.displacement,
        form: dense.collapsed ? .collapsed : .uncollapsed)
      return TrainingStep(
        objectives: [HeadObjective(head: head, loss: loss)], grid: .stretched)
    }
  }

  private func source(_ generator: SeededGenerator, threads: Int) -> PatchPairSource {
    PatchPairSource(
      dataset, lists: dataset.trainingLists(recipe.data.mode),
      views: recipe.patchViews(of: dataset),
      pairs: recipe.training.pairs, repeats: recipe.training.repeats, threads: threads,
      generator: generator)
  }
}

extension Recipe {
  /// The views of patches that the recipe asks for. Traps for a recipe of whole images.
  public func patchViews(of dataset: PatchDataset) -> PublishedPatchViews {
    guard let settings = views.patches else { preconditionFailure("a recipe of whole images") }
    var patches = PublishedPatchViews(
      side: network.inputSize,
      jitter: PhotometricJitter(
        bands: dataset.jitterBands, brightness: Float(settings.jitter.brightness),
        contrast: Float(settings.jitter.contrast), saturation: Float(settings.jitter.saturation),
        hue: Float(settings.jitter.hue)),
      masksByLabels: dataset.masksByLabels)
    patches.scale = settings.preScale == 1 ? nil : settings.preScale
    patches.flipProbability = Float(settings.flipProbability)
    patches.affine = settings.affine.map {
      PatchViews.AffineRange(
        rotation: Float($0.rotation), shear: Float($0.shear),
        scale: Float($0.leastScale)...Float(max($0.leastScale, $0.greatestScale)))
    }
    return patches
  }
}
