public import Tensor

/// Refines class probabilities with the image as guide, so that borders between classes follow
/// the image's edges: a guided filter of each class's probability, brought back to probabilities.
public struct GuidedRefinement: Sendable, Equatable {
  /// The filter; its radius is in pixels, its epsilon for bands scaled to about [0, 1].
  public let filter: GuidedFilter

  /// A refinement of radius 12 and epsilon 0.001 unless given others; see ``GuidedFilter`` for
  /// what traps.
  public init(radius: Int = 12, epsilon: Double = 1e-3) {
    filter = GuidedFilter(radius: radius, epsilon: epsilon)
  }

  /// How far from a pixel its result still depends on the input, in pixels.
  public var halo: Int { filter.halo }

  /// Refined probabilities of a rectangle of a tile.
  ///
  /// - Parameters:
  ///   - probabilities: [height, width, classes], each pixel's summing to 1.
  ///   - guide: [height, width, bands], scaled to about [0, 1]; of more than
  ///     ``GuidedFilter/maximumGuideBands`` bands the first ones guide.
  ///   - valid: [height, width]; invalid pixels carry no weight.
  ///   - rows: The rows of the result.
  ///   - columns: The columns of the result.
  /// - Returns: [rows.count, columns.count, classes], not negative, each valid pixel's summing
  ///   to 1; 0 at invalid pixels.
  ///
  /// Traps where shapes do not fit. Runs on the calling thread, in the workers' memory: give each
  /// tile workers of its own.
  public func refined(
    _ probabilities: Tensor, guide: Tensor, valid: [Bool], rows: Range<Int>, columns: Range<Int>,
    on workers: Workers
  ) -> Tensor {
    precondition(guide.shape.count == 3, "a guide of shape \(guide.shape)")
    var result = filter.filtered(
      probabilities, guide: Self.leadingBands(of: guide), valid: valid, rows: rows,
      columns: columns, on: workers)
    let classes = result.shape[2]
    result.withMutableSpan { values in
      var first = 0
      while first < values.count {
        var sum: Float = 0
        for index in first..<first + classes {
          values[index] = max(values[index], 0)
          sum += values[index]
        }
        if sum > 0 { for index in first..<first + classes { values[index] /= sum } }
        first += classes
      }
    }
    return result
  }

  private static func leadingBands(of guide: Tensor) -> Tensor {
    let (height, width, bands) = (guide.shape[0], guide.shape[1], guide.shape[2])
    let kept = GuidedFilter.maximumGuideBands
    if bands <= kept { return guide }
    var leading = Tensor(shape: [height, width, kept])
    guide.withSpan { source in
      leading.withMutableSpan { target in
        for pixel in 0..<height * width {
          for band in 0..<kept { target[pixel * kept + band] = source[pixel * bands + band] }
        }
      }
    }
    return leading
  }
}
