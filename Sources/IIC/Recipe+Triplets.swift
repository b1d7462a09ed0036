extension Recipe {
  /// The paper's baseline of triplets on the datasets of its table 1. The program was published, the
  /// commands were not: what they would say is taken from those of the method's own runs.
  static let publishedTriplets: [Recipe] = [
    triplets(publishedMNIST[0], .clusterNet6c, "MNIST by triplets, a baseline", perCent: 52.5),
    triplets(publishedCIFAR[0], .clusterNet5g, "CIFAR-10 by triplets, a baseline", perCent: 20.5),
    triplets(
      publishedCIFAR[1], .clusterNet5g,
      "CIFAR-100 by its twenty superclasses, by triplets, a baseline", perCent: 9.94),
    triplets(publishedSTL10[0], .clusterNet5g, "STL-10 by triplets, a baseline", perCent: 24.4),
  ]

  /// A recipe of two heads turned into one of triplets: data, views and images a batch are its own,
  /// the only head's outputs are as many as its over-clusters.
  private static func triplets(
    _ base: Recipe, _ architecture: ModelArchitecture, _ title: String, perCent: Double
  ) -> Recipe {
    let network = base.network
    return Recipe(
      name: "\(base.name)-triplets",
      about: About(
        title: title, publishedPerCent: perCent, source: "paper, table 1", hardware: "one GPU",
        differences: "epochs and step size are the published program's defaults; its commands were "
          + "not published: outputs, images a batch and views are those of \(base.name)"),
      data: base.data,
      // Published sizes, all legal.
      network: try! ModelConfiguration(
        architecture: architecture, inputChannels: network.inputChannels,
        inputSize: network.inputSize, classes: network.overclusters ?? network.classes, subHeads: 1,
        sobel: network.sobel, batchNormTracking: network.batchNormTracking),
      training: TrainingSettings(
        epochs: 1000, pairs: base.training.pairs / base.training.repeats, repeats: 1,
        learningRate: 0.01),
      triplets: TripletSettings(kMeans: true), views: base.views)
  }
}
