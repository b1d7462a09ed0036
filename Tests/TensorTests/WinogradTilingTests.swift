import Testing

@testable import Tensor

/// How tiles are shared out to the workers.
@Suite struct WinogradTilingTests {
  /// Maps and channels of ClusterNet5g's first two groups, and others that leave a remainder.
  @Test(arguments: [
    (66, 17, 64), (66, 9, 128), (67, 9, 128), (5, 24, 128), (1, 7, 64), (700, 12, 128),
  ])
  func `each worker has as many tiles of a weight's gradient`(
    images: Int, side: Int, channels: Int
  ) throws {
    let convolution = Convolution(
      inputChannels: channels, outputChannels: channels, kernelSize: 3, padding: 1)
    let shape = [images, side, side, channels]
    let scheme = try #require(WinogradScheme.best(for: convolution, height: side, width: side))
    let tiling = WinogradTiling(
      convolution, scheme: scheme, inputShapes: [shape], outputShapes: [shape])
    for threads in 1...4 {
      let block = tiling.gradientBlock(threads: threads)
      let blocks = (tiling.tiles + block - 1) / block
      let most =
        (0..<threads).map { worker in
          let first = worker * blocks / threads * block
          return min((worker + 1) * blocks / threads * block, tiling.tiles) - first
        }.max() ?? 0
      let fair = (tiling.tiles + threads - 1) / threads
      let blocksEach = (blocks + threads - 1) / threads
      #expect(most <= fair + blocksEach, "\(block) tiles a block, \(threads) threads")
      #expect(block <= 256)
    }
  }
}
