internal import Tensor

// Sub-heads lie on the axis before the last: maps are [n, h, w, s, k] for s sub-heads of k
// clusters. Seen as [n, h, w, s · k] the same memory is the output of one 1×1 convolution.

extension Tensor {
  /// The maps or weights [..., k] of one sub-head out of those of all, [..., s, k].
  func subHead(_ index: Int) -> Tensor {
    precondition(shape.count >= 2, "no sub-heads in the shape \(shape)")
    let (subHeads, clusters) = (shape[shape.count - 2], shape[shape.count - 1])
    precondition(index >= 0 && index < subHeads, "sub-head \(index) of \(subHeads)")
    if subHeads == 1 { return reshaped(to: shape.dropLast(2) + [clusters]) }
    var part = Tensor(shape: shape.dropLast(2) + [clusters])
    withSpan { source in
      part.withMutableSpan { target in
        var from = index * clusters
        for to in stride(from: 0, to: target.count, by: clusters) {
          for k in 0..<clusters { target[to + k] = source[from + k] }
          from += subHeads * clusters
        }
      }
    }
    return part
  }

  /// All sub-heads' maps or weights [..., s, k] from one [..., k] a sub-head.
  init(subHeads parts: [Tensor]) {
    guard let first = parts.first, let clusters = first.shape.last else {
      preconditionFailure("no sub-heads to join")
    }
    let shape = first.shape.dropLast() + [parts.count, clusters]
    if parts.count == 1 {
      self = first.reshaped(to: Array(shape))
      return
    }
    self.init(shape: Array(shape))
    for (index, part) in parts.enumerated() {
      precondition(part.shape == first.shape, "sub-heads of \(first.shape) and \(part.shape)")
      withMutableSpan { target in
        part.withSpan { source in
          var to = index * clusters
          for from in stride(from: 0, to: source.count, by: clusters) {
            for k in 0..<clusters { target[to + k] = source[from + k] }
            to += parts.count * clusters
          }
        }
      }
    }
  }
}
