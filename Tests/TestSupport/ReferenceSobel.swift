/// The two Sobel gradients of single-channel images, cross-correlated with the published kernels,
/// zeros outside.
public enum ReferenceSobel {
  /// The kernel of the first output channel.
  public static let horizontal: [[Double]] = [[1, 0, -1], [2, 0, -2], [1, 0, -1]]
  /// The kernel of the second output channel.
  public static let vertical: [[Double]] = [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]

  /// The gradients, [n, h, w, 1] to [n, h, w, 2].
  public static func forward(_ input: ReferenceTensor) -> ReferenceTensor {
    let (height, width) = (input.shape[1], input.shape[2])
    var output = ReferenceTensor(shape: [input.shape[0], height, width, 2])
    for image in 0..<input.shape[0] {
      for y in 0..<height {
        for x in 0..<width {
          for i in 0..<3 where y + i - 1 >= 0 && y + i - 1 < height {
            for j in 0..<3 where x + j - 1 >= 0 && x + j - 1 < width {
              let value = input[image, y + i - 1, x + j - 1, 0]
              output[image, y, x, 0] += horizontal[i][j] * value
              output[image, y, x, 1] += vertical[i][j] * value
            }
          }
        }
      }
    }
    return output
  }
}
