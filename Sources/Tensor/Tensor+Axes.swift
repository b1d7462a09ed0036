import Kernels

// Parts of a tensor along an axis, and tensors put together of parts.

extension Tensor {
  /// The part [..., c] at an index of the axis before the last, out of [..., s, c].
  public func beforeLastAxis(_ index: Int) -> Tensor {
    precondition(shape.count >= 2, "no axis before the last in the shape \(shape)")
    let (parts, length) = (shape[shape.count - 2], shape[shape.count - 1])
    precondition(index >= 0 && index < parts, "part \(index) of \(parts)")
    let partShape = Array(shape.dropLast(2)) + [length]
    if parts == 1 { return reshaped(to: partShape) }
    var part = Tensor(uninitialised: partShape)
    let target = part.mutableElements()
    for row in 0..<part.count / max(length, 1) {
      (target + row * length).update(
        from: elements + (row * parts + index) * length, count: length)
    }
    return part
  }

  /// [..., s, c] of s parts [..., c]. Traps if there are none or their shapes differ.
  public init(stackedBeforeLastAxis parts: [Tensor]) {
    guard let first = parts.first, let length = first.shape.last else {
      preconditionFailure("no parts to stack")
    }
    let shape = Array(first.shape.dropLast()) + [parts.count, length]
    if parts.count == 1 {
      self = first.reshaped(to: shape)
      return
    }
    self.init(uninitialised: shape)
    let target = mutableElements()
    for (index, part) in parts.enumerated() {
      precondition(part.shape == first.shape, "parts of \(first.shape) and \(part.shape)")
      for row in 0..<part.count / max(length, 1) {
        (target + (row * parts.count + index) * length).update(
          from: part.elements + row * length, count: length)
      }
    }
  }

  /// The tensor so many times over, along the first axis.
  public func repeated(_ times: Int, on workers: Workers) -> Tensor {
    precondition(!shape.isEmpty && times >= 1, "\(times) times the shape \(shape)")
    if times == 1 { return self }
    var result = Tensor(
      uninitialised: [shape[0] * times] + shape.dropFirst(), on: workers)
    let target = result.mutableElements()
    for time in 0..<times {
      (target + time * count).update(from: elements, count: count)
    }
    return result
  }

  /// The sum of the `times` equal parts that the first axis falls into. Traps unless it does.
  public func sumOfRepeats(_ times: Int, on workers: Workers) -> Tensor {
    precondition(
      !shape.isEmpty && times >= 1 && shape[0] % times == 0, "\(times) parts of \(shape)")
    if times == 1 { return self }
    let size = count / times
    var result = firstAxis(0..<shape[0] / times)
    let target = result.mutableElements()
    for time in 1..<times {
      kernels_add_scaled(target, elements + time * size, 1, size)
    }
    return result
  }

  /// Adds a vector [c] to each row of the last axis, [..., c].
  public mutating func addToRows(_ row: Tensor, on workers: Workers) {
    precondition(
      row.shape.count == 1 && shape.last == row.count, "adding \(row.shape) to rows of \(shape)")
    let length = row.count
    let target = mutableElements()
    workers.split(count / max(length, 1)) { range, _ in
      for index in range { kernels_add_scaled(target + index * length, row.elements, 1, length) }
    }
  }
}
