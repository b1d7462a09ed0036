/// Pooling of square windows over NHWC images; the output has
/// (h + 2 · padding − size) / stride + 1 rows, rounded down.
public struct ReferencePooling: Sendable {
  /// The window's side, in pixels.
  public let size: Int
  /// The distance between neighbouring windows, in pixels.
  public let stride: Int
  /// Rows and columns added on each side, which a maximum never picks.
  public let padding: Int

  /// Windows of `size` pixels a side, `stride` apart.
  public init(size: Int, stride: Int, padding: Int = 0) {
    self.size = size
    self.stride = stride
    self.padding = padding
  }

  /// The largest value of each window.
  public func maximum(_ input: ReferenceTensor) -> ReferenceTensor {
    overWindows(of: input) { $0.max()! }
  }

  /// The mean of each window. Traps with padding, for which the mean is not defined here.
  public func average(_ input: ReferenceTensor) -> ReferenceTensor {
    precondition(padding == 0, "average pooling with padding \(padding)")
    return overWindows(of: input) { $0.reduce(0, +) / Double($0.count) }
  }

  private func overWindows(
    of input: ReferenceTensor, _ summarise: ([Double]) -> Double
  ) -> ReferenceTensor {
    let (height, width) = (input.shape[1], input.shape[2])
    var output = ReferenceTensor(
      shape: [
        input.shape[0], (height + 2 * padding - size) / stride + 1,
        (width + 2 * padding - size) / stride + 1, input.shape[3],
      ])
    for image in 0..<output.shape[0] {
      for y in 0..<output.shape[1] {
        for x in 0..<output.shape[2] {
          for channel in 0..<output.shape[3] {
            var window: [Double] = []
            for row in (y * stride - padding)..<(y * stride - padding + size)
            where row >= 0 && row < height {
              for column in (x * stride - padding)..<(x * stride - padding + size)
              where column >= 0 && column < width {
                window.append(input[image, row, column, channel])
              }
            }
            output[image, y, x, channel] = summarise(window)
          }
        }
      }
    }
    return output
  }
}
