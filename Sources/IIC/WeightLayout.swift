internal import Tensor

extension Tensor {
  /// A copy with the axes reversed in pairs, OIHW [o, i, h, w] → HWIO [h, w, i, o]: a file's
  /// convolution weights as they are in memory. Traps on another rank than 4.
  func convolutionWeightFromFile() -> Tensor {
    permuted([2, 3, 1, 0])
  }

  /// A copy HWIO [h, w, i, o] → OIHW [o, i, h, w]: convolution weights as they stand in a file.
  /// Traps on another rank than 4.
  func convolutionWeightForFile() -> Tensor {
    permuted([3, 2, 0, 1])
  }

  /// A copy whose axis `a` is this one's axis `axes[a]`.
  private func permuted(_ axes: [Int]) -> Tensor {
    precondition(shape.count == 4, "convolution weights of the shape \(shape)")
    let strides = [shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1]
    let extents = axes.map { shape[$0] }
    let steps = axes.map { strides[$0] }
    var result = Tensor(shape: extents)
    guard count > 0 else { return result }
    withSpan { source in
      result.withMutableSpan { target in
        var index = 0
        for a in 0..<extents[0] {
          for b in 0..<extents[1] {
            for c in 0..<extents[2] {
              let start = a * steps[0] + b * steps[1] + c * steps[2]
              for d in 0..<extents[3] {
                target[index] = source[start + d * steps[3]]
                index += 1
              }
            }
          }
        }
      }
    }
    return result
  }
}
