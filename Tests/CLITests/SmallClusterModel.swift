import IIC
import Tensor

/// A model of whole images that tells bright from dark: its second sub-head compares the sum of the
/// features with that of an image in between; its first says the same of every image.
enum SmallClusterModel {
  /// Writes the model. Cluster 1 is dark, cluster 2 bright, of further ones there are no images.
  static func write(
    to path: String, clusters: Int = 2, recordsSubHead: Bool = true, preparesImages: Bool = true
  ) throws {
    let workers = Workers(threads: 2)
    let configuration = try ModelConfiguration(
      architecture: .clusterNet6c, inputChannels: 1, inputSize: 24, classes: clusters, subHeads: 2,
      width: 0.05, batchNormTracking: true)
    var generator = SeededGenerator(seed: 5)
    var network = try ClusterNetwork(configuration: configuration, generator: &generator)
    let sums = [Float(40), 215].map { brightness in
      network.features(
        Tensor(shape: [1, 24, 24, 1], repeating: brightness / 255), at: .trunk, on: workers
      ).values.reduce(0, +)
    }
    precondition(sums[1] > sums[0])
    let scale = 8 / (sums[1] - sums[0])
    network.forEachParameter { parameter in
      switch parameter.name {
      case "head.heads.1.0.weight":
        parameter.value = Tensor(
          shape: parameter.value.shape,
          values: (0..<parameter.value.count).map {
            $0 % clusters == 0 ? -scale : $0 % clusters == 1 ? scale : 0
          })
      case "head.heads.1.0.bias":
        let middle = scale * (sums[0] + sums[1]) / 2
        parameter.value = Tensor(
          shape: [clusters],
          values: [middle, -middle] + [Float](repeating: -50, count: clusters - 2))
      case "head.heads.0.0.weight":
        parameter.value = Tensor(shape: parameter.value.shape)
      default: break
      }
    }
    try ModelFile(
      configuration: configuration, tensors: network.tensors,
      bands: [BandScaling(name: "grey", offset: 0, scale: 255)],
      subHead: recordsSubHead ? 1 : nil,
      images: preparesImages
        ? ImagePreparation(shortestSide: 40, cropSize: 30, greyFirst: false) : nil
    ).write(to: path)
  }
}
