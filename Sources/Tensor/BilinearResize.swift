import Kernels

/// Bilinear resizing of images as PyTorch does it with `align_corners = false`: pixel centres keep
/// their places, so the first output pixel lies at (0.5 · scale − 0.5) of the input, and places
/// beyond the border take the border's value.
public enum BilinearResize {
  /// A part of images at another height and width.
  public struct Window: Sendable, Equatable {
    /// Rows of the part.
    public let rows: Range<Int>
    /// Columns of the part.
    public let columns: Range<Int>
    /// Rows of the whole.
    public let height: Int
    /// Columns of the whole.
    public let width: Int

    /// A part. Traps unless it lies in the whole and is not empty.
    public init(rows: Range<Int>, columns: Range<Int>, height: Int, width: Int) {
      precondition(
        !rows.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= height && !columns.isEmpty
          && columns.lowerBound >= 0 && columns.upperBound <= width,
        "rows \(rows) and columns \(columns) of \(height) × \(width)")
      self.rows = rows
      self.columns = columns
      self.height = height
      self.width = width
    }

    /// The whole.
    init(height: Int, width: Int) {
      self.init(rows: 0..<height, columns: 0..<width, height: height, width: width)
    }
  }

  /// The images [n, h, w, c] at another height and width.
  public static func forward(
    _ x: Tensor, height: Int, width: Int, on workers: Workers
  ) -> Tensor {
    forward(x, to: Window(height: height, width: width), on: workers)
  }

  /// A part of the images [n, h, w, c] at another height and width, without the rest being made.
  public static func forward(_ x: Tensor, to window: Window, on workers: Workers) -> Tensor {
    let (images, inputHeight, inputWidth, channels) = x.imageExtents
    let (height, width) = (window.rows.count, window.columns.count)
    let rows = axis(from: inputHeight, to: window.height, window.rows)
    let columns = axis(from: inputWidth, to: window.width, window.columns)
    var output = Tensor(uninitialised: [images, height, width, channels], on: workers)
    let out = output.mutableElements()
    workers.split(images * height) { range, _ in
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: height)
        let plane = x.elements + image * inputHeight * inputWidth * channels
        kernels_resize_row(
          plane + rows.lower[row] * inputWidth * channels,
          plane + rows.upper[row] * inputWidth * channels, rows.fraction[row], columns.lower,
          columns.upper, columns.fraction, out + line * width * channels, width, channels)
      }
    }
    return output
  }

  /// The gradient with respect to the input of the given size.
  public static func inputGradient(
    _ outputGradient: Tensor, inputHeight: Int, inputWidth: Int, on workers: Workers
  ) -> Tensor {
    let (images, height, width, channels) = outputGradient.imageExtents
    var result = Tensor(uninitialised: [images, inputHeight, inputWidth, channels], on: workers)
    gather(
      outputGradient, of: Window(height: height, width: width), into: &result, keeping: false,
      on: workers)
    return result
  }

  /// Adds the gradient with respect to the input [n, h, w, c] for that of a part of the output.
  public static func addInputGradient(
    _ outputGradient: Tensor, of window: Window, to inputGradient: inout Tensor,
    on workers: Workers
  ) {
    gather(outputGradient, of: window, into: &inputGradient, keeping: true, on: workers)
  }

  /// Gathers the input's gradient, in place of what was there or added to it.
  private static func gather(
    _ outputGradient: Tensor, of window: Window, into inputGradient: inout Tensor, keeping: Bool,
    on workers: Workers
  ) {
    let (images, inputHeight, inputWidth, channels) = inputGradient.imageExtents
    let (height, width) = (window.rows.count, window.columns.count)
    precondition(
      outputGradient.shape == [images, height, width, channels],
      "a gradient \(outputGradient.shape) of \(window) for an input \(inputGradient.shape)")
    let rows = axis(from: inputHeight, to: window.height, window.rows)
    let columns = axis(from: inputWidth, to: window.width, window.columns)
    let target = inputGradient.mutableElements()
    // Each input row gathers from the output rows that read it, so that workers never share one.
    let readers = rows.readers(of: inputHeight)
    workers.split(images * inputHeight) { range, _ in
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: inputHeight)
        let into = target + line * inputWidth * channels
        if !keeping { into.update(repeating: 0, count: inputWidth * channels) }
        for (reader, weight) in readers[row] {
          kernels_resize_row_gradient(
            outputGradient.elements + (image * height + reader) * width * channels, weight,
            columns.lower, columns.upper, columns.fraction, into, width, channels)
        }
      }
    }
  }

  private struct Axis {
    var lower: [Int]
    var upper: [Int]
    /// The weight of `upper`.
    var fraction: [Float]

    /// For each of `count` inputs, the outputs that read it and with which weight.
    func readers(of count: Int) -> [[(output: Int, weight: Float)]] {
      var readers = [[(output: Int, weight: Float)]](repeating: [], count: count)
      for output in lower.indices {
        readers[lower[output]].append((output, 1 - fraction[output]))
        readers[upper[output]].append((output, fraction[output]))
      }
      return readers
    }
  }

  /// Of the outputs in a range of all.
  private static func axis(from input: Int, to output: Int, _ range: Range<Int>) -> Axis {
    precondition(input > 0 && output > 0, "resizing \(input) to \(output)")
    let scale = Float(input) / Float(output)
    var axis = Axis(lower: [], upper: [], fraction: [])
    for index in range {
      let place = max(0, scale * (Float(index) + 0.5) - 0.5)
      let lower = min(Int(place), input - 1)
      axis.lower.append(lower)
      axis.upper.append(min(lower + 1, input - 1))
      axis.fraction.append(place - Float(lower))
    }
    return axis
  }
}
