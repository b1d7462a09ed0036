/// Gradients by central differences in Double, to hold analytic gradients against.
public enum CentralDifference {
  /// The gradient of a scalar function at a point: (f(x + h) − f(x − h)) / 2h for each element.
  ///
  /// The error is of the order of h² times the third derivative plus 1e-16 / h times the value:
  /// about 1e-10 of a well-scaled function at the default step. The function must be smooth
  /// within one step of the point.
  ///
  /// - Parameters:
  ///   - function: the scalar function; called twice for each element.
  ///   - point: where the gradient is taken.
  ///   - step: h, in the units of the point's values.
  public static func gradient(
    of function: (ReferenceTensor) -> Double, at point: ReferenceTensor, step: Double = 1e-5
  ) -> ReferenceTensor {
    gradient(of: function, at: point, elements: point.values.indices, step: step)
  }

  /// The gradient at some elements only; the others are 0. For functions too slow to
  /// differentiate in every element.
  public static func gradient(
    of function: (ReferenceTensor) -> Double, at point: ReferenceTensor,
    elements: some Sequence<Int>, step: Double = 1e-5
  ) -> ReferenceTensor {
    var gradient = ReferenceTensor(shape: point.shape)
    var moved = point
    for element in elements {
      let value = point.values[element]
      moved.values[element] = value + step
      let above = function(moved)
      moved.values[element] = value - step
      let below = function(moved)
      moved.values[element] = value
      // The step as stored, which rounding makes differ from the step asked for.
      gradient.values[element] = (above - below) / ((value + step) - (value - step))
    }
    return gradient
  }
}
