extension Recipe {
  /// A folder of images of one's own, on a processor without a GPU.
  static let ownImages = Recipe(
    name: "images",
    about: About(
      title: "a folder of images of your own, in minutes on a few processor cores",
      differences: "not published: the views of STL-10 at half their size, half the network's "
        + "channels, a hundredth of the epochs, five times the step size; set classes to as many groups as you look for"
    ),
    data: DataSettings(dataset: "images", mode: .iid, shortestSide: 48),
    network: sobelNetwork(
      .clusterNet5gTwoHead, inputSize: 32, classes: 10, overclusters: 50, width: 0.5),
    training: TrainingSettings(
      epochs: 20, pairs: 300, repeats: 3, learningRate: 5e-4, headA: .init(),
      headB: .init(passes: 2)),
    views: .sobel(SobelViewSettings(cropSize: 32)))

  /// Labels for a trunk that learned from a folder of images of one's own.
  static let ownImagesFineTuning: Recipe = {
    var recipe = ownImages
    recipe.name = "images-fine-tuning"
    recipe.about = About(
      title: "a head with labels on the trunk of images, all of it trained",
      differences: "not published: the settings of stl10-fine-tuning in batches of 100 images and "
        + "fewer epochs; network and sizes are those of the model that --trunk names")
    recipe.network = sobelNetwork(.clusterNet5g, inputSize: 32, classes: 10, width: 0.5)
    recipe.training = TrainingSettings(
      epochs: 30, pairs: 100, repeats: 1, learningRate: 1e-3, learningRateFactor: 0.5)
    recipe.fineTuning = FineTuningSettings(
      trunk: "images", head: .supHead5, trunkLearningRate: 1e-4, penultimateFeatures: true)
    recipe.views = .sobel(
      SobelViewSettings(
        cropSize: 32, affine: .init(probability: 0.5),
        cutout: .init(probability: 0.5, largestPart: 0.7)))
    return recipe
  }()
}
