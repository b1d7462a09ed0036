internal import Tensor

// n images, b bands, h rows, w columns (NCHW, as ONNX has them); k clusters or classes.

/// A trained network in the format of ONNX, for programs other than this one: from pixel values to
/// probabilities.
///
/// A network that labels pixels takes pixels of a raster [n, b, h, w] as they are and gives the
/// probabilities [n, k, h, w] of every pixel's classes: scaling, reflection at the edge and the
/// interpolation between the network's cells are part of the graph. They are those that whole-raster
/// labelling refines. A network that tells whole images apart takes squares of its input size, of
/// grey or of red, green and blue from 0 to 255, and gives probabilities [n, k].
public struct ONNXModel: Sendable {
  /// An input or output.
  public struct Value: Sendable, Equatable {
    /// Its name in the file.
    public let name: String
    /// Its extents, in order.
    public let shape: [Extent]
    /// What the numbers are.
    public let meaning: String
  }

  /// How many there are along an axis.
  public enum Extent: Sendable, Equatable {
    /// Always so many.
    case fixed(Int)
    /// As many as one likes; what they are.
    case any(String)
  }

  /// The version of ONNX's operators that readers must know.
  public static let operatorSet = ONNXGraph.operatorSet

  /// Pixel values.
  public let input: Value
  /// Probabilities.
  public let output: Value
  /// The least side of an image, in pixels.
  public let smallestSide: Int
  private let graph: ONNXGraph
  /// Texts by key, for readers of the file.
  public let metadata: [String: String]

  /// Makes the graph of a model's network up to one sub-head of one head.
  ///
  /// - Parameters:
  ///   - file: The model.
  ///   - head: The head; `.overclustering` where there are two.
  ///   - subHead: The sub-head, from 0 on; nil for the one that training recorded, or the first.
  ///   - side: Pixels a side of every image, where a reader wants them fixed; nil for any. Of
  ///     networks that label pixels.
  /// - Throws: ``IICError`` where the network has no clusters, no such head or sub-head, does not take
  ///   images of that side, or is over the format's 2 GiB.
  public init(
    _ file: ModelFile, head: HeadName = .clustering, subHead: Int? = nil, side: Int? = nil
  ) throws {
    let configuration = file.configuration
    guard configuration.architecture.hasHeads else {
      throw Self.refusal(
        "it has features of pixels and no clusters (\(configuration.architecture.rawValue))",
        "name a model with a head")
    }
    let subHead = try file.checkedSubHead(of: head, subHead)
    // The format's limit, with room for all but the weights; known before a wide network is copied.
    let numbers = file.tensors.values.reduce(0) { $0 + $1.count }
    guard 4 * numbers < Int(Int32.max) - (32 << 20) else {
      throw Self.refusal(
        "it is over the 2 GiB that the format can hold", "use a narrower network")
    }
    let names = file.bands.map(\.name).joined(separator: ", ")
    let clusters = configuration.clusters(of: head)
    let margin = TrunkGeometry.halo(sobel: configuration.sobel)
    let sides: [Extent]
    if configuration.architecture.isSegmentation {
      smallestSide = margin + 2
      if let side, side < smallestSide {
        throw Self.refusal(
          "its images have at least \(smallestSide) pixels a side", "give a side not below that")
      }
      sides = side.map { [.fixed($0), .fixed($0)] } ?? [.any("height"), .any("width")]
    } else {
      smallestSide = configuration.inputSize
      guard side == nil || side == smallestSide else {
        throw Self.refusal(
          "its images have \(smallestSide) pixels a side", "leave the side to the model")
      }
      sides = [.fixed(smallestSide), .fixed(smallestSide)]
    }
    input = Value(
      name: "pixels", shape: [.any("images"), .fixed(file.bands.count)] + sides,
      meaning: configuration.architecture.isSegmentation
        ? "pixel values as they are in the file: \(names)"
        : "\(names) from 0 to 255, cut and resized as iic.images says")
    output = Value(
      name: "probabilities",
      shape: [.any("images"), .fixed(clusters)]
        + (configuration.architecture.isSegmentation ? sides : []),
      meaning: "probabilities of the \(head == .clustering ? "classes" : "over-clusters")")
    let pixels = ONNXGraph.Value(name: input.name)
    var graph = ONNXGraph(input: pixels)
    try graph.append(
      file, pixels, head: head, subHead: subHead, margin: margin, output: output.name)
    self.graph = graph
    metadata = try file.metadataForONNX(head: head, subHead: subHead, side: side, margin: margin)
  }

