public import Tensor

// n images, h rows, w columns, c channels (NHWC); k clusters.

extension SegmentationNetwork {
  /// The trunk's features [n, h/2 − 4, w/2 − 4, c] of bands [n, h, w, b]; cell (i, j) lies at pixel
  /// (2i + 4.5, 2j + 4.5).
  ///
  /// Normalised by the running statistics, or by the batch's own where the configuration tracks
  /// none.
  public func trunkFeatures(_ x: Tensor, on workers: Workers) -> Tensor {
    trunk.infer(channels(of: x, on: workers), on: workers)
  }

  /// The class probabilities [n, h', w', k] at the cells of the trunk's features [n, h', w', c].
  /// Traps if there is no such head or sub-head.
  public func probabilities(
    ofFeatures features: Tensor, head: HeadName, subHead: Int, on workers: Workers
  ) -> Tensor {
    self.head(head).infer(features, subHead: subHead, on: workers)
  }

  /// The class probabilities [n, h/2 − 4, w/2 − 4, k] of bands [n, h, w, b] at the trunk's cells,
  /// each where it truly lies: cell (i, j) at pixel (2i + 4.5, 2j + 4.5).
  public func probabilities(
    _ x: Tensor, head: HeadName, subHead: Int, on workers: Workers
  ) -> Tensor {
    probabilities(
      ofFeatures: trunkFeatures(x, on: workers), head: head, subHead: subHead, on: workers)
  }

  /// The published output: class probabilities [n, h, w, k], one a sub-head, of bands [n, h, w, b].
  ///
  /// The head pads by one and its map is stretched to the input's size, which misplaces it by up
  /// to two pixels near the edge; ``probabilities(_:head:subHead:on:)`` does not.
  public func publishedOutput(_ x: Tensor, head: HeadName, on workers: Workers) -> [Tensor] {
    let maps = self.head(head).forward(
      trunkFeatures(x, on: workers), padding: MapGrid.stretched.padding, on: workers)
    return (0..<configuration.subHeads).map {
      BilinearResize.forward(
        maps.subHead($0), height: x.shape[1], width: x.shape[2], on: workers)
    }
  }
}
