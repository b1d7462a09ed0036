import Tensor
import TestSupport
import Testing

@testable import IIC

/// What exported files compute, by the definitions of ONNX's operators, against the networks.
@Suite struct ONNXModelTests {
  static let workers = Workers(threads: 2)

  /// A network and where its probabilities are taken from.
  struct Case: Sendable, CustomTestStringConvertible {
    var architecture: ModelArchitecture
    var bands = 4
    var channels = 4
    var sobel = false
    var includeRGB = false
    var tracking = true
    var head = HeadName.clustering

    var testDescription: String {
      "\(architecture.rawValue), \(bands) bands\(sobel ? ", gradients" : "")"
        + "\(includeRGB ? " and colours" : "")\(tracking ? "" : ", without running statistics"), "
        + "head \(head.rawValue)"
    }
  }

  static let pixelCases = [
    Case(architecture: .segmentationNet10a),
    Case(architecture: .segmentationNet10aTwoHead, tracking: false),
    Case(architecture: .segmentationNet10aTwoHead, head: .overclustering),
    Case(
      architecture: .segmentationNet10aTwoHead, bands: 4, channels: 6, sobel: true, includeRGB: true
    ),
    Case(architecture: .segmentationNet10a, bands: 4, channels: 3, sobel: true),
    Case(architecture: .segmentationNet10a, bands: 1, channels: 2, sobel: true),
  ]

  static let imageCases = [
    Case(architecture: .clusterNet6c, bands: 1, channels: 1, tracking: false),
    Case(architecture: .clusterNet6cTwoHead, bands: 3, channels: 5, sobel: true, includeRGB: true),
    Case(architecture: .clusterNet5g, bands: 3, channels: 3),
    Case(
      architecture: .clusterNet5gTwoHead, bands: 3, channels: 2, sobel: true, tracking: false,
      head: .overclustering),
    Case(architecture: .supHead5, bands: 3, channels: 2, sobel: true),
  ]

  /// A model of random tensors, its normalisations as if it had been trained.
  static func model(_ test: Case) throws -> ModelFile {
    let hasTwo = test.architecture.hasTwoHeads
    let configuration = try ModelConfiguration(
      architecture: test.architecture, inputChannels: test.channels, inputSize: 24, classes: 3,
      overclusters: hasTwo ? 5 : nil, subHeads: test.architecture == .supHead5 ? 1 : 2, width: 0.04,
      sobel: test.sobel, includeRGB: test.includeRGB, batchNormTracking: test.tracking)
    var tensors: [String: Tensor] = [:]
    for (index, description) in configuration.tensorDescriptions.enumerated() {
      // Kaiming's, so that features neither vanish nor explode; half where residual blocks add up.
      let fanIn = Double(description.shape.dropLast().reduce(1, *))
      let bound = (6 / fanIn).squareRoot() * (test.architecture.isResidual ? 0.5 : 1)
      let range =
        switch description.role {
        case .convolutionWeight, .linearWeight: -bound...bound
        case .scale, .runningVariance: 0.6...1.6
        case .shift, .runningMean, .bias: -0.3...0.3
        }
      tensors[description.name] =
        ReferenceTensor.random(description.shape, seed: UInt64(index), in: range).tensor
    }
    let bands = try (0..<test.bands).map { band in
      let offset = test.architecture.isSegmentation ? Float(10 + 5 * band) : 0
      return try BandScaling(
        name: "band \(band)", offset: offset,
        scale: test.architecture.isSegmentation ? Float(120 - 7 * band) : 255)
    }
    return try ModelFile(
      configuration: configuration, tensors: tensors, bands: bands,
      subHead: test.architecture == .supHead5 ? nil : 1,
      overclusterSubHead: hasTwo ? 1 : nil)
  }

  /// [n, c, h, w] from [n, h, w, c].
  static func channelsFirst(_ x: ReferenceTensor) -> ReferenceTensor {
    let shape = x.shape
    var result = ReferenceTensor(shape: [shape[0], shape[3], shape[1], shape[2]])
    for n in 0..<shape[0] {
      for h in 0..<shape[1] {
        for w in 0..<shape[2] {
          for c in 0..<shape[3] { result[n, c, h, w] = x[n, h, w, c] }
        }
      }
    }
    return result
  }

  /// As networks read bands.
  static func scaled(_ pixels: ReferenceTensor, _ bands: [BandScaling]) -> ReferenceTensor {
    ReferenceTensor(
      shape: pixels.shape,
      values: pixels.values.enumerated().map { index, value in
        Double(bands[index % bands.count].input(of: Float(value)))
      })
  }

