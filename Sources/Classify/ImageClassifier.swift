public import IIC
internal import Raster
internal import Tensor

/// A trained network and how it wants its images: all that it takes to assign images to clusters,
/// or to the classes that a fine-tuned one learned from labels.
///
/// n images, h rows, w columns, c channels (NHWC); s sub-heads of k clusters.
public struct ImageClassifier: Sendable {
  /// What is written to and read from a model file.
  public let file: ModelFile
  /// The view of an image that the network reads.
  public let views: PreparedViews
  /// The network.
  public let network: Network

  /// A network that tells whole images apart.
  public enum Network: Sendable {
    /// One that learned clusters without labels.
    case clusters(ClusterNetwork)
    /// One whose head learned classes from labels.
    case classes(SupervisedNetwork)
  }

  /// Makes a classifier of what a file holds.
  ///
  /// - Throws: `IICError` where the model labels pixels, does not say how images are prepared, or
  ///   reads other bands than grey or RGB from 0 to 1.
  public init(_ file: ModelFile) throws {
    func refusal(_ reason: String, _ remedy: String) -> IICError {
      IICError(operation: "classify with the model", reason: reason, remedy: remedy)
    }
    guard !file.configuration.architecture.isSegmentation else {
      throw refusal(
        "\(file.configuration.architecture.rawValue) labels pixels, not whole images",
        "give it to iic segment, or name a ClusterNet5g, ClusterNet6c or SupHead5 model")
    }
    guard let preparation = file.images else {
      throw refusal(
        "it does not say how images are prepared for it",
        "add iic.images to its metadata, as the documentation of model files says")
    }
    guard file.bands.count == 1 || file.bands.count == 3 else {
      throw refusal(
        "it reads \(file.bands.count) bands, where images have grey or red, green and blue",
        "name a model of such images")
    }
    guard file.bands.allSatisfy({ $0.offset == 0 && $0.scale == 255 }) else {
      throw refusal(
        "its iic.bands ask for other numbers than 0 to 1, which images are read as",
        "train it on such numbers: offset 0, scale 255")
    }
    self.file = file
    network =
      file.configuration.architecture == .supHead5
      ? .classes(
        try SupervisedNetwork(configuration: file.configuration, tensors: file.tensors))
      : .clusters(try ClusterNetwork(configuration: file.configuration, tensors: file.tensors))
    views = PreparedViews(
      preparation, inputSize: file.configuration.inputSize, channels: file.bands.count)
  }

  /// Reads a model file. Throws `IICError` where it is none that can classify images.
  public init(reading path: String) throws {
    do {
      try self.init(ModelFile(reading: path))
    } catch let error as IICError {
      throw error.at(path: path)
    }
  }

  /// The network, if it learned clusters.
  ///
  /// - Throws: `IICError` where it learned from labels.
  public func clusterNetwork() throws -> ClusterNetwork {
    guard case .clusters(let network) = network else {
      throw IICError(
        operation: "use the model's clusters",
        reason: "\(file.configuration.architecture.rawValue) learned from labels and has none",
        remedy: "name a ClusterNet5g or ClusterNet6c model")
    }
    return network
  }

  /// The probabilities [n, k] of a sub-head's clusters for scoring views. Throws `IICError` where they
  /// are not finite. Traps without a view, on one of another shape, and if there is no such sub-head.
  func probabilities(
    _ scoringViews: [ByteImage], head: HeadName, subHead: Int, on workers: Workers
  ) throws -> Tensor {
    var values = ViewValues(
      views.inputSize, views.channels, capacity: scoringViews.count)
    for view in scoringViews { values.append(view) }
    let x = ViewValues.tensor([values])
    switch network {
    case .clusters(let network):
      return try network.probabilities(x, head: head, subHead: subHead, on: workers).checkedFinite()
    case .classes(let network): return try network.probabilities(x, on: workers).checkedFinite()
    }
  }
}
