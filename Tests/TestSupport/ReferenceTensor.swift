/// A shape and its values in Double, row-major: the arithmetic that references are written in.
///
/// Everything about it favours being obviously right over being fast.
public struct ReferenceTensor: Sendable, Equatable {
  /// The extent of each axis, outermost first.
  public let shape: [Int]
  /// The values, row-major; as many as the product of `shape`.
  public var values: [Double]

  /// A tensor of the given values. Traps if their number does not fit the shape.
  public init(shape: [Int], values: [Double]) {
    precondition(
      values.count == shape.reduce(1, *),
      "\(values.count) values do not fill the shape \(shape)")
    self.shape = shape
    self.values = values
  }

  /// A tensor that holds one value throughout.
  public init(shape: [Int], repeating value: Double = 0) {
    self.init(shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
  }

  /// The number of values.
  public var count: Int { values.count }

  /// The value at (row, column) of a matrix.
  public subscript(_ row: Int, _ column: Int) -> Double {
    get { values[offset(row, column)] }
    set { values[offset(row, column)] = newValue }
  }

  /// The value at (first, second, third, fourth) of a tensor with four axes, such as
  /// (n, h, w, c) of a batch of images.
  public subscript(_ first: Int, _ second: Int, _ third: Int, _ fourth: Int) -> Double {
    get { values[offset(first, second, third, fourth)] }
    set { values[offset(first, second, third, fourth)] = newValue }
  }

  /// The same values under another shape of the same count.
  public func reshaped(to shape: [Int]) -> ReferenceTensor {
    ReferenceTensor(shape: shape, values: values)
  }

  /// The sum of all values.
  public var sum: Double { values.reduce(0, +) }

  /// The largest magnitude among the values; 0 when there are none.
  public var largestMagnitude: Double { values.reduce(0) { max($0, abs($1)) } }

  /// The inner product: the sum over all elements of the products. Traps if the shapes differ.
  public func dot(_ other: ReferenceTensor) -> Double {
    precondition(shape == other.shape, "inner product of shapes \(shape) and \(other.shape)")
    return zip(values, other.values).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The elementwise product. Traps if the shapes differ.
  public func times(_ other: ReferenceTensor) -> ReferenceTensor {
    precondition(shape == other.shape, "product of shapes \(shape) and \(other.shape)")
    return ReferenceTensor(shape: shape, values: zip(values, other.values).map { $0 * $1 })
  }

  /// The elementwise sum with a multiple of another tensor. Traps if the shapes differ.
  public func plus(_ other: ReferenceTensor, scaledBy scale: Double = 1) -> ReferenceTensor {
    precondition(shape == other.shape, "sum of shapes \(shape) and \(other.shape)")
    return ReferenceTensor(shape: shape, values: zip(values, other.values).map { $0 + scale * $1 })
  }

  /// Each value through a function.
  public func map(_ transform: (Double) -> Double) -> ReferenceTensor {
    ReferenceTensor(shape: shape, values: values.map(transform))
  }

  private func offset(_ row: Int, _ column: Int) -> Int {
    precondition(
      shape.count == 2 && row >= 0 && row < shape[0] && column >= 0 && column < shape[1],
      "element (\(row), \(column)) of shape \(shape)")
    return row * shape[1] + column
  }

  private func offset(_ first: Int, _ second: Int, _ third: Int, _ fourth: Int) -> Int {
    precondition(
      shape.count == 4 && first >= 0 && first < shape[0] && second >= 0 && second < shape[1]
        && third >= 0 && third < shape[2] && fourth >= 0 && fourth < shape[3],
      "element (\(first), \(second), \(third), \(fourth)) of shape \(shape)")
    return ((first * shape[1] + second) * shape[2] + third) * shape[3] + fourth
  }
}
