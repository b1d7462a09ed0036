/// Sobel's gradient of a grey image, as the published networks see it.
public enum Sobel {
  /// Both gradients [n, h, w, 2] of a grey image [n, h, w, 1]: the first falls from left to right
  /// (kernel rows 1 0 −1, 2 0 −2, 1 0 −1), the second from top to bottom (1 2 1, 0 0 0, −1 −2 −1),
  /// zeros outside.
  public static func forward(_ grey: Tensor, on workers: Workers) -> Tensor {
    precondition(grey.imageExtents.channels == 1, "Sobel's gradient of \(grey.shape)")
    return Convolution(inputChannels: 1, outputChannels: 2, kernelSize: 3, padding: 1)
      .forward(grey, weight: kernels, on: workers)
  }

  /// The two kernels as convolution weights [3, 3, 1, 2].
  package static let kernels = Tensor(
    shape: [3, 3, 1, 2],
    values: [
      1, 1, 0, 2, -1, 1,
      2, 0, 0, 0, -2, 0,
      1, -1, 0, -2, -1, -1,
    ])
}
