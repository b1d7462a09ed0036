import IIC
import Tensor
import TestSupport

/// The networks that the golden file `cluster_networks` speaks of, at their published size. Weights
/// and images come from the formula that the generating script has too.
enum GoldenClusterNetwork: String, CaseIterable {
  case net6c
  case net5g

  var seed: UInt64 { self == .net6c ? 1000 : 2000 }
  var bands: Int { self == .net6c ? 1 : 2 }
  static let pairs = 4

  func configuration(tracking: Bool = true) throws -> ModelConfiguration {
    try ModelConfiguration(
      architecture: self == .net6c ? .clusterNet6cTwoHead : .clusterNet5gTwoHead,
      inputChannels: bands, inputSize: self == .net6c ? 24 : 32, classes: 10,
      overclusters: self == .net6c ? 25 : 20, subHeads: 2,
      batchNormTracking: tracking)
  }

  /// The network's tensors as they stand in a file, in the order of the state dict.
  func fileTensors() throws -> [(name: String, values: ReferenceTensor)] {
    try configuration().tensorDescriptions.enumerated().map { number, description in
      let range: ClosedRange<Double>
      switch description.role {
      case .convolutionWeight:
        let bound = (6 / Double(description.fileShape.dropFirst().reduce(1, *))).squareRoot()
        range = -bound...bound
      case .linearWeight: range = -0.02...0.02
      case .runningMean: range = -0.3...0.3
      case .runningVariance: range = 4...8
      case .scale: range = 0.7...1.3
      case .shift: range = 1...3
      case .bias: range = -0.2...0.2
      }
      return (
        description.name,
        .random(description.fileShape, seed: seed + UInt64(number), in: range)
      )
    }
  }

  func network(tracking: Bool = true) throws -> ClusterNetwork {
    let tensors = try (self == .net6c ? Self.net6cTensors : Self.net5gTensors).get()
    return try ClusterNetwork(configuration: configuration(tracking: tracking), tensors: tensors)
  }

  // Twenty million numbers: drawn once.
  private static let net6cTensors = Result { try net6c.drawnTensors() }
  private static let net5gTensors = Result { try net5g.drawnTensors() }

  private func drawnTensors() throws -> [String: Tensor] {
    let shapes = Dictionary(
      uniqueKeysWithValues: try configuration().tensorDescriptions.map { ($0.name, $0.shape) })
    let tensors = try fileTensors().map { name, values in
      (name, Self.inMemory(values, shape: shapes[name]!))
    }
    return Dictionary(uniqueKeysWithValues: tensors)
  }

  /// File [out, in · h · w] or [out, in, h, w] → memory [h, w, in, out].
  private static func inMemory(_ values: ReferenceTensor, shape: [Int]) -> Tensor {
    guard shape.count == 4 else { return values.tensor }
    return values.values.withUnsafeBufferPointer { source in
      var target = [Float]()
      target.reserveCapacity(source.count)
      for y in 0..<shape[0] {
        for x in 0..<shape[1] {
          for input in 0..<shape[2] {
            for output in 0..<shape[3] {
              let place = ((output * shape[2] + input) * shape[0] + y) * shape[1] + x
              target.append(Float(source[place]))
            }
          }
        }
      }
      return Tensor(shape: shape, values: target)
    }
  }

  /// The flat place in memory [h, w, in, out] of one in a file, [out, in, h, w] flattened.
  static func placeInMemory(_ place: Int, shape: [Int]) -> Int {
    guard shape.count == 4 else { return place }
    let area = shape[0] * shape[1]
    let (output, rest) = place.quotientAndRemainder(dividingBy: shape[2] * area)
    let (input, cell) = rest.quotientAndRemainder(dividingBy: area)
    return (cell * shape[2] + input) * shape[3] + output
  }

  func batch() throws -> PairBatch {
    let side = try configuration().inputSize
    let shape = [Self.pairs, side, side, bands]
    let coarse = ReferenceTensor.random([Self.pairs, 4, 4, bands], seed: seed + 500, in: 0...1)
    let texture = ReferenceTensor.random(shape, seed: seed + 501, in: -0.2...0.2)
    let noise = ReferenceTensor.random(shape, seed: seed + 502, in: -0.1...0.1)
    var first = ReferenceTensor(shape: shape)
    var second = ReferenceTensor(shape: shape)
    for n in 0..<Self.pairs {
      for y in 0..<side {
        for x in 0..<side {
          for band in 0..<bands {
            let value = coarse[n, y * 4 / side, x * 4 / side, band] + texture[n, y, x, band]
            first[n, y, x, band] = value * Double(1 + n) / 2
            let (toY, toX) = ((y + 1) % side, (x + 2) % side)
            second[n, toY, toX, band] = first[n, y, x, band] + noise[n, toY, toX, band]
          }
        }
      }
    }
    return PairBatch(first: first.tensor, second: second.tensor)
  }
}
