public import IIC
public import Tensor

/// Training of a recipe that labels pixels: network, plan and pairs as it says, on the published
/// paths (paper section 3.3).
public struct SegmentationTraining: RecipeTraining {
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

  /// - Throws: `IICError` where the recipe's network is none that labels pixels.
  public func network(using generator: inout SeededGenerator) throws -> SegmentationNetwork {
    try SegmentationNetwork(configuration: recipe.network, generator: &generator)
  }

  /// - Throws: `IICError` where a tensor is missing or has another shape.
  public func network(of tensors: [String: Tensor]) throws -> SegmentationNetwork {
    try SegmentationNetwork(configuration: recipe.network, tensors: tensors)
  }

  /// The heads learn in turn, from maps stretched to the input's size.
  public var plan: TrainingPlan<SegmentationNetwork> {
    guard let dense = recipe.denseLoss else { preconditionFailure("no dense loss") }
    return TrainingPlan(recipe.training) { head, lambda in
      let loss = DenseJointLoss(
        lambda: lambda, halfSide: dense.displacement,
        form: dense.collapsed ? .collapsed : .uncollapsed)
      return TrainingStep(
        objectives: [HeadObjective(head: head, loss: loss)], grid: .stretched)
    }
  }

  /// The images of the recipe's mode, in its views.
  public func source(_ generator: SeededGenerator, threads: Int) -> PatchPairSource {
    PatchPairSource(
      dataset, lists: dataset.trainingLists(recipe.data.mode),
      views: recipe.patchViews(of: dataset),
      pairs: recipe.training.pairs, repeats: recipe.training.repeats, threads: threads,
      generator: generator)
  }

  /// - Throws: `IICError` where the images' bands have no scaling.
  public func input() throws -> ModelInput { try dataset.modelInput() }
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
