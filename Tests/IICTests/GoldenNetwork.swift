import IIC
import Tensor
import TestSupport
import Testing

/// The small SegmentationNet10aTwoHead that the golden network files speak of, read by code that
/// shares nothing with the package's own.
enum GoldenNetwork {
  static func configuration(
    _ architecture: ModelArchitecture = .segmentationNet10aTwoHead, tracking: Bool = true
  ) throws -> ModelConfiguration {
    try ModelConfiguration(
      architecture: architecture, inputChannels: 4, inputSize: 32, classes: 3,
      overclusters: architecture.hasTwoHeads ? 7 : nil, subHeads: 2, width: 0.125,
      batchNormTracking: tracking)
  }

  static func network() throws -> SegmentationNetwork {
    try SegmentationNetwork(
      configuration: configuration(), tensors: tensors(of: GoldenFile("network_model")))
  }

  /// A file's tensors as held in memory: OIHW weights as HWIO.
  static func tensors(of file: GoldenFile) -> [String: Tensor] {
    file.tensors.mapValues { tensor in
      guard tensor.shape.count == 4 else { return tensor.tensor }
      let (outputs, inputs, height, width) = (
        tensor.shape[0], tensor.shape[1], tensor.shape[2], tensor.shape[3]
      )
      var values: [Float] = []
      for y in 0..<height {
        for x in 0..<width {
          for input in 0..<inputs {
            for output in 0..<outputs {
              values.append(tensor.values[((output * inputs + input) * height + y) * width + x])
            }
          }
        }
      }
      return Tensor(shape: [height, width, inputs, outputs], values: values)
    }
  }

  static func batch(_ index: Int) throws -> PairBatch {
    let file = try GoldenFile("network_batches")
    let mask = file["batch_\(index).mask"]
    return PairBatch(
      first: file["batch_\(index).view_1"].tensor, second: file["batch_\(index).view_2"].tensor,
      matrices: file["batch_\(index).matrices"].tensor,
      mask: mask.tensor.reshaped(to: mask.shape + [1]))
  }
}

/// Records a failure unless a tensor is within `part` of the expected one's largest magnitude.
func expectWithin(
  _ part: Double, of expected: Tensor, _ actual: Tensor, _ subject: String,
  fileID: String = #fileID, filePath: String = #filePath, line: Int = #line, column: Int = #column
) {
  let largest = ReferenceTensor(expected).largestMagnitude
  expectClose(
    actual, expected, absolute: part * largest, relative: 0, subject, fileID: fileID,
    filePath: filePath, line: line, column: column)
}
