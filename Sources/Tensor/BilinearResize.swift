import Kernels

/// Bilinear resizing of images as PyTorch does it with `align_corners = false`: pixel centres keep
/// their places, so the first output pixel lies at (0.5 · scale − 0.5) of the input, and places
/// beyond the border take the border's value.
public enum BilinearResize {
  /// The images [n, h, w, c] at another height and width.
  public static func forward(
    _ x: Tensor, height: Int, width: Int, on workers: Workers
  ) -> Tensor {
    let (images, inputHeight, inputWidth, channels) = x.imageExtents
    let rows = axis(from: inputHeight, to: height)
    let columns = axis(from: inputWidth, to: width)
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
    let rows = axis(from: inputHeight, to: height)
    let columns = axis(from: inputWidth, to: width)
    var result = Tensor(uninitialised: [images, inputHeight, inputWidth, channels], on: workers)
    let target = result.mutableElements()
    // Each input row gathers from the output rows that read it, so that workers never share one.
    let readers = rows.readers(of: inputHeight)
    workers.split(images * inputHeight) { range, _ in
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: inputHeight)
        let into = target + line * inputWidth * channels
        into.update(repeating: 0, count: inputWidth * channels)
        for (reader, weight) in readers[row] {
          kernels_resize_row_gradient(
            outputGradient.elements + (image * height + reader) * width * channels, weight,
            columns.lower, columns.upper, columns.fraction, into, width, channels)
        }
      }
    }
    return result
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

  private static func axis(from input: Int, to output: Int) -> Axis {
    precondition(input > 0 && output > 0, "resizing \(input) to \(output)")
    let scale = Float(input) / Float(output)
    var axis = Axis(lower: [], upper: [], fraction: [])
    for index in 0..<output {
      let place = max(0, scale * (Float(index) + 0.5) - 0.5)
      let lower = min(Int(place), input - 1)
      axis.lower.append(lower)
      axis.upper.append(min(lower + 1, input - 1))
      axis.fraction.append(place - Float(lower))
    }
    return axis
  }
}