  @Test(arguments: pixelCases, [(19, 24), (20, 21)])
  func pixelsAreAsInTheNetwork(test: Case, size: (height: Int, width: Int)) throws {
    let file = try Self.model(test)
    let size = test.sobel ? (size.height + 2, size.width) : size
    var pixels = ReferenceTensor.random(
      [1, size.0, size.1, test.bands], seed: 9, in: 0...255)
    // Beyond where inputs end.
    pixels.values[test.bands * 7] = 1e6
    let exported = try ONNXModel(file, head: test.head)
    var interpreter = ONNXInterpreter(bytes: exported.serialised())
    let found = interpreter.run(Self.channelsFirst(pixels))

    let scaled = Self.scaled(pixels, file.bands)
    // Even, and more than a pixel's cells see; statistics of a batch count what is added.
    let margin = test.sobel ? 18 : 16
    let surrounded = Self.reflected(scaled, margin: margin)
    let network = try SegmentationNetwork(
      configuration: file.configuration, tensors: file.tensors)
    let cells = network.probabilities(
      surrounded.tensor, head: test.head, subHead: 1, on: Self.workers)
    let expected = Self.atPixels(
      ReferenceTensor(cells), height: size.0, width: size.1, margin: margin)
    #expect(exported.output.shape[1] == .fixed(test.head == .clustering ? 3 : 5))
    expectClose(found, Self.channelsFirst(expected), absolute: 2e-5, relative: 0)
    // Nothing is compared where everything is the same.
    #expect(found.values.max()! - found.values.min()! > 0.05)
  }

  @Test(arguments: imageCases)
  func imagesAreAsInTheNetwork(test: Case) throws {
    let file = try Self.model(test)
    let pixels = ReferenceTensor.random([3, 24, 24, test.bands], seed: 4, in: 0...255)
    let exported = try ONNXModel(file, head: test.head)
    var interpreter = ONNXInterpreter(bytes: exported.serialised())
    let found = interpreter.run(Self.channelsFirst(pixels))
    let scaled = Self.scaled(pixels, file.bands).tensor
    let expected =
      test.architecture == .supHead5
      ? try SupervisedNetwork(configuration: file.configuration, tensors: file.tensors)
        .probabilities(scaled, on: Self.workers)
      : try ClusterNetwork(configuration: file.configuration, tensors: file.tensors)
        .probabilities(scaled, head: test.head, subHead: 1, on: Self.workers)
    expectClose(found, expected, absolute: 2e-5, relative: 0)
    #expect(found.values.max()! - found.values.min()! > 0.05)
  }

  /// Whole rows and columns mirrored round the first and the last; an even size of the result, of
  /// which an odd image's last row and column would be left over by the pooling.
  static func reflected(_ x: ReferenceTensor, margin: Int) -> ReferenceTensor {
    let (height, width) = (x.shape[1], x.shape[2])
    let shape = [
      1, (height + 2 * margin + 1) / 2 * 2, (width + 2 * margin + 1) / 2 * 2, x.shape[3],
    ]
    func source(_ index: Int, _ count: Int) -> Int {
      let index = abs(index - margin)
      return index < count ? index : 2 * (count - 1) - index
    }
    var result = ReferenceTensor(shape: shape)
    for row in 0..<shape[1] {
      for column in 0..<shape[2] {
        for band in 0..<shape[3] {
          result[0, row, column, band] =
            x[0, source(row, height), source(column, width), band]
        }
      }
    }
    return result
  }

  /// Cell (i, j) lies at pixel (2i + 4.5, 2j + 4.5) of the surrounded image.
  static func atPixels(
    _ cells: ReferenceTensor, height: Int, width: Int, margin: Int
  ) -> ReferenceTensor {
    var result = ReferenceTensor(shape: [1, height, width, cells.shape[3]])
    func place(_ pixel: Int) -> (cell: Int, fraction: Double) {
      let position = (Double(pixel + margin) - 4.5) / 2
      return (Int(position), position - position.rounded(.down))
    }
    for row in 0..<height {
      for column in 0..<width {
        let (y, x) = (place(row), place(column))
        for k in 0..<cells.shape[3] {
          func along(_ line: Int) -> Double {
            cells[0, line, x.cell, k] * (1 - x.fraction)
              + cells[0, line, x.cell + 1, k] * x.fraction
          }
          result[0, row, column, k] =
            along(y.cell) * (1 - y.fraction) + along(y.cell + 1) * y.fraction
        }
      }
    }
    return result
  }

