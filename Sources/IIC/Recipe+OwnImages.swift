extension Recipe {
  /// A folder of images of one's own, on a processor without a GPU.
  static let ownImages = Recipe(
    name: "images",
    about: About(
      title: "a folder of images of your own, in minutes on a few processor cores",
      differences: "not published: the views of STL-10 at half their size, half the network's "
        + "channels, a hundredth of the epochs; set classes to as many groups as you look for"),
    data: DataSettings(dataset: "images", mode: .iid, shortestSide: 48),
    network: sobelNetwork(
      .clusterNet5gTwoHead, inputSize: 32, classes: 10, overclusters: 50, width: 0.5),
    training: TrainingSettings(
      epochs: 20, pairs: 300, repeats: 3, learningRate: 1e-4, headA: .init(),
      headB: .init(passes: 2)),
    views: .sobel(SobelViewSettings(cropSize: 32)))
}
