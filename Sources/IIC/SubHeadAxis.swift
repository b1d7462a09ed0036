internal import Tensor

// Sub-heads lie on the axis before the last: maps are [n, h, w, s, k] for s sub-heads of k
// clusters. Seen as [n, h, w, s · k] the same memory is the output of one product.

extension Tensor {
  /// The maps or weights [..., k] of one sub-head out of those of all, [..., s, k].
  func subHead(_ index: Int) -> Tensor { beforeLastAxis(index) }

  /// All sub-heads' maps or weights [..., s, k] from one [..., k] a sub-head.
  init(subHeads parts: [Tensor]) { self.init(stackedBeforeLastAxis: parts) }
}
