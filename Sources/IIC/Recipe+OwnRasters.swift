extension Recipe {
  /// A folder of rasters of one's own, on a processor without a GPU.
  static let ownRasters = Recipe(
    name: "segmentation",
    about: About(
      title: "a class for each pixel of a folder of rasters of your own, in minutes on a few cores",
      differences:
        "not published: Potsdam's views in crops of 96 pixels, a quarter of the network's "
        + "channels, displacements of two pixels, a larger step size; set inputChannels to as "
        + "many bands as the rasters have"),
    data: DataSettings(dataset: "segmentation", mode: .iid),
    // All legal.
    network: try! ModelConfiguration(
      architecture: .segmentationNet10aTwoHead, inputChannels: 3, inputSize: 96, classes: 6,
      overclusters: 30, subHeads: 1, width: 0.25, batchNormTracking: true),
    training: TrainingSettings(
      epochs: 20, pairs: 12, repeats: 1, learningRate: 1e-3, firstHead: .overclustering,
      headA: .init()),
    denseLoss: DenseLossSettings(displacement: 2, collapsed: false),
    views: .patches(PatchViewSettings(jitter: .even(0.1))))
}