  /// What the file holds. The same model always gives the same bytes.
  ///
  /// - Parameter producer: The program that writes it, and its version.
  public func serialised(producer: (name: String, version: String)? = nil) -> [UInt8] {
    var model = ProtocolBuffer()
    // The version of the format that came with the operators' one.
    model.add(ONNXFormat.Model.formatVersion, 8)
    if let producer {
      model.add(ONNXFormat.Model.producerName, producer.name)
      model.add(ONNXFormat.Model.producerVersion, producer.version)
    }
    model.add(ONNXFormat.Model.graph, graphMessage)
    var operators = ProtocolBuffer()
    operators.add(ONNXFormat.OperatorSet.version, Self.operatorSet)
    model.add(ONNXFormat.Model.operatorSets, operators)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      var entry = ProtocolBuffer()
      entry.add(ONNXFormat.Entry.key, key)
      entry.add(ONNXFormat.Entry.value, value)
      model.add(ONNXFormat.Model.metadata, entry)
    }
    return model.bytes
  }

  private var graphMessage: ProtocolBuffer {
    var message = ProtocolBuffer()
    message.add(ONNXFormat.Graph.name, "iic")
    for node in graph.nodes { message.add(ONNXFormat.Graph.nodes, node) }
    for constant in graph.constants { message.add(ONNXFormat.Graph.constants, constant) }
    message.add(ONNXFormat.Graph.inputs, input.message)
    message.add(ONNXFormat.Graph.outputs, output.message)
    return message
  }

  private static func refusal(_ reason: String, _ remedy: String) -> IICError {
    IICError(operation: "export the model", reason: reason, remedy: remedy)
  }
}

extension ONNXGraph {
  /// The network of a model, from pixels to probabilities.
  fileprivate mutating func append(
    _ file: ModelFile, _ pixels: Value, head: HeadName, subHead: Int, margin: Int, output: String
  ) throws {
    let configuration = file.configuration
    var bands = scaled(pixels, file.bands)
    if configuration.architecture.isSegmentation { bands = reflected(bands, margin: margin) }
    let channels = channels(of: bands, count: file.bands.count, configuration)
    switch configuration.architecture {
    case .segmentationNet10a, .segmentationNet10aTwoHead, .segmentationNet10aTrunk:
      let network = try SegmentationNetwork(configuration: configuration, tensors: file.tensors)
      let cells = cellProbabilities(channels, network, head: head, subHead: subHead)
      _ = interpolated(cells, toPixelsOf: pixels, margin: margin, name: output)
    case .clusterNet5g, .clusterNet5gTwoHead, .clusterNet6c, .clusterNet6cTwoHead:
      let network = try ClusterNetwork(configuration: configuration, tensors: file.tensors)
      let features = trunk(channels, network.trunk, to: .trunk)
      let head = network.networkHeads[head]
      let logits = linear(features, weight: head.weights[subHead], bias: head.biases[subHead])
      _ = softmax(logits, name: output)
    case .supHead5:
      let network = try SupervisedNetwork(configuration: configuration, tensors: file.tensors)
      let features = trunk(channels, network.trunk, to: .penultimate)
      _ = softmax(supervisedHead(features, network.head), name: output)
    }
  }
}

extension ONNXModel.Value {
  fileprivate var message: ProtocolBuffer {
    var shapeMessage = ProtocolBuffer()
    for extent in shape {
      var message = ProtocolBuffer()
      switch extent {
      case .fixed(let count): message.add(ONNXFormat.Extent.count, count)
      case .any(let name): message.add(ONNXFormat.Extent.name, name)
      }
      shapeMessage.add(1, message)
    }
    var tensor = ProtocolBuffer()
    tensor.add(ONNXFormat.TensorType.elementType, ONNXFormat.ElementType.float32)
    tensor.add(ONNXFormat.TensorType.shape, shapeMessage)
    var type = ProtocolBuffer()
    type.add(1, tensor)
    var message = ProtocolBuffer()
    message.add(ONNXFormat.Value.name, name)
    message.add(ONNXFormat.Value.type, type)
    message.add(ONNXFormat.Value.meaning, meaning)
    return message
  }
}