  @Test func theFileSaysWhatItIs() throws {
    let file = try Self.model(Case(architecture: .segmentationNet10aTwoHead))
    let exported = try ONNXModel(file, side: 64)
    let bytes = exported.serialised(producer: ("iic", "1.2.3"))
    #expect(try ONNXModel(file, side: 64).serialised(producer: ("iic", "1.2.3")) == bytes)
    // Fields' numbers are those of onnx.proto.
    let model = ONNXInterpreter(bytes: bytes).model
    #expect(model.integer(1) == 8 && model.messages(8).map { $0.integer(2) } == [17])
    #expect(model.text(2) == "iic" && model.text(3) == "1.2.3")
    let graph = model.message(7)
    func shape(_ value: Int) -> [WireMessage] {
      let tensor = graph.message(value).message(2).message(1)
      #expect(tensor.integer(1) == 1)
      return tensor.message(2).messages(1)
    }
    #expect(shape(11)[0].text(2) == "images")
    #expect(shape(11)[1...].map { $0.integer(1) } == [4, 64, 64])
    #expect(shape(12)[1...].map { $0.integer(1) } == [3, 64, 64])
    let texts = Dictionary(
      uniqueKeysWithValues: model.messages(14).map { ($0.text(1), $0.text(2)) })
    #expect(texts == exported.metadata)
    #expect(texts["iic.architecture"] == "SegmentationNet10aTwoHead")
    #expect(texts["iic.digest"] == (try file.digest))
    #expect(texts["iic.head"] == "B" && texts["iic.subHead"] == "1")
    #expect(texts["tile_size"] == "64" && texts["tiles_overlap"] == "50")
    // Every tensor that is needed, under its published name.
    let names = Set(graph.messages(5).map { $0.text(8) })
    let needed = file.configuration.tensorDescriptions.map(\.name).filter {
      !$0.hasPrefix("head_") || $0 == "head_B.heads.1.0.weight"
    }
    #expect(names.isSuperset(of: needed))
    #expect(!names.contains("head_A.heads.0.0.weight"))
  }

  /// The format's own examples, and a negative number, which takes ten bytes.
  @Test func protocolBuffersAreAsDefined() {
    var inner = ProtocolBuffer()
    inner.add(1, 150)
    #expect(inner.bytes == [0x08, 0x96, 0x01])
    var message = ProtocolBuffer()
    message.add(2, "testing")
    #expect(message.bytes == [0x12, 0x07] + Array("testing".utf8))
    message = ProtocolBuffer()
    message.add(3, inner)
    #expect(message.bytes == [0x1A, 0x03, 0x08, 0x96, 0x01])
    message = ProtocolBuffer()
    message.add(20, [-2, 0])
    #expect(
      message.bytes
        == [0xA0, 0x01, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01, 0xA0, 0x01, 0x00])
    message = ProtocolBuffer()
    message.add(2, Float(1))
    #expect(message.bytes == [0x15, 0x00, 0x00, 0x80, 0x3F])
  }

  @Test func whatCannotBeExportedIsRefused() throws {
    func refusal(_ body: () throws -> ONNXModel) -> IICError? {
      #expect(throws: IICError.self) { _ = try body() }
    }
    let file = try Self.model(Case(architecture: .segmentationNet10a))
    #expect(
      refusal { try ONNXModel(file, head: .overclustering) }?.reason.contains("no head A") == true)
    #expect(refusal { try ONNXModel(file, subHead: 2) }?.remedy == "give 1 to 2")
    #expect(refusal { try ONNXModel(file, side: 17) }?.reason.contains("at least 18") == true)
    #expect(try ONNXModel(file, side: 18).smallestSide == 18)
    let images = try Self.model(Case(architecture: .clusterNet6c, bands: 1, channels: 1))
    #expect(refusal { try ONNXModel(images, side: 32) }?.reason.contains("24 pixels") == true)
    let configuration = try ModelConfiguration(
      architecture: .segmentationNet10aTrunk, inputChannels: 4, inputSize: 200, classes: 3,
      subHeads: 1, width: 0.04, batchNormTracking: true)
    let trunk = try ModelFile(
      configuration: configuration,
      tensors: file.tensors.filter { $0.key.hasPrefix("trunk.") }, bands: file.bands)
    #expect(refusal { try ONNXModel(trunk) }?.reason.contains("no clusters") == true)
  }
}
