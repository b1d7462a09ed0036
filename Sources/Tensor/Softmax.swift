import Kernels

/// Softmax over the last axis.
public enum Softmax {
  /// eˣ / Σ eˣ along the last axis.
  public static func forward(_ x: Tensor, on workers: Workers) -> Tensor {
    let channels = lastExtent(of: x)
    var output = Tensor(uninitialised: x.shape, on: workers)
    let out = output.mutableElements()
    workers.split(x.count / channels) { range, _ in
      let at = range.lowerBound * channels
      kernels_softmax(x.elements + at, out + at, range.count, channels)
    }
    return output
  }

  /// The gradient with respect to softmax's input for that of its output y: y (dy − Σ y dy).
  public static func inputGradient(
    _ outputGradient: Tensor, output y: Tensor, on workers: Workers
  ) -> Tensor {
    precondition(outputGradient.shape == y.shape, "\(outputGradient.shape) for \(y.shape)")
    let channels = lastExtent(of: y)
    var result = Tensor(uninitialised: y.shape, on: workers)
    let out = result.mutableElements()
    workers.split(y.count / channels) { range, _ in
      let at = range.lowerBound * channels
      kernels_softmax_gradient(
        outputGradient.elements + at, y.elements + at, out + at, range.count, channels)
    }
    return result
  }

  private static func lastExtent(of x: Tensor) -> Int {
    guard let extent = x.shape.last, extent > 0 else {
      preconditionFailure("softmax of the shape \(x.shape)")
    }
    return extent
  }
}
