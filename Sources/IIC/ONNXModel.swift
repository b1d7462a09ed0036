internal import SwiftProtobuf
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
  /// - Throws: ``IICError`` where the network has no clusters, no such head or sub-head, or does not
  ///   take images of that side.
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
      meaning: "pixel values as they are in the file: \(names)")
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
  /// - Parameters:
  ///   - producer: The program that writes it, and its version.
  /// - Throws: ``IICError`` where it is over the format's 2 GiB.
  public func serialised(producer: (name: String, version: String)? = nil) throws -> [UInt8] {
    let model = ONNXModelProto.with {
      // The version of the format that came with the operators' one.
      $0.irVersion = 8
      $0.opsetImport = [.with { $0.version = Int64(Self.operatorSet) }]
      if let producer {
        $0.producerName = producer.name
        $0.producerVersion = producer.version
      }
      $0.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
        .with {
          $0.key = key
          $0.value = value
        }
      }
      $0.graph = .with {
        $0.name = "iic"
        $0.node = graph.nodes
        $0.initializer = graph.constants
        $0.input = [input.proto]
        $0.output = [output.proto]
      }
    }
    do {
      return try model.serializedBytes()
    } catch {
      throw Self.refusal("it is over the 2 GiB that the format can hold", "use a narrower network")
    }
  }

  static func refusal(_ reason: String, _ remedy: String) -> IICError {
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
  fileprivate var proto: ONNXValueInfoProto {
    .with {
      $0.name = name
      $0.docString = meaning
      $0.type.tensorType.elemType = Int32(ONNXTensorProto.DataType.float.rawValue)
      $0.type.tensorType.shape.dim = shape.map { extent in
        .with {
          switch extent {
          case .fixed(let count): $0.dimValue = Int64(count)
          case .any(let name): $0.dimParam = name
          }
        }
      }
    }
  }
}
