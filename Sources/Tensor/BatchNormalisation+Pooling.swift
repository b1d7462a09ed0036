import Kernels

// Normalisation, ReLU and max-pooling in one pass over the pixels, so that the activation before
// the pooling, four times its output, is never in memory.

extension BatchNormalisation {
  /// The largest of max(0, γ (y − μ) / √(σ² + ε) + β) in each window: [n, h′, w′, c] of
  /// y [n, h, w, c] and γ, β [c].
  ///
  /// Traps unless the windows are disjoint and lie side by side.
  public static func applyPooled(
    _ y: Tensor, statistics: ChannelStatistics, scale gamma: Tensor, shift beta: Tensor,
    pooling: MaxPooling, epsilon: Float = epsilon, on workers: Workers
  ) -> Tensor {
    let folded = FoldedNormalisation(
      statistics, scale: gamma, shift: beta, epsilon: epsilon)
    let windows = PooledWindows(pooling, inputShape: y.shape)
    precondition(
      y.shape[3] == folded.scale.count, "\(folded.scale.count) channels' statistics for \(y.shape)")
    var output = Tensor(uninitialised: windows.outputShape, on: workers)
    let out = output.mutableElements()
    workers.split(windows.lines) { range, _ in
      for line in range {
        let (image, top, bottom) = windows.rows(ofLine: line)
        kernels_normalised_pool_row(
          y.elements + image, windows.inputWidth, top, bottom, pooling.size, pooling.padding,
          folded.scale, folded.shift, out + line * windows.lineLength, windows.width,
          windows.channels)
      }
    }
    return output
  }

  /// The gradient of `applyPooled` with respect to y, the statistics being y's own; adds the
  /// gradients of γ and β into theirs. A window's gradient goes to its largest value, the first of
  /// equals in reading order; where that was cut at zero none passes.
  public static func pooledGradient(
    _ outputGradient: Tensor, input y: Tensor, statistics: ChannelStatistics, scale gamma: Tensor,
    shift beta: Tensor, scaleGradient: inout Tensor, shiftGradient: inout Tensor,
    pooling: MaxPooling, epsilon: Float = epsilon, on workers: Workers
  ) -> Tensor {
    let folded = FoldedNormalisation(
      statistics, scale: gamma, shift: beta, epsilon: epsilon)
    let windows = PooledWindows(pooling, inputShape: y.shape)
    precondition(
      outputGradient.shape == windows.outputShape,
      "output gradient \(outputGradient.shape), input \(y.shape)")
    let (sum, product) = twoChannelSums(
      rows: windows.lines, channels: windows.channels, on: workers
    ) { range, sum, product in
      for line in range {
        let (image, top, bottom) = windows.rows(ofLine: line)
        kernels_normalised_pool_sums(
          outputGradient.elements + line * windows.lineLength, y.elements + image,
          windows.inputWidth, top, bottom, pooling.size, pooling.padding, folded.scale,
          folded.shift, statistics.mean, folded.inverse, windows.width, windows.channels, sum,
          product)
      }
    }
    scaleGradient.add(product)
    shiftGradient.add(sum)
    let pixels = Double(y.count / windows.channels)
    var (offset, slope) = ([Float](), [Float]())
    for c in 0..<windows.channels {
      offset.append(folded.scale[c] * Float(sum[c] / pixels))
      slope.append(folded.scale[c] * folded.inverse[c] * Float(product[c] / pixels))
    }
    var inputGradient = Tensor(uninitialised: y.shape, on: workers)
    let out = inputGradient.mutableElements()
    workers.split(windows.lines) { [offset, slope] range, _ in
      for line in range {
        let (image, top, bottom) = windows.rows(ofLine: line)
        kernels_normalised_pool_gradient(
          outputGradient.elements + line * windows.lineLength, y.elements + image,
          windows.inputWidth, top, bottom, pooling.size, pooling.padding, folded.scale,
          folded.shift, statistics.mean, offset, slope, out + image, windows.width,
          windows.channels)
        for pixels in windows.uncovered(ofLine: line) {
          kernels_unpooled_gradient(
            y.elements + pixels.lowerBound * windows.channels, statistics.mean, offset, slope,
            out + pixels.lowerBound * windows.channels, pixels.count, windows.channels)
        }
      }
    }
    return inputGradient
  }
}

/// Disjoint windows side by side over a batch of images. A line is a row of windows of one image.
private struct PooledWindows {
  private let size: Int
  private let padding: Int
  private let inputHeight: Int
  private let height: Int
  let inputWidth: Int
  let width: Int
  let channels: Int
  let outputShape: [Int]

  init(_ pooling: MaxPooling, inputShape: [Int]) {
    precondition(
      pooling.stride == pooling.size && inputShape.count == 4
        && min(inputShape[1], inputShape[2]) + 2 * pooling.padding >= pooling.size,
      "pooling \(inputShape) with disjoint windows of \(pooling)")
    (size, padding) = (pooling.size, pooling.padding)
    (inputHeight, inputWidth, channels) = (inputShape[1], inputShape[2], inputShape[3])
    (height, width) = pooling.outputSize(height: inputHeight, width: inputWidth)
    outputShape = [inputShape[0], height, width, channels]
  }

  var lines: Int { outputShape[0] * height }
  /// Numbers in a line of the output.
  var lineLength: Int { width * channels }

  /// Where a line's image begins in the input, and the rows of it that the windows cover.
  func rows(ofLine line: Int) -> (image: Int, top: Int, bottom: Int) {
    let (image, row) = line.quotientAndRemainder(dividingBy: height)
    let top = row * size - padding
    return (
      image * inputHeight * inputWidth * channels, max(top, 0), min(top + size, inputHeight)
    )
  }

  /// The input pixels, counted through all images, that lie right of a line's windows, or below
  /// the last line's.
  func uncovered(ofLine line: Int) -> [Range<Int>] {
    let (image, row) = line.quotientAndRemainder(dividingBy: height)
    let (_, top, bottom) = rows(ofLine: line)
    let first = image * inputHeight
    let right = min(width * size - padding, inputWidth)
    var ranges = (top..<bottom).map {
      ((first + $0) * inputWidth + right)..<((first + $0 + 1) * inputWidth)
    }
    if row == height - 1 {
      ranges.append((first + bottom) * inputWidth..<(first + inputHeight) * inputWidth)
    }
    return ranges.filter { !$0.isEmpty }
  }
}
