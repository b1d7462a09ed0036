extension Workers {
  /// What `transform` makes of each number, in order; the work is split among the threads.
  public func map<Result: Sendable>(
    _ numbers: Range<Int>, _ transform: @escaping @Sendable (Int) -> Result
  ) -> [Result] {
    [Result](unsafeUninitializedCapacity: numbers.count) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      split(numbers.count) { range, _ in
        for index in range {
          (base + index).initialize(to: transform(numbers.lowerBound + index))
        }
      }
      count = numbers.count
    }
  }
}
